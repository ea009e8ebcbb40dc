"""Users of the known truths: each asks for the double of a number and checks it."""

import random

from locust import FastHttpUser, between, task


class TruthUser(FastHttpUser):
    """One user; how long it thinks is set by the question."""

    wait_time = between(0.5, 1.5)

    @task
    def ask(self) -> None:
        """An answer that is not the double is a failure."""
        number = random.randrange(1000)
        question = f'{{"number": {number}}}'
        with self.client.post("/double/", data=question, catch_response=True) as response:
            right = b'{"double":%d}' % (2 * number)
            if response.status_code == 200 and response.content != right:
                response.failure("the answer is not the double")
