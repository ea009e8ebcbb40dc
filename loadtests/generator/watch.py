"""What is looked at again and again while the load lasts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadtests.generator.channel import say
from loadtests.generator.clock import Clock
from loadtests.generator.early_stop import EarlyStop, StoppedEarly
from loadtests.generator.heartbeat import Heartbeat
from loadtests.generator.job import Phase
from loadtests.generator.journal import Journal
from loadtests.generator.speed_gauge import SpeedGauge
from loadtests.generator.stop import Stop
from loadtests.generator.ticks import Ticks
from loadtests.generator.users import UserCount

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from loadtests.generator.traffic import Traffic

POLL_S = 0.05


def _never() -> bool:
    return False


@dataclass
class Watch:
    """Lets time pass, and meanwhile counts users, tells each second, and stops a hopeless load."""

    traffic: "Traffic"
    stop: Stop
    clock: Clock
    users: UserCount
    journal: Journal
    heartbeat: Heartbeat
    gauge: SpeedGauge
    ticks: Ticks
    early_stop: EarlyStop | None
    stopped_early: StoppedEarly | None = None

    def wait(self, phase: Phase, seconds: float, done: Callable[[], bool] = _never) -> None:
        """Let so many seconds pass; fewer once it is done, or when the load is to end."""
        until_s = self.clock.now_s() + seconds
        while (left_s := until_s - self.clock.now_s()) > 0 and not self.stop.requested:
            if done():
                return
            self.clock.sleep(min(POLL_S, left_s))
            self._look(phase)

    def _look(self, phase: Phase) -> None:
        self.users.note(self.clock.now_s(), self.traffic.users)
        self._stop_if_hopeless()
        if self.ticks.due:
            counts = {
                "users": self.traffic.users,
                "in_flight": len(self.traffic.in_flight),
                "connects": self.traffic.connections.opened,
            }
            ended, lags_ms = self.journal.take_second(), self.heartbeat.take()
            work_us = self.gauge.take_us()
            say(event="tick", **self.ticks.line(phase, ended, lags_ms, work_us, **counts))

    def _stop_if_hopeless(self) -> None:
        if self.early_stop is None or self.stopped_early is not None:
            return
        # What users of an open load send does not depend on how many stand ready.
        users = 0 if self.traffic.arrivals else self.users.reached
        sent = self.journal.counts.requests + len(self.traffic.in_flight)
        self.stopped_early = self.early_stop.judge(
            self.journal.failed, sent, users, self.users.user_s
        )
        if self.stopped_early is not None:
            self.stop.requested = True
