"""What is looked at again and again while the load lasts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from loadtests.generator.clock import Clock
from loadtests.generator.early_stop import EarlyStop, StoppedEarly
from loadtests.generator.job import Phase
from loadtests.generator.second import Second
from loadtests.generator.stop import Stop
from loadtests.generator.users import UserCount

POLL_S = 0.05


def _never() -> bool:
    return False


class Load(Protocol):
    """What is seen of a load, of one process or of several."""

    @property
    def users(self) -> int:
        """How many there are now."""

    @property
    def sent(self) -> int:
        """How many requests have ended or are under way."""

    @property
    def failed(self) -> Mapping[int, int]:
        """How many requests failed, by the second in which they ended."""

    @property
    def is_open(self) -> bool:
        """Whether requests arrive at a rate."""

    def take_second(self) -> Second | None:
        """Return the second that is over now, once; None before it is."""


@dataclass
class Watch:
    """Lets time pass, and meanwhile counts users, tells each second, and stops a hopeless load."""

    load: Load
    stop: Stop
    clock: Clock
    users: UserCount
    early_stop: EarlyStop | None
    tell: Callable[[Phase, Second], None]
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
        self.users.note(self.clock.now_s(), self.load.users)
        self._stop_if_hopeless()
        second = self.load.take_second()
        if second is not None:
            self.tell(phase, second)

    def _stop_if_hopeless(self) -> None:
        if self.early_stop is None or self.stopped_early is not None:
            return
        # What users of an open load send does not depend on how many stand ready.
        users = 0 if self.load.is_open else self.users.reached
        self.stopped_early = self.early_stop.judge(
            self.load.failed, self.load.sent, users, self.users.user_s
        )
        if self.stopped_early is not None:
            self.stop.requested = True
