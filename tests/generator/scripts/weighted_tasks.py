"""Tasks of which one is chosen three times as often."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task(3)
    def look(self):
        self.client.get("/items")

    @task
    def buy(self):
        self.client.post("/orders", json={"item": 1})
