"""Many users of one process ask twice each: `rounds.py port users keep|shipped|ours`."""

import json
import sys

from gevent.pool import Pool
from locust.contrib.fasthttp import FastHttpSession
from locust.event import EventHook

from loadtests.generator import connections
from loadtests.generator.keep_alive_pool import KeepAlivePool
from loadtests.generator.keep_alive_session import KeepAliveSession
from tests.generator.programs.limits import raise_descriptor_limit

AT_ONCE = 50

port, users, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
raise_descriptor_limit()
log = connections.log_connections()
if how == "keep":
    connections.keep_alive()
failures = []
reports = EventHook()
reports.add_listener(lambda exception, **_: failures.append(repr(exception)) if exception else None)


def session():
    """Return a client, this project's own if that is asked for."""
    address = f"http://127.0.0.1:{port}"
    if how == "ours":
        return KeepAliveSession(address, reports, None, KeepAlivePool(5.0, 5.0, 1))
    return FastHttpSession(address, reports, None)


sessions = [session() for _ in range(users)]
for _ in range(2):
    Pool(AT_ONCE).map(lambda session: session.get("/"), sessions)
print(json.dumps({"opened": log.opened, "failures": failures[:5]}))
