"""A fixed server with a clock of its own, which load generators are held against.

It stands alone: `python generator_target.py PORT SERVICE_MS FOLDER` needs no package. Whatever is
asked is answered with the same bytes after a fixed time. Of each POST it notes when the kernel took
in its first byte (SO_TIMESTAMPNS; man 7 socket) and when its answer was handed to the kernel, which
between containers of one machine is when it is at the client's socket: neither waits for this
program. It notes when each connection was opened and closed, too. SIGTERM lets it write the notes
to the folder and end.
"""

import gc
import re
import select
import signal
import socket
import struct
import sys
import time
from array import array
from collections import deque
from pathlib import Path

ANSWER = b'{"prediction":"MALE","probability":1.0,"model_version":"fixed"}'
WIRE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
    len(ANSWER),
    ANSWER,
)
BACKLOG = 16_384  # some generators open all of their connections at once
CHUNK = 65_536
SO_TIMESTAMPNS = 35  # asm-generic/socket.h; no name in Python
_TIMESPEC = struct.Struct("qq")
_ANCILLARY = socket.CMSG_SPACE(_TIMESPEC.size)
_IDLE_S = 0.5  # after which it looks whether it is to end
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
# Names of the files: pairs of times, and times; all in ns since 1970 as signed 64-bit integers.
REQUESTS, OPENED, CLOSED = "requests.bin", "opened.bin", "closed.bin"


class Connection:
    """One connection and the request that is coming in by it."""

    __slots__ = ("began_ns", "received", "socket")

    def __init__(self, opened: socket.socket) -> None:
        """Begin with nothing received."""
        self.socket, self.received, self.began_ns = opened, b"", 0


def is_whole(received: bytes) -> bool:
    """Say whether a request has come in with all of its body, whose length it tells."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return False
    length = _LENGTH.search(head)
    return len(body) >= (int(length[1]) if length else 0)


class Target:
    """The server."""

    def __init__(self, port: int, service_s: float, host: str = "0.0.0.0") -> None:  # noqa: S104
        """Listen."""
        self._service_ns = round(service_s * 1e9)
        self._listener = socket.create_server((host, port), backlog=BACKLOG)
        self._listener.setblocking(False)
        for level, option in (
            (socket.SOL_SOCKET, SO_TIMESTAMPNS),
            (socket.IPPROTO_TCP, socket.TCP_NODELAY),
        ):
            self._listener.setsockopt(level, option, 1)  # connections inherit both
        self.port: int = self._listener.getsockname()[1]
        self._poll = select.epoll()
        self._poll.register(self._listener, select.EPOLLIN)
        self._connections: dict[int, Connection] = {}
        self._due: deque[tuple[int, bool, Connection]] = deque()
        self._ends = False
        self._requests, self._opened, self._closed = array("q"), array("q"), array("q")

    def end(self) -> None:
        """Let `serve` return."""
        self._ends = True

    def serve(self) -> None:
        """Answer until `end` is called."""
        while not self._ends:
            for descriptor, _ in self._poll.poll(self._patience_s()):
                if descriptor == self._listener.fileno():
                    self._accept()
                else:
                    self._receive(self._connections[descriptor])
            self._answer()

    def write(self, folder: Path) -> None:
        """Write what was noted."""
        for name, times in (
            (REQUESTS, self._requests), (OPENED, self._opened), (CLOSED, self._closed)
        ):  # fmt: skip
            (folder / name).write_bytes(times.tobytes())

    def _patience_s(self) -> float:
        if not self._due:
            return _IDLE_S
        return max(0.0, min(_IDLE_S, (self._due[0][0] - time.time_ns()) / 1e9))

    def _accept(self) -> None:
        while True:
            try:
                opened, _ = self._listener.accept()
            except BlockingIOError:
                return
            opened.setblocking(False)
            self._opened.append(time.time_ns())
            self._connections[opened.fileno()] = Connection(opened)
            self._poll.register(opened, select.EPOLLIN)

    def _receive(self, connection: Connection) -> None:
        try:
            data, ancillary, _, _ = connection.socket.recvmsg(CHUNK, _ANCILLARY)
        except ConnectionError:
            data, ancillary = b"", []
        if not data:
            self._close(connection)
            return
        if not connection.received:
            connection.began_ns = _received_ns(ancillary)
        connection.received += data
        if is_whole(connection.received):
            is_post = connection.received.startswith(b"POST")
            self._due.append((connection.began_ns + self._service_ns, is_post, connection))
            connection.received = b""

    def _answer(self) -> None:
        while self._due and self._due[0][0] <= time.time_ns():
            _, is_post, connection = self._due.popleft()
            try:
                connection.socket.send(WIRE)
            except OSError:  # it is gone
                continue
            if is_post:
                self._requests.extend((connection.began_ns, time.time_ns()))

    def _close(self, connection: Connection) -> None:
        del self._connections[connection.socket.fileno()]
        connection.socket.close()
        self._closed.append(time.time_ns())


def _received_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    """Return when the kernel received what was read, ns since 1970; now where it does not tell."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, ns = _TIMESPEC.unpack(data)
            return int(seconds * 1_000_000_000 + ns)
    return time.time_ns()


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM, then write."""
    port, service_ms, folder = int(arguments[0]), float(arguments[1]), Path(arguments[2])
    target = Target(port, service_ms / 1000)
    signal.signal(signal.SIGTERM, lambda *_: target.end())
    gc.disable()  # nothing here refers to itself, and a collection would be a pause of the target
    print(target.port, flush=True)
    target.serve()
    target.write(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
