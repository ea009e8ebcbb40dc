"""Calls whose answers are read as JSON."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        with self.rest("GET", "/items") as response:
            if response.js is not None and not response.js["items"]:
                response.failure("nothing to buy")

    @task
    def no_json(self):
        with self.rest("GET", "/text"):
            pass
