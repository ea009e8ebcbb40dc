"""Users of the penguin API: each asks for the sex of a penguin, checks the answer, and thinks.

Give it to Locust by hand (`locust -f loadtests/locustfile.py --host http://127.0.0.1:8000`), open
Locust's web page, or let the notebooks drive it.
"""

import json
import os
import random

from locust import between, task

from loadtests.generator import pacing
from loadtests.generator.keep_alive_user import KeepAliveUser

pacing.spread_arrivals()

FIELDS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
# Penguins of all three species whose sex was determined in the field.
PENGUINS = (
    ((39.1, 18.7, 181, 3750), "MALE"),
    ((36.7, 19.3, 193, 3450), "FEMALE"),
    ((39.3, 20.6, 190, 3650), "MALE"),
    ((38.9, 17.8, 181, 3625), "FEMALE"),
    ((46.1, 13.2, 211, 4500), "FEMALE"),
    ((50.0, 16.3, 230, 5700), "MALE"),
    ((46.5, 17.9, 192, 3500), "FEMALE"),
    ((50.0, 19.5, 196, 3900), "MALE"),
)
QUESTIONS = tuple(
    (json.dumps(dict(zip(FIELDS, row, strict=True))), f'"prediction":"{sex}"'.encode())
    for row, sex in PENGUINS
)


class PenguinUser(KeepAliveUser):
    """One user of POST /predict/."""

    wait_time = between(
        float(os.environ.get("THINK_MIN", "5")), float(os.environ.get("THINK_MAX", "15"))
    )
    default_headers = {"Content-Type": "application/json"}  # noqa: RUF012  (Locust's own idiom)

    @task
    def predict(self) -> None:
        """Ask for one penguin; an answer that is not the right sex is a failure."""
        question, right = random.choice(QUESTIONS)  # noqa: S311
        with self.client.post("/predict/", data=question, catch_response=True) as response:
            if response.status_code == 200 and right not in (response.content or b""):
                response.failure("the answer is not the penguin's sex")
