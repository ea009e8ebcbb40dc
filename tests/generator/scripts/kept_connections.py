"""This project's own users, with a log-in, checks, a redirect and calls side by side."""

from gevent.pool import Pool
from locust import between, task

from loadtests.generator.keep_alive_user import KeepAliveUser


class Member(KeepAliveUser):
    wait_time = between(0.2, 0.4)

    def on_start(self):
        self.client.post("/login", {"name": "someone", "password": "something"})

    @task
    def account(self):
        self.client.get("/account")

    @task
    def look(self):
        with self.client.get("/items", catch_response=True) as response:
            if "pears" not in response.text:
                response.failure("no pears")

    @task
    def order(self):
        self.client.post("/orders", json={"item": "apples"}, timeout=5)
        self.client.get("/broken")

    @task
    def move(self):
        pool = Pool()
        for page in ("/old", "/nowhere", "/text"):
            pool.spawn(self.client.get, page)
        pool.join()

    @task
    def read(self):
        with self.rest("GET", "/items/1", name="/items/[id]") as response:
            assert response.js["items"]
