"""Show whether geventhttpclient keeps connections alive above 1,023 file descriptors.

    python reproduce_geventhttpclient_descriptors.py

It needs nothing but geventhttpclient. A server in the same process counts the connections that one
client opens for ten requests, one after the other: first while descriptors are low, then while all
low ones are taken. Both counts should be 1. It exits with 1 where they are not.
"""

import contextlib
import os
import resource
import socket
import sys
from importlib.metadata import version

import gevent
import gevent.server
from geventhttpclient import HTTPClient
from geventhttpclient.response import HTTPConnectionClosed

SELECT_LIMIT = 1024  # FD_SETSIZE: the first descriptor that select() cannot be asked about
REQUESTS = 10
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers every request, counts its connections, and can close those that are idle."""

    def __init__(self):
        """Listen on a free port of this machine."""
        self.connections = 0
        self._open = []
        self._server = gevent.server.StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()
        self.port = self._server.server_port

    def _serve(self, connection, _address):
        self.connections += 1
        self._open.append(connection)
        with contextlib.suppress(OSError):  # `hang_up` was called meanwhile
            while connection.recv(65536):
                connection.sendall(ANSWER)

    def hang_up(self):
        """Close every connection, as servers do with idle ones."""
        for connection in self._open:
            if connection.fileno() >= 0:
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()


def ask(client, times):
    """Send so many requests, one after the other, of a kind that is not tried again."""
    for _ in range(times):
        response = client.post("/", b"?")
        response.read()
        if response.status_code != 200:
            sys.exit(f"answered {response.status_code}")


def connections_of(server, requests):
    """Return how many connections a new client opens for so many requests."""
    before = server.connections
    client = HTTPClient("127.0.0.1", server.port)
    ask(client, requests)
    client.close()
    return server.connections - before


def survives_hanging_up(server):
    """Say whether a client whose idle connection was closed by the server sends by a new one."""
    client = HTTPClient("127.0.0.1", server.port)
    ask(client, 1)
    server.hang_up()
    gevent.sleep(0.1)
    try:
        ask(client, 1)
    except (OSError, HTTPConnectionClosed):
        return False
    client.close()
    return True


def take_low_descriptors():
    """Open descriptors until the next one is above what select() can be asked about."""
    gevent.sleep(0.1)  # let the server close its ends of the connections so far, or they come free
    taken = [os.open(os.devnull, os.O_RDONLY)]
    while taken[-1] < SELECT_LIMIT + 16:
        taken.append(os.dup(taken[0]))
    return taken


def main():
    """Count below and above the limit, tell both, and return the exit code."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * SELECT_LIMIT, hard))
    server = Server()
    low, low_survives = connections_of(server, REQUESTS), survives_hanging_up(server)
    take_low_descriptors()
    high, high_survives = connections_of(server, REQUESTS), survives_hanging_up(server)
    print(f"geventhttpclient {version('geventhttpclient')}")
    print(f"{REQUESTS} requests with descriptors below {SELECT_LIMIT}: {low} connection(s)")
    print(f"{REQUESTS} requests with descriptors above {SELECT_LIMIT}: {high} connection(s)")
    print(f"connections closed by the server are replaced: {low_survives and high_survives}")
    return 0 if (low, high) == (1, 1) and low_survives and high_survives else 1


if __name__ == "__main__":
    sys.exit(main())
