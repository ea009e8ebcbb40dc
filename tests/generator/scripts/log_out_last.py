"""Users who say good-bye."""

from locust import FastHttpUser, between, task


class Member(FastHttpUser):
    wait_time = between(0.2, 0.4)

    def on_start(self):
        self.client.post("/login", json={})

    @task
    def account(self):
        self.client.get("/account")

    def on_stop(self):
        self.client.post("/logout")
