"""A trial's record with its tables, and what is concluded from them: the words of this room."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pandas as pd

from loadtests import record
from loadtests.analysis.stored_requests import RequestsField, StoredRequests
from loadtests.errors import AguantaError
from loadtests.question import Objective, Setting
from loadtests.record import Trial
from loadtests.verdicts import Verdict


class Voids(StrEnum):
    """Which verdicts a disturbance voids.

    What can only make a service look worse cannot fake a `holds`, so it voids a `fails` only; what
    can only make it look better voids a `holds`; what makes the load lighter than asked voids both.
    """

    NEITHER = "neither"
    FAILS = "fails"
    HOLDS = "holds"
    BOTH = "both"

    def takes(self, verdict: Verdict) -> bool:
        """Say whether that verdict is one of them."""
        return self is Voids.BOTH or self.value == verdict.value


class CauseName(StrEnum):
    """Why a setting fails, as files have it; for people `formats.CAUSES` says it in their words."""

    OUT_OF_MEMORY = "out_of_memory"
    REPLICA_DIED = "replica_died"
    NEVER_READY = "never_ready"  # it ended by itself or never answered, so no load was sent
    CPU_THROTTLED = "cpu_throttled"
    QUEUEING = "queueing"
    HELD_BACK = "held_back"  # at so many requests a second, by something other than CPU
    SLOW = "slow"  # by itself, whether many ask or few
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    WRONG_ANSWERS = "wrong_answers"
    SCRIPT_RAISED = "script_raised"  # the script called the answer wrong, or is wrong itself
    ERRORS = "errors"
    UNEXPLAINED = "unexplained"  # slow, and no counter was reported


@dataclass(frozen=True, eq=False)  # each is what it is: tables are not compared for a key
class Evidence:
    """One trial as it lies in the store."""

    trial: Trial
    requests: pd.DataFrame  # of a stored trial read again where it had to make room
    docker_stats: pd.DataFrame
    generator: pd.DataFrame
    host: pd.DataFrame
    workers: pd.DataFrame = field(  # of a load that several sent, a row a second and worker
        default_factory=lambda: pd.DataFrame(columns=record.WORKER_COLUMNS)
    )

    @classmethod
    def read(cls, folder: Path) -> "Evidence":
        """Read a trial's folder; raises RecordError when it is not a whole record."""
        trial = record.read_trial(folder)
        of_workers = {"workers": record.read_workers(folder)} if trial.workers else {}
        return cls(
            trial=trial,
            requests=StoredRequests(folder),  # type: ignore[arg-type]  # a table once asked for
            docker_stats=record.read_docker_stats(folder),
            generator=record.read_generator(folder),
            host=record.read_host(folder),
            **of_workers,
        )


Evidence.requests = RequestsField("requests")  # type: ignore[assignment]


@dataclass(frozen=True)
class Reading:
    """What a check measured, as its sentence writes it: "0.38" in "cores", "3.0%"."""

    text: str
    unit: str = ""


@dataclass(frozen=True)
class Check:
    """One validity check: what was seen, whether it trips, what that voids, what to do."""

    name: str
    ok: bool
    seen: str
    reading: Reading | None  # what decided; None: not measured, or not reported
    voids: Voids = Voids.NEITHER
    advice: str = ""
    leaves: Verdict = Verdict.INVALID  # what a voided verdict becomes: invalid or undecided


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided confidence bounds."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Judgement:
    """What one trial says: the verdict, why, and how it was reached."""

    verdict: Verdict
    reasons: tuple[str, ...]  # sentences for a person, the most important first
    cause: CauseName | None  # why a setting fails
    checks: tuple[Check, ...]
    # Share of the steady state's requests that were slow or failed; without a steady state long
    # enough to measure its estimate is NaN, its bounds 0 and 1.
    slow_share: Interval
    error_rate: float  # over the whole trial
    # Whether its shares are evidence together with those of other trials: it ran its whole length
    # and no check voided it, so that it is undecided, if it is, by its own interval.
    pooled: bool = True
    # The verdict whatever its CPU speed: as above, with the check of that left out.
    at_its_speed: Verdict = field(kw_only=True)
    # Whether that tells of the setting: it ran whole, and no other check voided it.
    is_sound: bool = field(default=True, kw_only=True)
    # What it says of each objective, all requests together first; () where the SLO has no others.
    objectives: "tuple[ObjectiveResult, ...]" = field(default=(), kw_only=True)


@dataclass(frozen=True)
class ObjectiveResult:
    """What one trial says of one objective, judged as if nothing else had been asked."""

    objective: Objective
    judgement: Judgement
    requests: int  # of its name that began in the steady state
    # At the objective's percentile, with its bounds; None: not measured, or it limits no latency.
    latency_ms: Interval | None
    used: float  # of its limits, the one it is nearest to or farthest beyond: 1 is the limit itself


@dataclass(frozen=True)
class BindingObjective:
    """The objective that decides: the one nearest to its limit, or farthest beyond it."""

    objective: Objective
    verdict: Verdict
    latency_ms: float | None  # at the objective's percentile; None: not measured, or not limited
    error_rate: float  # of its requests, over the whole trial


@dataclass(frozen=True)
class Row:
    """All trials of one setting in one line; figures are medians over its usable trials.

    Latencies, throughput and CPU use are of the steady state and count failures as infinitely slow
    (math.inf). None: nothing was measured, as where every trial ended before it had a steady state.
    """

    setting: Setting
    verdict: Verdict
    reasons: tuple[str, ...]
    cause: CauseName | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    p95_range_ms: tuple[float, float] | None = None  # confidence interval, widest over the trials
    error_rate: float | None = None  # of the whole trial, ramp-up included
    rps: float | None = None
    cpu_cores: float | None = None  # all replicas together, mean over the steady state
    memory_peak_mib: float | None = None  # of the fullest replica
    throttled_ratio: float | None = None  # of periods in steady state, else of the whole trial
    trials: tuple[str, ...] = ()  # keys
    stopped_at_s: float | None = None  # s of load when its trials ended early; None: ran whole
    steady_error_rate: float | None = None  # of requests that ended in the steady state
    demand_cores: float | None = None  # CPU a right answer took x throughput the workload implies
    demand_reference_cores: float | None = None  # the same, had the CPU had the reference speed
    speed: float | None = None  # of the CPU, relative to the reference; None: not known
    slow_share: float | None = None  # of the requests of the steady state, slow or failed
    slo_ms: float | None = None  # at the percentile that the SLO is about
    binding: "BindingObjective | None" = None  # None: the SLO is of all requests only
    reliability: float | None = None  # chance of a cold trial to hold; None: no search told
    is_reliable: bool = True  # as often as a search was asked for; True where none weighed it


@dataclass(frozen=True)
class Skipped:
    """A setting without a trial, and why."""

    setting: Setting
    reason: str

    @classmethod
    def because(cls, setting: Setting, why: AguantaError) -> "Skipped":
        """Return one that could not be measured; of what a service printed nothing is kept."""
        return cls(setting, str(why).splitlines()[0])
