"""Calls that share a name, and calls with a query."""

import random

from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def choose(self):
        self.client.get(f"/items/{random.randint(1, 9)}", name="one item")

    @task
    def search(self):
        self.client.get("/search", params={"q": "pears"}, name="/search")
