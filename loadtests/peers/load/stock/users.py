"""This project's users as FastHttpUsers whose client is as shipped: it loses its connections.

geventhttpclient's own question whether an idle connection lives is put back as the load begins,
in place of this project's (`loadtests/generator/connections.py`).
"""

import random

from geventhttpclient.connectionpool import ConnectionPool
from locust import FastHttpUser, between, events, task

from loadtests.locustfile import QUESTIONS

SHIPPED = ConnectionPool._is_socket_alive


@events.test_start.add_listener
def as_shipped(**_event) -> None:
    """Ask as geventhttpclient does."""
    ConnectionPool._is_socket_alive = SHIPPED


class PenguinUser(FastHttpUser):
    """One user of POST /predict/."""

    wait_time = between(5, 15)
    default_headers = {"Content-Type": "application/json"}  # noqa: RUF012  (Locust's own idiom)

    @task
    def predict(self) -> None:
        """Ask for one penguin; an answer that is not the right sex is a failure."""
        question, right = random.choice(QUESTIONS)  # noqa: S311
        with self.client.post("/predict/", data=question, catch_response=True) as response:
            if response.status_code == 200 and right not in (response.content or b""):
                response.failure("the answer is not the penguin's sex")
