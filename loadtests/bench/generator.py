"""Run the generator's container to its end and read what it says and leaves."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container
from requests import ConnectionError as NoConnectionError

from loadtests.bench.engine import ENGINE_LOST
from loadtests.errors import NotReadyError, ProxyError, TrialError

# What a generator may take beyond its load before it counts as stuck.
GRACE_S = 30.0
# The engine closes a container's log just before it takes note of its end.
END_LIMIT_S = 10
# Of what the users' script printed, the last of it is kept.
PRINTED_BYTES = 64 * 1024
TAIL_LINES = 30  # enough for a traceback through Locust's import of a script

Line = dict[str, Any]
OnLine = Callable[[Line], None]


class GeneratorRun:
    """The lines of a running generator."""

    def __init__(
        self, container: Container, limit_s: float, worker_nodes: Sequence[str] = ()
    ) -> None:
        """Follow a started generator that must be done after so many seconds, and a grace.

        `worker_nodes` are the nodes of a Swarm that its workers are on, if they are on several.
        """
        self._container, self._worker_nodes = container, worker_nodes
        self._limit_s = limit_s
        self._log: list[str] = []
        self._printed = ""
        self.ticks: list[Line] = []
        # What each replica's health path answered last, by address, once all are ready or none
        # waits any longer.
        self.answers: dict[str, dict[str, Any]] = {}

    @property
    def log(self) -> bytes:
        """The generator's lines, and then the last of what its users' script printed."""
        return ("".join(f"{line}\n" for line in self._log) + self._printed).encode()

    def _lines(self) -> Iterator[Line]:
        """Yield the JSON lines as they come: standard output, which is the generator's alone."""
        pending = b""
        for chunk in self._container.logs(stdout=True, stderr=False, stream=True, follow=True):
            pending += chunk
            *whole, pending = pending.split(b"\n")
            for raw in whole:
                text = raw.decode(errors="replace")
                self._log.append(text)
                line = parsed(text)
                if line is not None:
                    yield line

    def _read_printed(self) -> None:
        """Keep the end of standard error; that is over when the container has ended."""
        last = b""
        for chunk in self._container.logs(stdout=False, stderr=True, stream=True, follow=True):
            last = (last + chunk)[-PRINTED_BYTES:]
        self._printed = last.decode(errors="replace")

    def follow(
        self,
        on_ready: OnLine,
        on_tick: OnLine,
        on_level: OnLine,
        on_replicas: OnLine = lambda _line: None,
    ) -> None:
        """Pass lines on until the generator is done: all is ready, a second, a level's end.

        Where a proxy is awaited, `on_replicas` is called first, once the replicas are ready. Raises
        TrialError when it is stuck or ended by itself without having done its work; NotReadyError
        when the replicas never answered, ProxyError when the proxy did not; one of ENGINE_LOST when
        the engine went away, or the connection to it.
        """
        limit_s = self._limit_s + GRACE_S
        stuck = threading.Event()
        watchdog = threading.Timer(limit_s, self._end, [stuck])
        watchdog.start()
        try:
            done = self._pass_on(on_ready, on_tick, on_level, on_replicas)
            code = 0 if done else self._exit_code()
            self._read_printed()
        finally:
            watchdog.cancel()
        if done:
            return
        if stuck.is_set():
            raise TrialError(f"the generator was still at work after {limit_s:g} s; ended it")
        tail = "\n".join(self.log.decode().splitlines()[-TAIL_LINES:])
        raise TrialError(
            f"the generator ended with exit code {code} before its work was done:\n{tail}"
        )

    def _end(self, stuck: threading.Event) -> None:
        stuck.set()
        with contextlib.suppress(APIError, *ENGINE_LOST):  # it ended by itself just now
            self._container.kill()

    def _exit_code(self) -> int:
        """Return the code of a generator that is no longer heard, and has ended unless cut off."""
        try:
            return int(self._container.wait(timeout=END_LIMIT_S)["StatusCode"])
        except ENGINE_LOST as error:
            raise NoConnectionError(f"its lines broke off: {error}") from error

    def _who_never_came(self, workers: Sequence[int]) -> str:
        if not self._worker_nodes:
            return (
                f"of the load's workers these never came: {', '.join(map(str, workers))}; see that "
                "the engine has CPU to start them, and repeat the same run"
            )
        named = ", ".join(f"{number} on {self._worker_nodes[number - 1]}" for number in workers)
        return (
            f"of the load's workers these never came: {named}; see that the nodes reach each other "
            "on overlay networks (ports 7946 of tcp and udp, and 4789 of udp), and repeat the same "
            "run"
        )

    def _pass_on(
        self, on_ready: OnLine, on_tick: OnLine, on_level: OnLine, on_replicas: OnLine
    ) -> bool:
        """Pass lines on until there are no more; return whether the generator was done."""
        for line in self._lines():
            match line["event"]:
                case "replicas_ready":
                    on_replicas(line)
                case "ready":
                    self.answers = line["answers"]
                    on_ready(line)
                case "tick":
                    self.ticks.append(line)
                    on_tick(line)
                case "level":
                    on_level(line)
                case "bad_script":
                    raise TrialError(line["message"])
                case "workers_missing":
                    raise TrialError(self._who_never_came(line["workers"]))
                case "not_ready":
                    self.answers = line["answers"]
                    raise NotReadyError(line["message"])
                case "proxy_not_ready":
                    raise ProxyError(line["message"])
                case "done":
                    return True
        return False


def parsed(text: str) -> Line | None:
    """Return a line of the generator's own, None for anything else, such as an engine's word."""
    with contextlib.suppress(ValueError):
        line = json.loads(text)
        if isinstance(line, dict) and "event" in line:
            return line
    return None
