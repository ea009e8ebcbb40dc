"""Two kinds of users, one three times as many."""

from locust import FastHttpUser, HttpUser, between, task


class Reader(FastHttpUser):
    weight = 3
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")


class Buyer(HttpUser):
    weight = 1
    wait_time = between(0.2, 0.4)

    @task
    def buy(self):
        self.client.post("/orders", json={"item": 1})
