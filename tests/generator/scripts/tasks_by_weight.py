"""Functions as tasks, by a dictionary of weights."""

from locust import FastHttpUser, between


def look(user):
    user.client.get("/items")


def buy(user):
    user.client.post("/orders", json={"item": 1})


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)
    tasks = {look: 2, buy: 1}
