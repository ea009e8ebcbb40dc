"""Functions as tasks, in a list."""

from locust import FastHttpUser, between


def look(user):
    user.client.get("/items")


def buy(user):
    user.client.post("/orders", json={"item": 1})


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)
    tasks = [look, buy, look]
