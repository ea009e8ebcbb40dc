"""Exit 0 when the service in this container answers GET /health with 200, else 1.

It runs inside the container's CPU limit while users wait, so it is a bare socket: importing the
standard library's HTTP client would cost more CPU than all else it does.
"""

import socket
import sys


def is_healthy() -> bool:
    """Ask once, over a connection of its own."""
    try:
        with socket.create_connection(("127.0.0.1", 8000), timeout=3) as connection:
            connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


sys.exit(0 if is_healthy() else 1)
