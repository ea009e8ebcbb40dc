"""The users of a load that workers send: Locust's master brings them and spreads them evenly."""

from collections.abc import Mapping

import gevent

from loadtests.generator.environment import LocustEnvironment
from loadtests.generator.traffic import LEAVING_SLACK_S
from loadtests.generator.watch import POLL_S


class MasterUsers:
    """Users at the job's spawn rate, in the hands of a master."""

    def __init__(
        self, environment: LocustEnvironment, spawn_rate: float, *, say_goodbye: bool
    ) -> None:
        """Bring nobody yet; `say_goodbye` tells whether they do something when they leave."""
        self._environment, self._spawn_rate = environment, spawn_rate
        self._runner, self._say_goodbye = environment.runner, say_goodbye

    @property
    def hook_errors(self) -> Mapping[str, int]:
        """What the script's hooks raised here, by name."""
        return self._environment.hook_errors.by_name

    def start(self, users: int) -> None:
        """Let users come until there are so many in all."""
        gevent.spawn(self._runner.start, users, self._spawn_rate)

    def let_leave(self) -> None:
        """Let users leave at the rate they came, where their script does something then."""
        if self._say_goodbye:
            limit_s = self._runner.user_count / self._spawn_rate + LEAVING_SLACK_S
            with gevent.Timeout(limit_s, exception=False):
                self._runner.start(0, self._spawn_rate)
                while self._runner.user_count:  # it waits for a second only
                    gevent.sleep(POLL_S)

    def end(self) -> None:
        """Take it from now on that workers leave because the load is over.

        Locust's master would stop or quit then, which has nothing left to do.
        """
        self._runner.stop = self._runner.quit = lambda: None

    def close(self) -> None:
        """Let the script's hooks know that the test is over."""
        self._environment.close()
