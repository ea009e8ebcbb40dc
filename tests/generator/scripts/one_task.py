"""One task of one user."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")
