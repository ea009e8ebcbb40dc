"""What hooks prepare before users come."""

from locust import FastHttpUser, between, events, task

prepared = []


@events.init.add_listener
def prepare(environment, **_):
    environment.shelf = "items"


@events.test_start.add_listener
def begin(environment, **_):
    prepared.append(environment.shelf)


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get(f"/{prepared[0]}")
