"""When users begin: every wait before a user's first step, as spread_arrivals makes it."""

import json

from locust import User
from locust.env import Environment

waits, began = [], []
User.run = began.append  # before the module that keeps Locust's own

from loadtests.generator import pacing  # noqa: E402


class Visitor(User):
    """A user that only notes that it began."""

    def wait(self):
        """Never thinks."""


pacing.gevent.sleep = waits.append
pacing.spread_arrivals()
pacing.spread_arrivals()  # the locustfile and the generator both ask for it
for _ in range(200):
    Visitor(Environment()).run()
print(json.dumps({"waits": waits, "began": len(began)}))
