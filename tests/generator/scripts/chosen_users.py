"""Two kinds of users, of whom one is asked for."""

# options: Reader
from locust import FastHttpUser, between, task


class Reader(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")


class Buyer(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def buy(self):
        self.client.post("/orders", json={})
