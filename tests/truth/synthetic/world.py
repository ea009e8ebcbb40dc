"""What really happened in one trial: the service, and everything else that could go wrong."""

from dataclasses import dataclass, field

from loadtests.question import Question, Setting

Spans = tuple[tuple[float, float], ...]  # from, to; seconds since the first user, in order


@dataclass(frozen=True)
class Service:
    """How the service answers under the whole load."""

    slow_share: float = 0.0  # of its answers slower than the SLO's latency
    spread: float | None = None  # sigma of a log-normal latency; None: quick or slow, no between
    bumpy: float = 0.0  # correlation from one second to the next of the share of slow answers
    error_share: float = 0.0
    locked_share: float = 0.0  # of its users, never answered from a moment on
    locked_from_s: float = 0.0
    growth_ms_per_s: float = 0.0
    growth_from_s: float = 0.0
    other_share: float | None = None  # slow share up to a moment, where it was another then
    other_until_s: float = 0.0
    stalls: Spans = ()  # no answer is given within
    old_share: float = 0.0  # of its users, whose request from before the steady state lasts
    old_until_s: float = 0.0


@dataclass(frozen=True)
class Memory:
    """Of each replica: at rest, with all its users more, and what leaks from the first user on."""

    rest_mib: float = 60.0
    users_mib: float = 30.0
    leak_mib_per_s: float = 0.0


@dataclass(frozen=True)
class Kill:
    """The end of the first replica, or of one of its processes."""

    at_s: float
    for_memory: bool
    by_host: bool = False
    survived: bool = False  # a child was killed, the container ran on
    event_seen: bool = True


@dataclass(frozen=True)
class Host:
    """The machine: what its neighbours and other programs took, and its clock."""

    cgroup: str = "2"
    counts_read: bool = True  # those of cgroup v2, as of containers on this machine
    steal: float = 0.002  # of its CPU
    others: float = 0.01  # of its CPU, used by whoever is no part of the trial
    full: Spans = ()  # in which they took all there was
    slowed: float = 1.0  # factor on every latency of the service
    waits: Spans = ()  # in which the service had no turn
    drift_ms: float = 1.0
    speed: float = 1.0  # of its CPU, relative to the reference
    gauge_error: float = 1.0  # by which the gauge tells too much of that
    used_share: float = 0.5  # of the service's CPU limit, under the whole load


@dataclass(frozen=True)
class Generator:
    """The load generator's own troubles."""

    pauses: Spans = ()
    cpu_cores: float = 0.35
    delay_ms: float = 0.2  # mean, before a request is sent and after its answer came
    lost_share: float = 0.0  # of its users, who end at a moment
    lost_at_s: float = 0.0
    missing_share: float = 0.0  # of its users, who never come
    error_share: float = 0.0  # of its requests, that fail for want of something of its own
    error: str = "emfile"
    reconnect_share: float = 0.0  # of its requests, that found their connection dead


@dataclass(frozen=True)
class Script:
    """What the users' script did beside asking."""

    raise_share: float = 0.0  # of its tasks, that raise before they ask
    silent_share: float = 0.0  # of its users, who send nothing
    sleep_s: tuple[float, float] = (0.0, 0.0)  # beside the think time, uniform


@dataclass(frozen=True)
class World:
    """One trial as it really was."""

    question: Question
    setting: Setting
    service: Service = field(default_factory=Service)
    memory: Memory = field(default_factory=Memory)
    host: Host = field(default_factory=Host)
    generator: Generator = field(default_factory=Generator)
    script: Script = field(default_factory=Script)
    kills: tuple[Kill, ...] = ()
    early_stop: bool = True

    @property
    def steady_start_s(self) -> float:
        """When the steady state is due to begin."""
        workload = self.question.workload
        return workload.ramp_up_s + workload.warm_up_s

    @property
    def steady_end_s(self) -> float:
        """When the steady state is due to end."""
        return self.steady_start_s + self.question.workload.steady_s

    @property
    def sent_share(self) -> float:
        """How much of the load that was asked for the users sent."""
        think_s = self.question.workload.think_mean_s
        lengthened = think_s / (think_s + sum(self.script.sleep_s) / 2)
        asking = (1 - self.script.silent_share) * (1 - self.script.raise_share)
        here = (1 - self.generator.lost_share) * (1 - self.generator.missing_share)
        return lengthened * asking * here
