"""Users of the client that is built on requests."""

from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items", timeout=3)
