"""Tasks of which only some are wanted."""

# options: --tags read
from locust import FastHttpUser, between, tag, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @tag("read")
    @task
    def look(self):
        self.client.get("/items")

    @tag("write")
    @task
    def buy(self):
        self.client.post("/orders", json={})
