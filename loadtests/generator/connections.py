"""Keep-alive that survives file descriptors above 1,023, and connections that can be counted.

geventhttpclient asks `select.select` whether an idle pooled socket still lives. For a descriptor
of 1,024 or more that call raises ValueError, which it reads as "dead", so every further user of
a process opens a new connection for every request. `poll` has no such limit. Drop `keep_alive`
when geventhttpclient asks with poll itself; tests/integration counts the reconnects.
"""

import itertools
import select
import socket
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import gevent
import gevent.monkey
import gevent.socket
from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.response import HTTPSocketPoolResponse

from loadtests.generator.keep_alive_connection import Connection
from loadtests.generator.keep_alive_pool import KeepAlivePool

# gevent's own waits, which takes longer than the rest of the question, where nobody wants to wait.
_poll: Any = gevent.monkey.get_original("select", "poll")


def _is_alive(_pool: ConnectionPool, sock: gevent.socket.socket | None) -> bool:
    """Say whether an idle socket is open and silent; a readable one was closed or is dirty."""
    return sock is not None and sock.fileno() >= 0 and not _is_readable(sock)


def _is_readable(sock: gevent.socket.socket) -> bool:
    poll = _poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def keep_alive() -> None:
    """Let every pool of this process test its idle sockets with poll."""
    ConnectionPool._is_socket_alive = _is_alive


class ConnectionLog:
    """How many connections were opened, and which address each user connected to last.

    Of those that ended between two requests, it is known how many the service closed: it said so
    with its answer (`Connection: close`, HTTP/1.0), or hung up while they were idle.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.opened = 0
        self.closed_by_service = 0
        # A table beside the greenlets, since they are not ours to put attributes on. To ask it
        # takes 0.3 microseconds once a request, and a user who is gone leaves it.
        self._peers: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def note(self, sock: gevent.socket.socket) -> None:
        """Note a connection that the running greenlet has just opened."""
        self.opened += 1
        self._peers[gevent.getcurrent()] = sock.getpeername()[0]

    def peer_of(self, greenlet: Any) -> str:
        """Return the address this greenlet last connected to, or an empty string."""
        return self._peers.get(greenlet, "")


def log_connections() -> ConnectionLog:
    """Return a log of all connections that this process opens from now on.

    Those of all clients are noted: FastHttpUser's, HttpUser's and KeepAliveUser's.
    """
    from urllib3.connection import HTTPConnection  # once Locust has patched what it is built on

    log = ConnectionLog()

    def after_connect(_opener: Any, sock: gevent.socket.socket) -> None:
        log.note(sock)

    connect = HTTPConnection.connect

    def connect_and_note(connection: HTTPConnection) -> None:
        connect(connection)
        log.note(connection.sock)

    ConnectionPool.after_connect = after_connect
    Connection.after_connect = after_connect  # type: ignore[method-assign, assignment]
    HTTPConnection.connect = connect_and_note  # type: ignore[method-assign, assignment]
    _note_closing(log)
    return log


def _note_closing(log: ConnectionLog) -> None:
    """Note in all clients' pools whenever a connection is found to be closed by the service."""
    import urllib3.connectionpool as classic
    from urllib3.util.connection import is_connection_dropped as dropped

    alive, release = ConnectionPool._is_socket_alive, HTTPSocketPoolResponse.release

    def alive_and_note(pool: ConnectionPool, sock: gevent.socket.socket | None) -> bool:
        is_alive = alive(pool, sock)
        if not is_alive and sock is not None and sock.fileno() >= 0 and _is_readable(sock):
            log.closed_by_service += 1
        return bool(is_alive)

    def release_and_note(response: HTTPSocketPoolResponse) -> None:
        if response._sock is not None and response.message_complete and response.should_close():
            log.closed_by_service += 1
        release(response)

    def dropped_and_note(connection: Any) -> bool:
        is_dropped = dropped(connection)
        log.closed_by_service += is_dropped
        return is_dropped

    def note(_pool: KeepAlivePool) -> None:
        log.closed_by_service += 1

    KeepAlivePool.after_service_closed = note  # type: ignore[method-assign, assignment]
    ConnectionPool._is_socket_alive = alive_and_note
    HTTPSocketPoolResponse.release = release_and_note
    # The name that the pool looks up.
    classic.is_connection_dropped = dropped_and_note  # type: ignore[attr-defined, assignment]


def share_evenly() -> None:
    """Resolve a name once and hand its addresses out in turn, one connection each.

    Docker's DNS answers with every replica; the C library would then sort the answers by how
    close they look, and 10,000 look-ups during a ramp-up would measure the resolver.
    """
    resolve: Callable[..., list[Any]] = gevent.socket.getaddrinfo
    known: dict[tuple[Any, ...], list[Any]] = {}
    turns: dict[tuple[Any, ...], itertools.count[int]] = defaultdict(itertools.count)

    def in_turn(*args: Any, **options: Any) -> list[Any]:
        name = (*args, *options.items())
        if name not in known:
            known[name] = sorted(resolve(*args, **options), key=lambda info: info[4])
        # A replica of a dual-stack network has two addresses; IPv6 is tried where IPv4 fails.
        addresses = [info for info in known[name] if info[0] == socket.AF_INET] or known[name]
        rest = [info for info in known[name] if info not in addresses]
        first = next(turns[name]) % len(addresses)
        return addresses[first:] + addresses[:first] + rest

    # One is what FastHttpUser's client asks, the other HttpUser's.
    gevent.socket.getaddrinfo = socket.getaddrinfo = in_turn
