"""Users of a shop."""

from locust import FastHttpUser, between


class Shopper(FastHttpUser):
    abstract = True
    wait_time = between(0.2, 0.4)

    def open(self, path):
        self.client.get(path)
