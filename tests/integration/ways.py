"""Ways to an engine that a test can cut: one that is cut with a word, and one without."""

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.second_engine import SecondEngine
from tests.running import free_ports

# 198.18.0.0/15 is for measurements (RFC 2544): it is nobody's network.
HERE, THERE, PORT = "198.18.76.1", "198.18.76.2", 2375
OUTER, INNER = "aguanta-test-o", "aguanta-test-i"  # a name of an interface has 15 characters


class Forwarder:
    """Listens on loopback, and passes all on to an engine's socket."""

    def __init__(self, target: Path) -> None:
        """Choose a port; nobody listens yet."""
        self._target, self._port = target, free_ports()
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.address = f"tcp://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """End every connection, and take no more."""
        assert self._listener is not None
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):  # its other end was quicker
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._target))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=[one, other], daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # one of them is closed
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def forwarder(target: Path) -> Iterator[Forwarder]:
    """Have a forwarder within the block."""
    one = Forwarder(target)
    one.open()
    try:
        yield one
    finally:
        one.cut()


class Cable:
    """A pair of interfaces, one here and one where a second engine has its own network."""

    def __init__(self, engine: SecondEngine) -> None:
        """Lay it, in place of one that a killed run left."""
        self._engine = engine
        subprocess.run(["ip", "link", "delete", OUTER], capture_output=True, check=False)
        _ip("link", "add", OUTER, "type", "veth", "peer", INNER, "netns", str(engine.inhabitant))
        _ip("addr", "add", f"{HERE}/30", "dev", OUTER)
        _ip("link", "set", OUTER, "up")
        engine.run(["ip", "addr", "add", f"{THERE}/30", "dev", INNER], {})
        self.mend()

    def mend(self) -> None:
        """Let it carry."""
        self._engine.run(["ip", "link", "set", INNER, "up"], {})

    def cut(self) -> None:
        """Let it carry nothing more; nobody is told."""
        self._engine.run(["ip", "link", "set", INNER, "down"], {})

    def remove(self) -> None:
        """Take it away."""
        _ip("link", "delete", OUTER)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
