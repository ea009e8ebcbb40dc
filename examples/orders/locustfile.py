"""A shop's customers: most look at an order or at their list, one in ten orders something."""

import random

from locust import FastHttpUser, between, task

CUSTOMERS = 2000
PRODUCTS = 1000
ORDERS = 20_000


class Customer(FastHttpUser):
    """One customer, who looks more often than orders."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        """Be somebody."""
        self.customer = random.randint(1, CUSTOMERS)

    @task(6)
    def read_order(self) -> None:
        """Look at one order."""
        self.client.get(f"/orders/{random.randint(1, ORDERS)}", name="/orders/[id]")

    @task(3)
    def list_orders(self) -> None:
        """Look at the latest orders; somebody has some."""
        path = f"/customers/{self.customer}/orders"
        with self.client.get(path, name="/customers/[id]/orders", catch_response=True) as answer:
            if not answer.json():
                answer.failure("a customer without orders")

    @task(1)
    def add_order(self) -> None:
        """Order something."""
        order = {
            "customer": self.customer,
            "product_id": random.randint(1, PRODUCTS),
            "quantity": random.randint(1, 5),
        }
        with self.client.post("/orders", json=order, catch_response=True) as answer:
            if answer.status_code != 201 or "id" not in answer.json():
                answer.failure("the order was not taken")
