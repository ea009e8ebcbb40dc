"""A task set within a task set, left now and then."""

from locust import FastHttpUser, TaskSet, between, task


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    class Shop(TaskSet):
        @task(2)
        def look(self):
            self.client.get("/items")

        @task(1)
        class Shelf(TaskSet):
            @task
            def choose(self):
                self.client.get("/items/2", name="/items/[id]")

            @task
            def leave(self):
                self.interrupt()
