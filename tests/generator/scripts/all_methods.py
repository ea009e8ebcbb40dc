"""Every method there is."""

from locust import FastHttpUser, between, task


class Editor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def edit(self):
        self.client.head("/items")
        self.client.put("/items/1", json={"name": "pear"}, name="/items/[id]")
        self.client.patch("/items/1", json={"name": "apple"}, name="/items/[id]")
        self.client.delete("/items/1", name="/items/[id]")
        self.client.options("/items")
