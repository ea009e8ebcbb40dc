"""The way to an engine on another machine, which may be cut without a word."""

import socket
from typing import Any

from docker import DockerClient
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

SSH_URL = "http+docker://ssh"  # of Docker's client, whatever the address
CONNECT_LIMIT_S = 20
# A stream of events or lines may be silent for minutes. After 10 s of it the kernel asks whether
# the other side is there, and half a minute later knows that it is not (man 7 tcp).
KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 40_000),  # ms, likewise for what was sent
)


class TcpAdapter(HTTPAdapter):
    """Sends requests over connections that end when nobody is at their other end any more."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        """Make the connections."""
        options = [*HTTPConnection.default_socket_options, *KEEPALIVE]
        super().init_poolmanager(*given, **named, socket_options=options)

    def send(self, request: PreparedRequest, *given: Any, **named: Any) -> Response:
        """Send a request; whoever is there takes a connection at once, however busy it is."""
        named["timeout"] = (CONNECT_LIMIT_S, named.get("timeout"))
        return super().send(request, *given, **named)


def hang_up(client: DockerClient, stream: Any) -> None:
    """End a stream that is being read in another thread.

    Docker's client does not know how where it comes by ssh: there it is the end of a process.
    """
    by_ssh = client.api.base_url.startswith(SSH_URL)
    (stream._response.raw._fp.fp.channel if by_ssh else stream).close()
