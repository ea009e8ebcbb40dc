"""A host of the script's own, which the one that is asked for replaces."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    host = "http://service.invalid"
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")
