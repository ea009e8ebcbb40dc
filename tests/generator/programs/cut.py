"""Ask what never ends, with both of Locust's clients: `cut.py port`."""

import json
import sys
from socket import AF_INET, SOCK_STREAM
from socket import socket as plain_socket

import gevent
from gevent import socket
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.event import EventHook

from loadtests.generator.keep_alive_pool import KeepAlivePool
from loadtests.generator.keep_alive_session import KeepAliveSession
from loadtests.generator.outcome import outcome_of
from loadtests.generator.pacing import limit_requests

LIMIT_S = 1.0
PATHS = ("/drip-body", "/drip-head", "/never", "/hang-up", "/error")

port = int(sys.argv[1])
in_flight = limit_requests(LIMIT_S)
found = {}


def ask(kind, base, path, **options):
    """Ask one question with one client and then a simple one, and note how both were reported."""
    outcomes = []
    reports = EventHook()

    @reports.add_listener
    def note(exception=None, response=None, **_):
        outcomes.append(outcome_of(exception, getattr(response, "status_code", 0) or 0))

    if kind is KeepAliveSession:
        options["pool"] = KeepAlivePool(60.0, 60.0, 1)
    session = kind(base, reports, None, **options)
    asking = gevent.spawn(session.get, path)
    gevent.sleep(LIMIT_S / 4)
    under_way = len(in_flight)
    asking.join()
    session.get(f"http://127.0.0.1:{port}/")
    return [under_way, *outcomes, len(in_flight)]


# A replica whose backlog is full answers no connection attempt, the next one would answer.
full = plain_socket(AF_INET, SOCK_STREAM)
full.bind(("127.0.0.2", 0))
full.listen(0)
waiting = [plain_socket(AF_INET, SOCK_STREAM) for _ in range(4)]
for one in waiting:
    one.setblocking(False)
    one.connect_ex(full.getsockname())
resolve = socket.getaddrinfo


def two_addresses(host, *more):
    """Resolve one name to the full replica and to the one that answers."""
    if host != "two.replicas":
        return resolve(host, *more)
    there = (full.getsockname(), ("127.0.0.1", port))
    return [(AF_INET, SOCK_STREAM, 0, "", address) for address in there]


socket.getaddrinfo = sys.modules["socket"].getaddrinfo = two_addresses
for kind, options in (
    (FastHttpSession, {"max_retries": 0}),
    (FastHttpSession, {"max_retries": 3}),
    (HttpSession, {}),
    (KeepAliveSession, {}),
):
    name = f"{kind.__name__}{options.get('max_retries', '')}"
    for path in PATHS:
        found[f"{name} {path}"] = ask(kind, f"http://127.0.0.1:{port}", path, **options)
    found[f"{name} full"] = ask(kind, "http://two.replicas", "/", **options)
print(json.dumps(found))
