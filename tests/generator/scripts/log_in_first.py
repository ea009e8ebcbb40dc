"""A log-in whose cookie later calls need."""

from locust import HttpUser, between, task


class Member(HttpUser):
    wait_time = between(0.2, 0.4)

    def on_start(self):
        self.client.post("/login", {"name": "someone", "password": "something"})

    @task
    def account(self):
        self.client.get("/account")
