"""One administrator, however many visitors."""

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")


class Administrator(FastHttpUser):
    fixed_count = 1
    wait_time = between(0.2, 0.4)

    @task
    def count(self):
        self.client.get("/items/count")
