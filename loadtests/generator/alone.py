"""The part of a process that sends a load alone: it brings the users, and tells who started it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from loadtests.generator.clock import Clock
from loadtests.generator.job import Phase
from loadtests.generator.lines import say_level, say_second
from loadtests.generator.report import LevelReport, Report
from loadtests.generator.second import Second
from loadtests.generator.stop import Stop
from loadtests.generator.ticks import a_second_later
from loadtests.generator.watch import Watch

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from loadtests.generator.locust_files import LocustFiles
    from loadtests.generator.traffic import Traffic


class Alone:
    """All of a load; see `Part`."""

    second_over_s: Callable[[float], float] = staticmethod(a_second_later)

    def __init__(self, files: "LocustFiles") -> None:
        """Let Locust write its own files as the load goes on."""
        self._files = files

    def begin(self) -> Clock:
        """Begin now."""
        self._files.begin()
        return Clock()

    def bring_users(self, traffic: "Traffic", users: int) -> None:
        """Let users come until there are so many."""
        traffic.start_users(users)

    def await_users(self, watch: Watch, limit_s: float) -> float:
        """Wait until all users are there, or for so long."""
        watch.wait(Phase.RAMP_UP, limit_s, done=lambda: watch.users.arrived_s is not None)
        return watch.clock.now_s()

    def tell_second(self, phase: Phase, second: Second) -> None:
        """Say its line."""
        say_second(phase, second)

    def tell_level(self, clock: Clock, level: LevelReport) -> None:
        """Say a level's line where it had a steady state."""
        say_level(clock, level)

    def let_users_leave(self, traffic: "Traffic", stop: Stop) -> None:
        """Let users leave; a load that was stopped is in no state to be asked more."""
        if not stop.requested:
            traffic.expect_leaving()
            traffic.let_users_leave()

    def end(self, _report: Report) -> None:
        """Finish Locust's own files."""
        self._files.close()
