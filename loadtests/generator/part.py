"""What part a process has in a load: all of it, or what its master tells it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from loadtests.generator.clock import Clock
from loadtests.generator.job import Phase
from loadtests.generator.report import LevelReport, Report
from loadtests.generator.second import Second
from loadtests.generator.stop import Stop
from loadtests.generator.watch import Watch

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from loadtests.generator.traffic import Traffic


class Part(Protocol):
    """Where a process that sends load gets its clock and users from, and whom it tells."""

    @property
    def second_over_s(self) -> Callable[[float], float]:
        """When the second is over that begins at a moment (s)."""

    def begin(self) -> Clock:
        """Return the clock of the load, which begins."""

    def bring_users(self, traffic: "Traffic", users: int, /) -> None:
        """See that there will be so many in the whole load."""

    def await_users(self, watch: Watch, limit_s: float, /) -> float:
        """Let the ramp-up pass, and return when it was over (s)."""

    def tell_second(self, phase: Phase, second: Second, /) -> None:
        """Tell of a second."""

    def tell_level(self, clock: Clock, level: LevelReport, /) -> None:
        """Tell of a level's end."""

    def let_users_leave(self, traffic: "Traffic", stop: Stop, /) -> None:
        """Let users leave, as the load is over; not where it was stopped."""

    def end(self, report: Report, /) -> None:
        """Tell that all is written."""
