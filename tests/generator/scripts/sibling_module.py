"""Users who inherit from a module beside the script."""

from locust import task
from shopping.base import Shopper


class Visitor(Shopper):
    @task
    def look(self):
        self.open("/items")
