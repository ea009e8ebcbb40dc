"""What the fixed server saw of a load: the truth that generators' own words are held against."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loadtests.errors import TrialError
from loadtests.peers.generator_target import CLOSED, OPENED, REQUESTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Span:
    """A stretch of time, in seconds since 1970; its end is no longer in it."""

    since_s: float
    until_s: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.until_s - self.since_s


@dataclass(frozen=True)
class Seen:
    """All that it noted; times in ns since 1970, each array in order of time."""

    began_ns: Ints  # of each request, when its first byte came in
    answered_ns: Ints  # of the same requests, when its answer was at the client
    opened_ns: Ints  # of each connection
    closed_ns: Ints  # of those that ended, in no relation to the above

    @classmethod
    def read(cls, files: Mapping[str, bytes]) -> "Seen":
        """Read what the server wrote; raises TrialError where nothing was asked."""
        pairs = np.frombuffer(files[REQUESTS], np.int64).reshape(-1, 2)
        if not len(pairs):
            raise TrialError("the generator sent nothing that reached the server")
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        opened, closed = (np.frombuffer(files[name], np.int64) for name in (OPENED, CLOSED))
        return cls(pairs[:, 0], pairs[:, 1], np.sort(opened), np.sort(closed))

    @property
    def first_s(self) -> float:
        """When the first request came, in seconds since 1970."""
        return float(self.began_ns[0] / 1e9)

    def latency_ms(self, span: Span) -> Floats:
        """Return how long those requests took that began in a span."""
        inside = _inside(self.began_ns, span)
        return np.asarray((self.answered_ns[inside] - self.began_ns[inside]) / 1e6, np.float64)

    def requests(self, span: Span) -> int:
        """Return how many began in a span."""
        return int(np.count_nonzero(_inside(self.began_ns, span)))

    def opened(self, span: Span) -> int:
        """Return how many connections were opened in a span."""
        return int(np.count_nonzero(_inside(self.opened_ns, span)))

    def open_at_once(self, span: Span) -> int:
        """Return how many connections were open at the same time in a span, at most."""
        changes_ns = np.concatenate((self.opened_ns, self.closed_ns))
        order = np.argsort(changes_ns, kind="stable")
        changes = np.concatenate((np.ones_like(self.opened_ns), -np.ones_like(self.closed_ns)))
        open_now, times_ns = np.cumsum(changes[order]), changes_ns[order]
        at_first = int(np.searchsorted(times_ns, span.since_s * 1e9))
        before = int(open_now[at_first - 1]) if at_first else 0
        return int(open_now[_inside(times_ns, span)].max(initial=before))

    def longest_silence_ms(self, span: Span) -> float:
        """Return the longest time in a span in which nothing arrived, its edges included."""
        inside = self.began_ns[_inside(self.began_ns, span)] / 1e6
        edges = np.concatenate(([span.since_s * 1000], inside, [span.until_s * 1000]))
        return float(np.diff(edges).max())


def silence_by_chance_ms(requests: int, seconds: float, share: float = 0.95) -> float:
    """Return what the longest silence stays below with so much chance, if arrivals were random.

    With n exponential gaps of mean 1/rate, P(longest <= t) = (1 - exp(-rate t))^n (David and
    Nagaraja, "Order Statistics", 2.1). Infinite without requests.
    """
    if not requests:
        return math.inf
    rate_per_ms = requests / (1000 * seconds)
    return float(-np.log(-np.expm1(np.log(share) / requests)) / rate_per_ms)


def _inside(times_ns: Ints, span: Span) -> npt.NDArray[np.bool_]:
    return np.asarray((times_ns >= span.since_s * 1e9) & (times_ns < span.until_s * 1e9))
