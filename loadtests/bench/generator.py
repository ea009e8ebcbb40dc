"""Run the generator's container to its end and read what it says and leaves."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.errors import NotReadyError, TrialError

# What a generator may take beyond its load before it counts as stuck.
GRACE_S = 30.0
READY_LIMIT_S = 60.0

Line = dict[str, Any]
OnLine = Callable[[Line], None]


class GeneratorRun:
    """The lines of a running generator."""

    def __init__(self, container: Container, load_limit_s: float) -> None:
        """Follow a started generator that must be done load_limit_s after its first user."""
        self._container = container
        self._load_limit_s = load_limit_s
        self._log: list[str] = []
        self.ticks: list[Line] = []

    @property
    def log(self) -> bytes:
        """Everything the generator printed."""
        return "".join(f"{line}\n" for line in self._log).encode()

    def _lines(self) -> Iterator[Line]:
        """Yield the JSON lines as they come; keep the others in the log."""
        pending = b""
        for chunk in self._container.logs(stream=True, follow=True):
            pending += chunk
            *whole, pending = pending.split(b"\n")
            for raw in whole:
                text = raw.decode(errors="replace")
                self._log.append(text)
                line = _parsed(text)
                if line is not None:
                    yield line

    def follow(self, on_ready: OnLine, on_tick: OnLine, on_level: OnLine) -> None:
        """Pass lines on until the generator is done: replicas ready, a second, a level's end.

        Raises TrialError when it is stuck or ended by itself without having done its work;
        NotReadyError when the replicas never answered.
        """
        limit_s = READY_LIMIT_S + self._load_limit_s + GRACE_S
        stuck = threading.Event()
        watchdog = threading.Timer(limit_s, self._end, [stuck])
        watchdog.start()
        try:
            if self._pass_on(on_ready, on_tick, on_level):
                return
        finally:
            watchdog.cancel()
        code = self._container.wait()["StatusCode"]
        if stuck.is_set():
            raise TrialError(f"the generator was still at work after {limit_s:g} s; ended it")
        tail = "\n".join(self._log[-8:])
        raise TrialError(
            f"the generator ended with exit code {code} before its work was done:\n{tail}"
        )

    def _end(self, stuck: threading.Event) -> None:
        stuck.set()
        with contextlib.suppress(APIError):  # it ended by itself just now
            self._container.kill()

    def _pass_on(self, on_ready: OnLine, on_tick: OnLine, on_level: OnLine) -> bool:
        """Pass lines on until there are no more; return whether the generator was done."""
        for line in self._lines():
            match line["event"]:
                case "ready":
                    on_ready(line)
                case "tick":
                    self.ticks.append(line)
                    on_tick(line)
                case "level":
                    on_level(line)
                case "not_ready":
                    raise NotReadyError(line["message"])
                case "done":
                    return True
        return False


def _parsed(text: str) -> Line | None:
    """Return a line of the generator's own; what a locustfile prints is none, JSON or not."""
    with contextlib.suppress(ValueError):
        line = json.loads(text)
        if isinstance(line, dict) and "event" in line:
            return line
    return None
