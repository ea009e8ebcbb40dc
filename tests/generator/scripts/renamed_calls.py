"""Calls that get their name from around them, or once they are answered."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def search(self):
        with self.client.rename_request("a search"):
            self.client.get("/search?q=pears")
            self.client.get("/search?q=plums")

    @task
    def choose(self):
        with self.client.get("/items/1", catch_response=True) as response:
            response.request_meta["name"] = "an item"
