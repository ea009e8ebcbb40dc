"""Steps in their order."""

from locust import FastHttpUser, SequentialTaskSet, between, task


class Visit(SequentialTaskSet):
    @task
    def look(self):
        self.client.get("/items")

    @task
    def choose(self):
        self.client.get("/items/1", name="/items/[id]")

    @task
    def buy(self):
        self.client.post("/orders", json={"item": 1})


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)
    tasks = [Visit]
