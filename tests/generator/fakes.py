"""A clock that goes only when someone sleeps, and users who come as it goes."""

from types import SimpleNamespace

from loadtests.generator.clock import Clock
from loadtests.generator.in_flight import InFlight

BEGAN_S, BEGAN_WALL_S = 1000.0, 1_700_000_000.0


class FakeTime:
    """Both of a machine's clocks; whatever is to happen meanwhile happens during a sleep."""

    def __init__(self):
        self.passed_s = 0.0
        self.wall_drift_s = 0.0
        self.meanwhile = lambda: None

    def monotonic(self):
        return BEGAN_S + self.passed_s

    def wall(self):
        return BEGAN_WALL_S + self.passed_s + self.wall_drift_s

    def sleep(self, seconds):
        self.passed_s += seconds
        self.meanwhile()

    def clock(self):
        """Return a clock that starts now."""
        return Clock(self.monotonic, self.wall, self.sleep)


class FakeTraffic:
    """Users who come at a rate; `missing` of them never do. They send what a test lets them."""

    def __init__(self, time, spawn_rate):
        self._time, self._spawn_rate = time, spawn_rate
        self._asked, self._before, self._asked_s = 0, 0, 0.0
        self.started = []
        self.missing = 0
        self.spared = 0
        self.in_flight = InFlight(time.monotonic)
        self.connections = SimpleNamespace(opened=0)
        self.thinking = SimpleNamespace(times=0)
        self.arrivals, self.waiting_s, self.rates = None, [], []

    @property
    def users(self):
        come = self._before + int((self._time.passed_s - self._asked_s) * self._spawn_rate + 1e-9)
        return min(self._asked - self.missing, come)

    def start_users(self, users):
        self._before, self._asked_s, self._asked = self.users, self._time.passed_s, users
        self.started.append(users)

    def change_rate(self, rate_per_s, seconds):
        self.rates.append((rate_per_s, seconds))

    def spare_users_from_collection(self):
        self.spared += 1
