"""Answers that the script fails, and errors that it lets pass."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        with self.client.get("/items", catch_response=True) as response:
            if "pears" not in response.text:
                response.failure("no pears")

    @task
    def miss(self):
        with self.client.get("/nowhere", catch_response=True) as response:
            if response.status_code == 404:
                response.success()
