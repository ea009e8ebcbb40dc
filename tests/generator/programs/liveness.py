"""Tell which idle sockets a pool takes for alive, as shipped and with keep_alive."""

import json

import locust  # noqa: F401  (it patches the standard library, as in the generator)
from gevent import socket
from geventhttpclient.connectionpool import ConnectionPool

from loadtests.generator.connections import keep_alive
from tests.generator.programs.limits import raise_descriptor_limit

HIGH = 1500


def pair(least):
    """Return two connected sockets, the first with a descriptor of at least that number."""
    import fcntl

    low, peer = socket.socketpair()
    ours = socket.socket(fileno=fcntl.fcntl(low.fileno(), fcntl.F_DUPFD_CLOEXEC, least))
    low.close()
    return ours, peer


def seen(least):
    """Return what the pool says of a socket in each state."""
    pool = ConnectionPool("a", 80, "a", 80)
    (idle, _kept), (left, leaver), (dirty, talker) = pair(least), pair(least), pair(least)
    (shut, _), leaver_done = pair(least), leaver.close()
    assert leaver_done is None
    talker.send(b"late answer")
    shut.close()
    sockets = {"idle": idle, "closed by the peer": left, "dirty": dirty, "closed by us": shut}
    return {state: pool._is_socket_alive(sock) for state, sock in sockets.items()} | {
        "none": pool._is_socket_alive(None)
    }


raise_descriptor_limit()
shipped = {"low": seen(3), "high": seen(HIGH)}
keep_alive()
print(json.dumps({"shipped": shipped, "kept": {"low": seen(3), "high": seen(HIGH)}}))
