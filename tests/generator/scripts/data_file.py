"""Users who ask what a file beside the script says."""

import csv
import random

from locust import FastHttpUser, between, task

with open("data/items.csv") as lines:
    ITEMS = [int(row["id"]) for row in csv.DictReader(lines)]


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def choose(self):
        self.client.get(f"/items/{random.choice(ITEMS)}", name="/items/[id]")
