"""Users of a contender: each asks for the sex of a penguin in the contender's own words.

`asked.json` beside it has the path, and of every penguin the body and what a right answer has.
"""

import json
import random
from pathlib import Path

from locust import FastHttpUser, between, task

ASKED = json.loads(Path(__file__).with_name("asked.json").read_text())
QUESTIONS = tuple((body, right.encode()) for body, right in ASKED["questions"])


class PenguinUser(FastHttpUser):
    """One user of a contender."""

    wait_time = between(5, 15)
    default_headers = {"Content-Type": "application/json"}  # noqa: RUF012  (Locust's own idiom)

    @task
    def predict(self) -> None:
        """Ask for one penguin; an answer that is not the right sex is a failure."""
        body, right = random.choice(QUESTIONS)  # noqa: S311
        with self.client.post(ASKED["path"], data=body, catch_response=True) as response:
            if response.status_code == 200 and right not in (response.content or b""):
                response.failure("the answer is not the penguin's sex")
