"""Users of FastHttpUser as Locust's documentation writes them."""

import os

from locust import FastHttpUser, between, task

BODY, HEADERS = os.environ["BODY"], {"Content-Type": "application/json"}


class Visitor(FastHttpUser):
    """Asks, and thinks."""

    wait_time = between(float(os.environ["THINK_MIN"]), float(os.environ["THINK_MAX"]))

    @task
    def ask(self) -> None:
        """Ask once."""
        self.client.post("/predict/", data=BODY, headers=HEADERS)
