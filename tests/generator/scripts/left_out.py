"""Tasks within task sets, of which some are left out."""

# options: --exclude-tags write
from locust import HttpUser, TaskSet, between, tag, task


class Visitor(HttpUser):
    wait_time = between(0.2, 0.4)

    @task(3)
    class Shelf(TaskSet):
        @task
        def look(self):
            self.client.get("/items")

        @tag("write")
        @task
        def sort(self):
            self.client.put("/items/1", json={})

        @task
        def leave(self):
            self.interrupt(reschedule=False)

    @tag("write")
    @task
    def buy(self):
        self.client.post("/orders", json={})
