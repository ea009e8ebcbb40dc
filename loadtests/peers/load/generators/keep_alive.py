"""Users of this project's KeepAliveUser, otherwise as those of FastHttpUser."""

import os

from locust import between, task

from loadtests.generator.keep_alive_user import KeepAliveUser

BODY, HEADERS = os.environ["BODY"], {"Content-Type": "application/json"}


class Visitor(KeepAliveUser):
    """Asks, and thinks."""

    wait_time = between(float(os.environ["THINK_MIN"]), float(os.environ["THINK_MAX"]))

    @task
    def ask(self) -> None:
        """Ask once."""
        self.client.post("/predict/", data=BODY, headers=HEADERS)
