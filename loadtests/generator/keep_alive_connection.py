"""One connection that is kept between calls, and asked with as little as can be done.

Waking up and the kernel are most of what a call costs, so there is one send, one wait and one recv,
on the event loop itself: gevent's own socket asks before it waits, and times each wait by an object
of its own, which took a sixth more CPU.
"""

from functools import lru_cache
from typing import Any

import gevent.monkey
import gevent.socket
from gevent import get_hub, getcurrent
from geventhttpclient.response import HTTPConnectionClosed
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS

from loadtests.generator.deadlines import Deadlines
from loadtests.generator.http_answer import Answer, AnswerReader

READABLE, WRITABLE = 1, 2  # libev's
BLOCK = 16_384
_Socket: Any = gevent.monkey.get_original("socket", "socket")


class Connection:
    """An open connection to one address, asked one thing at a time."""

    __slots__ = ("_readable", "_reader", "_silence", "_socket", "address")

    def __init__(
        self, address: tuple[str, int], connection_timeout_s: float, silence_s: float
    ) -> None:
        """Connect to a host and port; raises what the first of its addresses raised, if all did.

        `silence_s` is how long the service may say nothing while it is waited for.
        """
        self.address = address
        self._socket = self._connected(connection_timeout_s)
        self._readable = get_hub().loop.io(self._socket.fileno(), READABLE)
        self._silence = _silence(silence_s)
        self._reader = AnswerReader()

    def after_connect(self, sock: Any) -> None:
        """Be told of a socket that was connected; replaced by whoever counts them."""

    def _connected(self, timeout_s: float) -> Any:
        first_error: OSError | None = None
        for *kind, _, address in gevent.socket.getaddrinfo(
            *self.address, 0, gevent.socket.SOCK_STREAM, gevent.socket.SOL_TCP
        ):
            try:
                sock = gevent.socket.socket(*kind)
            except OSError as error:
                first_error = first_error or error
                continue
            try:
                sock.settimeout(timeout_s)
                sock.connect(address)
                self.after_connect(sock)
                plain = _Socket(*kind, fileno=sock.detach())
                plain.setblocking(False)
                return plain
            except OSError as error:
                first_error = first_error or error
            finally:
                sock.close()
        raise first_error or OSError(f"{self.address[0]} has no address")

    def is_alive(self) -> bool:
        """Say whether it is open and silent; what says something unasked was closed or is dirty."""
        try:
            self._socket.recv(1, gevent.socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def ask(self, request: bytes, is_head: bool) -> Answer:
        """Send a request and return its answer, which has an error if it broke off after its head.

        Raises HTTPConnectionClosed where the service closed without a word, HTTPParseError for
        what is not HTTP, else OSError. After either the connection is of no more use.
        """
        reader = self._reader
        answer = reader.begin(is_head)
        try:
            self._send(request)
            reader.feed(self._first())
            while not answer.is_whole:
                data = self._received()
                if data:
                    reader.feed(data)
                else:
                    reader.close()
        except FAILURE_EXCEPTIONS as error:
            if answer.status == 0:
                raise
            answer.error = error
        finally:
            reader.end()
        return answer

    def _send(self, request: bytes) -> None:
        sent = self._sent(request)
        while sent < len(request):  # larger than the kernel's buffer
            writable = get_hub().loop.io(self._socket.fileno(), WRITABLE)
            try:
                self._wait(writable)
            finally:
                writable.close()
            sent += self._sent(memoryview(request)[sent:])

    def _sent(self, request: bytes | memoryview) -> int:
        try:
            return int(self._socket.send(request))
        except BlockingIOError:
            return 0
        except (BrokenPipeError, ConnectionResetError):
            return len(request)  # it may have answered before it closed: the read will tell

    def _first(self) -> bytes:
        """Return what comes first; raises HTTPConnectionClosed where nothing does."""
        try:
            data = self._received()
        except ConnectionResetError:
            data = b""
        if not data:
            raise HTTPConnectionClosed("connection closed.")
        return data

    def _received(self) -> bytes:
        """Return what comes next; b"" where the service closed."""
        self._wait(self._readable)
        data: bytes = self._socket.recv(BLOCK)
        return data

    def _wait(self, watcher: Any) -> None:
        user = getcurrent()
        self._silence.begin(user)
        try:
            get_hub().wait(watcher)
        finally:
            self._silence.end(user)

    def close(self) -> None:
        """Close it; what was received stays."""
        self._readable.close()
        self._socket.close()


@lru_cache
def _silence(limit_s: float) -> Deadlines:
    """Return the limit that all connections share which have the same."""
    return Deadlines(limit_s, lambda: TimeoutError("timed out"))
