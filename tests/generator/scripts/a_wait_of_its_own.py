"""A task set that has a wait time, and users who have none."""

from locust import FastHttpUser, TaskSet, between, task


class Visit(TaskSet):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        self.client.get("/items")


class Visitor(FastHttpUser):
    tasks = [Visit]
