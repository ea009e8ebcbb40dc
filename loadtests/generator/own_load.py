"""The load that this process sends itself, as it is watched."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loadtests.generator.heartbeat import Heartbeat
from loadtests.generator.journal import Journal
from loadtests.generator.second import Second
from loadtests.generator.speed_gauge import SpeedGauge
from loadtests.generator.ticks import Ticks

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from loadtests.generator.traffic import Traffic


@dataclass
class OwnLoad:
    """Users and their requests, and how this process fares with them."""

    traffic: "Traffic"
    journal: Journal
    heartbeat: Heartbeat
    gauge: SpeedGauge
    ticks: Ticks
    _told: Counter[int] = field(default_factory=Counter)  # failures, by the second they ended in

    @property
    def users(self) -> int:
        """How many there are now."""
        return self.traffic.users

    @property
    def sent(self) -> int:
        """How many requests have ended or are under way."""
        return self.journal.counts.requests + len(self.traffic.in_flight)

    @property
    def failed(self) -> Mapping[int, int]:
        """How many requests failed, by the second in which they ended."""
        return self.journal.failed

    @property
    def is_open(self) -> bool:
        """Whether requests arrive at a rate."""
        return self.traffic.arrivals is not None

    def take_second(self) -> Second | None:
        """Return the second that is over now, once; None before it is."""
        if not self.ticks.due:
            return None
        failed = Counter(self.journal.failed)
        new, self._told = failed - self._told, failed
        return self.ticks.second(
            self.journal.take_second(),
            self.heartbeat.take(),
            self.gauge.take_us(),
            users=self.traffic.users,
            in_flight=len(self.traffic.in_flight),
            connects=self.traffic.connections.opened,
            failed=new,
        )
