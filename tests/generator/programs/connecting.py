"""Where users connect to, and how that is counted: `connecting.py port`."""

import json
import sys

import gevent
from gevent import socket
from geventhttpclient.connectionpool import ConnectionPool
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.event import EventHook

from loadtests.generator import connections
from loadtests.generator.keep_alive_pool import KeepAlivePool
from loadtests.generator.keep_alive_session import KeepAliveSession

KINDS = (FastHttpSession, HttpSession, KeepAliveSession)
MORE = {KeepAliveSession: (KeepAlivePool(5.0, 5.0, 1),)}  # what it needs besides

port = int(sys.argv[1])
asked = []
resolve = socket.getaddrinfo


def three_replicas(*name, **how):
    """Answer as Docker's DNS does for three replicas, in an order of its own; one has IPv6 too."""
    if name[0] != "api":
        return resolve(*name, **how)
    asked.append(name)
    found = [(2, 1, 6, "", (address, 80)) for address in ("10.0.0.3", "10.0.0.1", "10.0.0.2")]
    return [(10, 1, 6, "", ("fd00::1", 80, 0, 0)), *found]


def firsts(addresses):
    """Return the host of each address."""
    return [info[4][0] for info in addresses]


def opened_by(kind):
    """Let a new user ask twice; return connections opened, and its peer before and after."""
    before = log.opened
    session = kind(f"http://127.0.0.1:{port}", EventHook(), None, *MORE.get(kind, ()))

    def ask():
        peer = log.peer_of(gevent.getcurrent())
        session.get("/")
        session.get("/")
        return log.opened - before, peer, log.peer_of(gevent.getcurrent())

    return gevent.spawn(ask).get()


socket.getaddrinfo = three_replicas
connections.share_evenly()
fast = [ConnectionPool("api", 80, "api", 80)._resolve() for _ in range(9)]
classic = [sys.modules["socket"].getaddrinfo("api", 80, 0, socket.SOCK_STREAM) for _ in range(9)]
log = connections.log_connections()
print(
    json.dumps(
        {
            "orders": {
                "FastHttpUser": list(map(firsts, fast)),
                "HttpUser": list(map(firsts, classic)),
            },
            "look_ups": len(asked),
            "by_keywords": len(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)),
            "opened": {kind.__name__: opened_by(kind) for kind in KINDS},
        }
    )
)
