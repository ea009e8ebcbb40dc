"""When users begin: every wait before a user's first step, as spread_arrivals makes it."""

import json

from locust import User
from locust.env import Environment

from loadtests.generator import pacing

waits, began = [], []


class Visitor(User):
    """A user that only notes that it began."""

    def wait(self):
        """Never thinks."""


User.run = began.append
pacing.gevent.sleep = waits.append
pacing.spread_arrivals()
pacing.spread_arrivals()  # the locustfile and the generator both ask for it
for _ in range(200):
    Visitor(Environment()).run()
print(json.dumps({"waits": waits, "began": len(began)}))
