"""The part of a worker: its master brings the users, says when, and is told of everything."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event

from loadtests.generator import messages
from loadtests.generator.clock import Clock
from loadtests.generator.job import Phase
from loadtests.generator.lines import say_second
from loadtests.generator.report import LevelReport, Report
from loadtests.generator.second import Second
from loadtests.generator.stop import Stop
from loadtests.generator.ticks import next_whole_second
from loadtests.generator.watch import POLL_S, Watch

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from locust.rpc import Message
    from locust.runners import WorkerRunner

    from loadtests.generator.traffic import Traffic

READY_AGAIN_S = 1.0
HEARD_S = 5.0  # for the master to say that it has the report; what lies in files is there anyway


class OfMaster:
    """One worker's part of a load; see `Part`."""

    second_over_s: Callable[[float], float] = staticmethod(next_whole_second)

    def __init__(
        self,
        runner: "WorkerRunner",
        worker: int,
        stop: Stop,
        await_found: Callable[[], None],
    ) -> None:
        """Listen to the master; `await_found` waits until users will find what they ask."""
        self._runner, self._worker, self._stop = runner, worker, stop
        self._await_found = await_found
        self._began_wall_s: float | None = None
        self._ramped_s: list[float] = []
        self._level = 0
        self._begun, self._heard = Event(), Event()
        for name, listener in (
            (messages.BEGIN, self._on_begin),
            (messages.RAMPED_UP, self._on_ramped_up),
            (messages.FINISH, self._on_finish),
            (messages.HEARD, self._on_heard),
            (messages.CLOCK, self._on_clock),
        ):
            runner.register_message(name, listener)

    def begin(self) -> Clock:
        """Wait for the master to begin, and count from that moment.

        It may not listen yet, so that it is told again and again who is ready.
        """
        while self._began_wall_s is None and not self._stop.requested:
            self._send(messages.READY)
            self._begun.wait(READY_AGAIN_S)
        return Clock() if self._began_wall_s is None else Clock.since(self._began_wall_s)

    def bring_users(self, _traffic: "Traffic", _users: int) -> None:
        """Say that users may come."""
        if self._level == 0:
            self._await_found()
        self._send(messages.AWAITING)

    def await_users(self, watch: Watch, _limit_s: float) -> float:
        """Wait until the master says that the ramp-up is over, as its users are all there."""
        level, self._level = self._level, self._level + 1
        watch.wait(Phase.RAMP_UP, math.inf, done=lambda: len(self._ramped_s) > level)
        return self._ramped_s[level] if len(self._ramped_s) > level else watch.clock.now_s()

    def tell_second(self, phase: Phase, second: Second) -> None:
        """Say its line here, and let the master have what it is made of."""
        say_second(phase, second)
        self._send(messages.SECOND, **vars(second))

    def tell_level(self, _clock: Clock, level: LevelReport) -> None:
        """Let the master have what was seen of a level."""
        self._send(messages.LEVEL, **asdict(level))

    def let_users_leave(self, traffic: "Traffic", stop: Stop) -> None:
        """Let the master have the users leave, and wait until they have."""
        if not stop.requested:
            traffic.expect_leaving()
            self._send(messages.OVER)
        while not stop.requested:
            gevent.sleep(POLL_S)

    def end(self, report: Report) -> None:
        """Let the master have the report."""
        self._send(messages.REPORT, **asdict(report))
        self._heard.wait(HEARD_S)  # who ends at once takes the message along

    def _send(self, name: str, **told: Any) -> None:
        self._runner.send_message(name, {"worker": self._worker, "told": told})

    def _on_begin(self, msg: "Message", **_: Any) -> None:
        self._began_wall_s = msg.data["wall_s"]
        self._begun.set()

    def _on_ramped_up(self, msg: "Message", **_: Any) -> None:
        self._ramped_s.append(msg.data["at_s"])

    def _on_finish(self, **_: Any) -> None:
        self._stop.requested = True

    def _on_heard(self, **_: Any) -> None:
        self._heard.set()

    def _on_clock(self, msg: "Message", **_: Any) -> None:
        self._send(messages.CLOCK_TOLD, sent_s=msg.data["sent_s"], wall_s=time.time())
