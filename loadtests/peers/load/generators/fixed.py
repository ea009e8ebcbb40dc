"""Users of FastHttpUser as documented, in a process that has this project's `keep_alive`."""

import os

from locust import FastHttpUser, between, task

from loadtests.generator.connections import keep_alive

keep_alive()

BODY, HEADERS = os.environ["BODY"], {"Content-Type": "application/json"}


class Visitor(FastHttpUser):
    """Asks, and thinks."""

    wait_time = between(float(os.environ["THINK_MIN"]), float(os.environ["THINK_MAX"]))

    @task
    def ask(self) -> None:
        """Ask once."""
        self.client.post("/predict/", data=BODY, headers=HEADERS)
