"""A task that gives up at once and is begun anew."""

from locust import FastHttpUser, between, task
from locust.exception import RescheduleTask


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")
        raise RescheduleTask
