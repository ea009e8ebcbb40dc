"""Calls that are under way side by side."""

from gevent.pool import Pool
from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        pool = Pool()
        for item in range(3):
            pool.spawn(self.client.get, f"/items/{item}", name="/items/[id]")
        pool.join()
