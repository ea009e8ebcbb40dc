"""Keep-alive that survives file descriptors above 1,023, and connections that can be counted.

geventhttpclient asks `select.select` whether an idle pooled socket still lives. For a descriptor
of 1,024 or more that call raises ValueError, which it reads as "dead", so every further user of
a process opens a new connection for every request. `poll` has no such limit. Drop `keep_alive`
when geventhttpclient asks with poll itself; tests/integration counts the reconnects.
"""

import itertools
import select
from collections.abc import Callable
from typing import Any

import gevent
import gevent.socket
from geventhttpclient.connectionpool import ConnectionPool

Resolve = Callable[[ConnectionPool], list[Any]]


def _is_alive(_pool: ConnectionPool, sock: gevent.socket.socket | None) -> bool:
    """Say whether an idle socket is open and silent; a readable one was closed or is dirty."""
    if sock is None or sock.fileno() < 0:
        return False
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return not poll.poll(0)


def keep_alive() -> None:
    """Let every pool of this process test its idle sockets with poll."""
    ConnectionPool._is_socket_alive = _is_alive


def count_connections() -> Callable[[], int]:
    """Return a function that tells how many connections were opened since this call.

    The peer's address is left on the greenlet that opened the connection (`peer_of`).
    """
    total = 0

    def after_connect(_pool: ConnectionPool, sock: gevent.socket.socket) -> None:
        nonlocal total
        total += 1
        gevent.getcurrent().aguanta_peer = sock.getpeername()[0]

    ConnectionPool.after_connect = after_connect
    return lambda: total


def peer_of(greenlet: Any) -> str:
    """Return the address this greenlet last connected to, or an empty string."""
    return getattr(greenlet, "aguanta_peer", "")


def share_evenly() -> None:
    """Resolve a name once and hand its addresses out in turn, one connection each.

    Docker's DNS answers with every replica; the C library would then sort the answers by how
    close they look, and 10,000 look-ups during a ramp would measure the resolver.
    """
    resolve: Resolve = ConnectionPool._resolve
    known: dict[tuple[str, int], list[Any]] = {}
    turn = itertools.count()

    def in_turn(pool: ConnectionPool) -> list[Any]:
        key = (pool._connection_host, pool._connection_port)
        if key not in known:
            known[key] = sorted(resolve(pool), key=lambda info: info[4])
        addresses = known[key]
        first = next(turn) % len(addresses)
        return addresses[first:] + addresses[:first]

    ConnectionPool._resolve = in_turn
