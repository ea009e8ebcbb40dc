"""Users of HttpUser as Locust's documentation writes them."""

import os

from locust import HttpUser, between, task

BODY, HEADERS = os.environ["BODY"], {"Content-Type": "application/json"}


class Visitor(HttpUser):
    """Asks, and thinks."""

    wait_time = between(float(os.environ["THINK_MIN"]), float(os.environ["THINK_MAX"]))

    @task
    def ask(self) -> None:
        """Ask once."""
        self.client.post("/predict/", data=BODY, headers=HEADERS)
