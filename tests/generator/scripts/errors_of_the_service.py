"""Calls that the service fails."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")

    @task
    def fail(self):
        self.client.get("/broken")

    @task
    def miss(self):
        self.client.get("/nowhere")
