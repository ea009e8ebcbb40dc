"""Users with a rate of their own."""

from locust import FastHttpUser, constant_throughput, task


class Visitor(FastHttpUser):
    wait_time = constant_throughput(3)

    @task
    def look(self):
        self.client.get("/items")
