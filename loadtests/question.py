"""The question: which load, to which SLO, with which setting.

Every value is checked when it is built, so that nothing downstream has to ask again.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from loadtests.errors import QuestionError

# Users who think longer than this would outlast the keep-alive of common servers (the service
# here keeps 120 s) and measure reconnecting instead of answering.
THINK_TIME_MAX_S = 110.0

ALL = "*"  # all requests together, where an objective names an endpoint
PERCENTILES = (50.0, 99.9)  # below it is no tail; beyond it no trial has enough requests
_HALF = 50.0

CLOSED = "closed"  # users wait for an answer, think, and ask again
POISSON = "poisson"  # requests come whether or not others were answered, independently
CONSTANT = "constant"  # likewise, evenly spaced
OPEN = (POISSON, CONSTANT)
# Of users who stand ready to send what arrives. So many wait at once only where an answer takes
# seconds at thousands of requests a second, which is more than one load generator sends.
POOL_MOST = 10_000
_POOL_SPARE = 10


def _require(condition: bool, name: str, value: object, rule: str) -> None:
    if not condition:
        raise QuestionError(f"{name} is {value!r}; it must be {rule}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _require_count(name: str, value: object) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
    _require(whole, name, value, "a whole number above 0")


def _require_positive(name: str, value: object) -> None:
    _require(_is_number(value) and value > 0, name, value, "a number above 0")  # type: ignore[operator]


def _require_error_rate(name: str, value: object) -> None:
    share = _is_number(value) and 0 <= value < 1  # type: ignore[operator]
    _require(share, name, value, "at least 0 and below 1")


@dataclass(frozen=True)
class Workload:
    """A load, closed or open.

    Closed: each user sends a request, waits for its answer, thinks, and repeats. Open: requests
    arrive at a rate, whether or not those before were answered; users only stand ready to send
    them, so they do not think, and the think time says only how long the warm-up is.
    """

    users: int = 10_000
    spawn_rate: float = 500.0  # users per second
    think_time_s: tuple[float, float] = (5.0, 15.0)  # uniform between the two
    steady_s: float = 30.0
    timeout_s: float = 10.0  # a request without an answer by then has failed
    arrivals: str = CLOSED
    rate_per_s: float | None = None  # arrivals per second of an open load, after the ramp-up

    def __post_init__(self) -> None:
        """Refuse what cannot be a load."""
        self._require_arrivals()
        _require_count("users", self.users)
        _require_positive("spawn_rate", self.spawn_rate)
        low_high = self.think_time_s
        is_pair = isinstance(low_high, tuple) and len(low_high) == 2
        _require(
            is_pair and all(_is_number(t) for t in low_high) and 0 <= low_high[0] <= low_high[1],
            "think_time_s",
            low_high,
            "two numbers of seconds, the first from 0 to the second",
        )
        _require(
            0 < low_high[1] <= THINK_TIME_MAX_S,
            "think_time_s",
            low_high,
            f"above 0 and at most {THINK_TIME_MAX_S:g} s, or keep-alive would end in between",
        )
        _require_positive("steady_s", self.steady_s)
        _require_positive("timeout_s", self.timeout_s)

    def _require_arrivals(self) -> None:
        _require(
            self.arrivals in (CLOSED, *OPEN),
            "arrivals",
            self.arrivals,
            f"one of {', '.join((CLOSED, *OPEN))}",
        )
        if self.is_open:
            _require_positive("rate_per_s", self.rate_per_s)
        else:
            _require(
                self.rate_per_s is None,
                "rate_per_s",
                self.rate_per_s,
                f"left out of a closed load; a rate needs arrivals {' or '.join(OPEN)}",
            )

    def opened(self, arrivals: str, rate_per_s: float) -> "Workload":
        """Return the same load with open arrivals, and users enough to send them.

        As many as can be waiting for answers at the timeout (Little 1961: L = rate x timeout),
        three standard deviations of a Poisson count, and a few to spare. Where all of them wait,
        arrivals wait for the next who is free, and that counts as latency.
        """
        _require_positive("rate_per_s", rate_per_s)
        waiting = rate_per_s * self.timeout_s
        pool = math.ceil(waiting + 3 * math.sqrt(waiting)) + _POOL_SPARE
        return replace(
            self, users=min(pool, POOL_MOST), arrivals=arrivals, rate_per_s=float(rate_per_s)
        )

    @property
    def is_open(self) -> bool:
        """Whether requests arrive at a rate, and not from users who wait and think."""
        return self.arrivals != CLOSED

    @property
    def label(self) -> str:
        """The load as a person would write it: users, or arrivals per second."""
        return load_label(self.users, self.rate_per_s)

    @property
    def think_mean_s(self) -> float:
        """Mean think time, the Z of Little's law."""
        return sum(self.think_time_s) / 2

    @property
    def ramp_up_s(self) -> float:
        """Time in which all users arrive."""
        return self.users / self.spawn_rate

    @property
    def warm_up_s(self) -> float:
        """Time between the last arrival and the steady state: one mean think time, at least 2 s."""
        return max(2.0, self.think_mean_s)

    @property
    def level_warm_up_s(self) -> float:
        """Time for a change of limit to show, on a staircase whose users are there already."""
        return max(2.0, self.think_mean_s / 4)

    @property
    def level_steady_s(self) -> float:
        """Time for which a staircase's level is looked at: a sixth of a trial's, at least 5 s."""
        return max(5.0, self.steady_s / 6)

    @property
    def duration_s(self) -> float:
        """Ramp-up, warm-up and steady state."""
        return self.ramp_up_s + self.warm_up_s + self.steady_s

    def staircase_s(self, levels: int) -> float:
        """Return how long a live staircase of so many levels is under load."""
        level_s = self.level_warm_up_s + self.level_steady_s
        return self.ramp_up_s + self.warm_up_s + self.level_steady_s + (levels - 1) * level_s

    def expected_rps(self, latency_s: float = 0.0) -> float:
        """Requests per second the load implies: X = N / (R + Z) (Little 1961), or its rate."""
        if self.rate_per_s is not None:
            return self.rate_per_s
        return self.users / (latency_s + self.think_mean_s)

    @property
    def user_s(self) -> float:
        """Time that all users together spend in a trial; those of the ramp-up come one by one."""
        return self.users * (self.ramp_up_s / 2 + self.warm_up_s + self.steady_s)

    @property
    def requests_at_most(self) -> int:
        """Requests of a whole trial if every answer came at once: each user's first, and more.

        Of an open load those that arrive, four standard deviations included.
        """
        if self.rate_per_s is not None:
            expected = self.rate_per_s * (self.ramp_up_s / 2 + self.warm_up_s + self.steady_s)
            return math.ceil(expected + 4 * math.sqrt(expected))
        return math.ceil(self.users + self.user_s / self.think_mean_s)


def load_label(users: int, rate_per_s: float | None) -> str:
    """Return a load as a person would write it."""
    return f"{users:,} users" if rate_per_s is None else f"{rate_per_s:,g} arrivals/s"


@dataclass(frozen=True)
class Objective:
    """One limit more that has to hold: of the requests of one name, or of all of them."""

    name: str  # of an endpoint, as the users' script reports it; ALL is all requests together
    percentile: float | None = None  # with latency_ms; None: any latency within the timeout will do
    latency_ms: float | None = None
    error_rate: float | None = None  # of the whole trial; None: failures only count as slow

    def __post_init__(self) -> None:
        """Refuse what limits nothing."""
        one_line = bool(self.name.strip()) and self.name.isprintable()
        _require(one_line, "an objective", self.name, "of an endpoint's name on one line, or *")
        _require(
            (self.latency_ms is None) == (self.percentile is None)
            and (self.latency_ms is not None or self.error_rate is not None),
            f"the objective of {self.name}",
            self,
            "a percentile with its latency_ms, an error_rate, or both",
        )
        if self.percentile is not None:
            low, high = PERCENTILES
            known = _is_number(self.percentile) and low <= self.percentile <= high
            _require(known, "percentile", self.percentile, f"from {low:g} to {high:g}")
        if self.latency_ms is not None:
            _require_positive(f"latency_ms of {self.name}", self.latency_ms)
        if self.error_rate is not None:
            _require_error_rate(f"error_rate of {self.name}", self.error_rate)

    def slo(self, timeout_s: float) -> "SLO":
        """Return what the requests of its name are held to, as if there were no others.

        What it does not limit is let be: an answer may take as long as there is a timeout to wait
        for it, and any share of requests may fail as far as the percentile allows.
        """
        return SLO(
            _HALF if self.percentile is None else self.percentile,
            math.nextafter(1000 * timeout_s, 0) if self.latency_ms is None else self.latency_ms,
            math.nextafter(1, 0) if self.error_rate is None else self.error_rate,
        )


@dataclass(frozen=True)
class SLO:
    """What it means to hold: a latency at a percentile, and a share of failures.

    Both are of all requests together; `objectives` are further limits, and all have to hold.
    """

    percentile: float = 95.0
    latency_ms: float = 500.0
    error_rate: float = 0.001
    objectives: tuple[Objective, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be an SLO."""
        _require(
            _is_number(self.percentile) and 0 < self.percentile < 100,
            "percentile",
            self.percentile,
            "between 0 and 100",
        )
        _require_positive("latency_ms", self.latency_ms)
        _require_error_rate("error_rate", self.error_rate)

    @property
    def of_all(self) -> Objective:
        """The limits of all requests together, as one objective among the others."""
        return Objective(ALL, self.percentile, self.latency_ms, self.error_rate)

    @property
    def slow_share(self) -> float:
        """Share of requests that may be slower than latency_ms (0.05 for p95)."""
        return 1 - self.percentile / 100


@dataclass(frozen=True)
class Question:
    """A load and the SLO to hold under it."""

    workload: Workload = field(default_factory=Workload)
    slo: SLO = field(default_factory=SLO)

    def __post_init__(self) -> None:
        """Refuse a timeout that would cut off answers the SLO still calls good."""
        limits_ms = (self.slo.latency_ms, *(each.latency_ms or 0 for each in self.slo.objectives))
        _require(
            self.workload.timeout_s * 1000 > max(limits_ms),
            "timeout_s",
            self.workload.timeout_s,
            f"longer than the SLO's {max(limits_ms):g} ms",
        )


@dataclass(frozen=True)
class EarlyStop:
    """What tells when failures prove, of a whole trial's requests, more than may fail.

    The load generator stops by it, and the trial is judged by the same rule
    (`loadtests/generator/early_stop.py`). Slow answers are no reason: what is slow for a while may
    yet keep the SLO, or stay in doubt, and that takes the whole steady state to tell.
    """

    error_rate: float
    requests: int  # of a whole trial, by users who ask once between two thinks
    user_s: float  # time of all users together in a whole trial

    @classmethod
    def of(cls, question: Question) -> "EarlyStop":
        """Return the patience that a question's trials deserve."""
        workload = question.workload
        return cls(question.slo.error_rate, workload.requests_at_most, workload.user_s)


@dataclass(frozen=True, order=True)
class Setting:
    """What each replica is granted, and how many there are."""

    cpus: float  # cores per replica
    memory_mib: int  # per replica, swap off
    replicas: int = 1

    def __post_init__(self) -> None:
        """Refuse what no engine could grant."""
        _require(
            _is_number(self.cpus) and self.cpus >= 0.01,
            "cpus",
            self.cpus,
            "a number of cores, at least 0.01",
        )
        _require_count("memory_mib", self.memory_mib)
        _require(self.memory_mib >= 6, "memory_mib", self.memory_mib, "at least 6 MiB")
        _require_count("replicas", self.replicas)

    @property
    def label(self) -> str:
        """The setting as a person would write it."""
        each = f"{self.cpus:g} CPU / {self.memory_mib} MiB"
        return each if self.replicas == 1 else f"{self.replicas} x {each}"

    def grants_at_least(self, other: "Setting") -> bool:
        """Say whether each replica gets no less than the other's, with as many replicas.

        More replicas are no order of this kind: each of them costs memory of its own.
        """
        return (
            self.replicas == other.replicas
            and self.cpus >= other.cpus
            and self.memory_mib >= other.memory_mib
        )

    @property
    def total_cpus(self) -> float:
        """Cores over all replicas."""
        return self.cpus * self.replicas

    @property
    def total_memory_mib(self) -> int:
        """Memory over all replicas."""
        return self.memory_mib * self.replicas


Cost = Callable[[Setting], float]  # per hour


def rank(setting: Setting, cost: Cost) -> tuple[float, int, float, int]:
    """Return the order of "least": cost per hour, then fewer replicas, then less CPU.

    Costs are compared to a billionth, so that sums of equal parts are equal.
    """
    return round(cost(setting), 9), setting.replicas, setting.cpus, setting.memory_mib


class Balancing(StrEnum):
    """Who spreads users over replicas."""

    DNS = "dns"  # nobody: a name has the addresses of all, and connections take them in turn
    LEAST_CONNECTIONS = "haproxy"  # a proxy: each request to the replica with the fewest in hand
    ROUND_ROBIN = "haproxy-roundrobin"  # a proxy: each request to the next replica

    @property
    def is_proxied(self) -> bool:
        """Whether requests go through a proxy."""
        return self is not Balancing.DNS


def balancing_of(name: str) -> Balancing:
    """Return the balancing of that name; raises QuestionError for one that there is not."""
    known = [each.value for each in Balancing]
    _require(name in known, "balancing", name, f"one of {', '.join(known)}")
    return Balancing(name)


class EndpointMode(StrEnum):
    """How a Swarm's service is found by its name (`--endpoint-mode` of docker service create)."""

    DNSRR = "dnsrr"  # the name has the addresses of all replicas
    VIP = "vip"  # one address, behind which the kernel (IPVS) spreads connections


def endpoint_mode_of(name: str) -> EndpointMode:
    """Return the endpoint mode of that name; raises QuestionError for one that there is not."""
    known = [each.value for each in EndpointMode]
    _require(name in known, "endpoint_mode", name, f"one of {', '.join(known)}")
    return EndpointMode(name)


@dataclass(frozen=True)
class Target:
    """The image to be asked, and how to reach the service in it."""

    image: str
    port: int = 8000
    health_path: str = "/health"
    command: tuple[str, ...] = ()  # in place of the image's own
    user: str = ""  # "" is the image's own
    environment: tuple[str, ...] = ()  # names only: values may be secrets
    environment_digest: str = ""  # tells two sets of values apart, and no value
    host_header: str = ""  # that requests carry; "" is the container's own name
    companions: tuple[str, ...] = ()  # services started beside it, by their names
    stack_digest: str = ""  # of all that their compose file says of it and them
    files: tuple[str, ...] = ()  # paths in its container of what is copied there
    files_digest: str = ""  # tells two contents apart, and is too short to guess one from
    balancing: Balancing = Balancing.DNS  # over its replicas
    swarm: EndpointMode | None = None  # its replicas are a Swarm's service; None: of one engine

    def __post_init__(self) -> None:
        """Refuse what cannot be reached."""
        _require(bool(self.image.strip()), "image", self.image, "the name of an image")
        _require_count("port", self.port)
        _require(self.port < 65536, "port", self.port, "below 65536")
        _require(
            self.health_path.startswith("/"), "health_path", self.health_path, "a path like /health"
        )

    @property
    def shows_replicas(self) -> bool:
        """Whether requests go to the replicas' own addresses, and not to one in front of them."""
        return not self.balancing.is_proxied and self.swarm is not EndpointMode.VIP
