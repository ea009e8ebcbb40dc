"""What one replica can answer, however much CPU it has; and so how many of them a load takes.

A sleep, a lock, a pool of workers or a service behind it lets a replica answer so many requests a
second and no more. Users wait, its CPU stands idle, and more of that changes nothing. By the law of
a queue (Kleinrock 1975) the load takes so many replicas that none is asked for all it can answer.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np
import pandas as pd

from loadtests.analysis import counters, formats, hosts
from loadtests.analysis.calibration import UTILISATION
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import Floats, Ints, columns

# CPU of which half lies idle while users wait is not what they wait for. What has one thread uses
# one core, whatever it is granted.
IDLE_SHARE = 0.5
ONE_CORE = (0.9, 1.1)
MORE_THAN_ONE_CORE = 1.5
# A queue for CPU forms where a quarter of the periods is throttled; what is not short of it meets
# that in its bursts alone.
HARDLY_THROTTLED = 0.1
MEMORY_FULL = 0.9  # of its limit: then reading again what did not fit may be what it waits for
# The first of a name to come found no queue. Who took twice as long as they did waited behind
# others; latency that is nobody's queue is there from the first. Of several tens the quickest
# counts: a host that is busy, or a service that is not warm, answers the very first late.
FIRST_REQUESTS = 10
FIRST_TENS = 5
WAITED_TIMES = 2.0
# Whole seconds in a row of nothing but such waiting: six batches are the least for an interval, and
# a server that answers steadily does so over its halves, but for three standard errors of chance.
LEAST_S = 5
LEAST_MS = 1e-6  # no answer is quicker, and none is divided by nothing
FLAT_SHARE = 0.2
STANDARD_ERRORS = 3.0


class Holds(StrEnum):
    """What holds a replica back, as far as its counters tell."""

    ELSEWHERE = "elsewhere"  # nothing that it was granted
    ONE_THREAD = "one_thread"  # a core of its own, of several


@dataclass(frozen=True)
class ReplicaLimit:
    """The rate at which one replica answers while users wait, and what the load asks for."""

    rps: float  # of one replica
    asked_rps: float  # of all, were every answer to come at once
    replicas: int  # that were measured
    seconds: int  # for which users waited
    cpu_share: float  # of the CPU granted, meanwhile
    cores: float  # of each replica, meanwhile
    held_by: Holds
    asked_in: str = "requests/s"  # "arrivals/s" of an open load

    @property
    def replicas_needed(self) -> int:
        """How many replicas the load takes, each asked for four fifths of what it can answer."""
        return math.ceil(self.asked_rps / self.rps / UTILISATION)

    @property
    def law(self) -> str:
        """Say what one replica answers, what is asked, and how many replicas that takes."""
        return (
            f"it answers {_rate(self.rps)} a replica, and the load asks for "
            f"{_rate(self.asked_rps, self.asked_in)}: that takes about "
            f"{formats.count(self.replicas_needed, 'replica')}"
        )

    @property
    def sentence(self) -> str:
        """Say it with what it was seen by."""
        used = formats.share(self.cpu_share)
        seen = f"{used} of the CPU limit used while users waited for {self.seconds} s"
        if self.held_by is Holds.ONE_THREAD:
            return (
                f"One busy core per replica ({seen}): more CPU cannot help one thread, replicas "
                f"can; {self.law}"
            )
        return (
            f"Something other than its CPU holds it back, such as a sleep, a lock, a pool or a "
            f"service behind it ({seen}): more CPU does not help; {self.law}, if what holds it "
            "back is not one for all of them"
        )


def _rate(rps: float, unit: str = "requests/s") -> str:
    digits = 1 if rps < 10 else 0
    return formats.quantity(rps, unit, digits)


def replica_limit(evidence: Evidence) -> ReplicaLimit | None:
    """Return what a replica of a trial can answer where that is not for want of CPU; else None.

    None too where next to none of the host's CPU was idle: who waits for a turn of it uses no more
    of his own limit than who waits for something else.
    """
    return None if hosts.host_was_full(evidence) else seeming_limit(evidence)


def seeming_limit(evidence: Evidence) -> ReplicaLimit | None:
    """Return the same of a trial whatever else ran on its host.

    By its record alone: while users waited, for seconds on end and with no request failing, it
    answered at a steady rate that is less than the load asks for, its CPU mostly idle and hardly
    throttled, its memory not full. Where answers take longer than the SLO without any queue no
    number of replicas helps, and there is None too.
    """
    window = _sampled(evidence, _waiting_s(evidence))
    if window is None or is_full(evidence) or _is_slow_alone(evidence):
        return None
    begin_s, end_s = window
    rates = _answered_by_second(evidence, begin_s, end_s)
    cores = _cores(evidence, begin_s, end_s)
    throttled = counters.throttled_ratio(evidence)
    if cores is None or not _is_flat(rates):
        return None
    if throttled is not None and throttled > HARDLY_THROTTLED:
        return None
    setting, granted = evidence.trial.setting, evidence.trial.granted_cores
    each = cores / setting.replicas
    one_core = ONE_CORE[0] <= each <= ONE_CORE[1] and setting.cpus >= MORE_THAN_ONE_CORE
    if not one_core and cores > IDLE_SHARE * granted:
        return None
    found = ReplicaLimit(
        rps=float(rates.mean()) / setting.replicas,
        asked_rps=_asked_rps(evidence),
        replicas=setting.replicas,
        seconds=len(rates),
        cpu_share=cores / granted,
        cores=each,
        held_by=Holds.ONE_THREAD if one_core else Holds.ELSEWHERE,
        asked_in="arrivals/s" if evidence.trial.question.workload.is_open else "requests/s",
    )
    return found if found.replicas_needed > setting.replicas else None


def _waiting_s(evidence: Evidence) -> tuple[int, int]:
    """Return the longest run of whole seconds in which all that ended had waited, and none failed.

    From when to when (s since the first user). One second in which nothing ended breaks no run.
    """
    start_s, latency_ms, ok, in_flight = columns(evidence)
    end_s, times = start_s + latency_ms / 1000, _times_alone(evidence)
    told: list[bool | None] = []  # None: nothing ended
    for second in range(math.floor(_last_s(evidence))):
        ended = ~in_flight & (end_s >= second) & (end_s < second + 1)
        waited = (
            ok[ended].all() and np.median(times[ended]) >= WAITED_TIMES if ended.any() else None
        )
        told.append(None if waited is None else bool(waited))
    waits = [
        each or (each is None and told[n - 1 : n] == told[n + 1 : n + 2] == [True])
        for n, each in enumerate(told)
    ]
    runs = [list(run) for does, run in groupby(range(len(waits)), waits.__getitem__) if does]
    longest = max(runs, key=len, default=[0])
    return longest[0], longest[-1] + 1


def _times_alone(evidence: Evidence) -> Floats:
    """Return how many times as long each request took as the first of its name."""
    start_s, latency_ms, _, _ = columns(evidence)
    codes = _names(evidence)
    table = pd.DataFrame({"name": codes, "ms": latency_ms})
    ordered = table.iloc[np.argsort(start_s, kind="stable")]
    ten = ordered.groupby("name").cumcount() // FIRST_REQUESTS
    first = ordered[ten < FIRST_TENS].groupby(["name", ten])["ms"].agg(["median", "size"])
    whole = (first["size"] == FIRST_REQUESTS) | (first.index.get_level_values(1) == 0)
    alone_ms = first.loc[whole, "median"].groupby("name").min()
    usual_ms: Floats = np.maximum(alone_ms.reindex(codes).to_numpy(np.float64), LEAST_MS)
    return latency_ms / usual_ms


def _names(evidence: Evidence) -> Ints:
    """Return a number for the name of each request.

    Names that few requests have are taken for one: the first of each may have come late.
    """
    codes = evidence.requests["name"].astype("category").cat.codes.to_numpy(np.int64) + 1
    return np.where(np.bincount(codes)[codes] < 2 * FIRST_REQUESTS, 0, codes)


def _sampled(evidence: Evidence, window: tuple[int, int]) -> tuple[int, int] | None:
    """Return the part of a run of seconds in which docker stats saw all replicas; None: short."""
    stats = evidence.docker_stats
    seen = stats[stats["role"] == "replica"].groupby("container", observed=True)["time_s"]
    if seen.ngroups < evidence.trial.setting.replicas:
        return None
    begin_s = max(window[0], math.ceil(seen.min().max()))
    end_s = min(window[1], math.floor(seen.max().min()) + 1)
    return (begin_s, end_s) if end_s - begin_s >= LEAST_S else None


def _is_slow_alone(evidence: Evidence) -> bool:
    """Say whether more calls than may be slow are of endpoints whose quickest answer is too slow.

    The quickest found the shortest queue, or none; what it took is the least of any number of
    replicas.
    """
    slo, (_, latency_ms, ok, _) = evidence.trial.question.slo, columns(evidence)
    answered = pd.DataFrame({"name": _names(evidence)[ok], "ms": latency_ms[ok]})
    quickest_ms = answered.groupby("name")["ms"].transform("min")
    return int((quickest_ms > slo.latency_ms).sum()) > slo.slow_share * len(answered)


def _last_s(evidence: Evidence) -> float:
    return evidence.trial.phases.steady_end_s


def _answered_by_second(evidence: Evidence, begin_s: int, end_s: int) -> Floats:
    start_s, latency_ms, ok, _ = columns(evidence)
    ended_s = (start_s + latency_ms / 1000)[ok]
    edges = np.arange(begin_s, end_s + 1)
    return np.histogram(ended_s, edges)[0].astype(np.float64)


def _is_flat(rates: Floats) -> bool:
    """Say whether both halves answered alike, but for chance."""
    half, mean = len(rates) // 2, float(rates.mean())
    chance = STANDARD_ERRORS * math.sqrt(2 * mean / half)
    apart = abs(float(rates[:half].mean()) - float(rates[-half:].mean()))
    return apart <= max(FLAT_SHARE * mean, chance)


def _cores(evidence: Evidence, begin_s: int, end_s: int) -> float | None:
    """Return the cores that all replicas used between two moments; None where it is not known."""
    stats = evidence.docker_stats
    cores = 0.0
    for _, group in stats[stats["role"] == "replica"].groupby("container", observed=True):
        time_s, cpu_s = (group[name].to_numpy(np.float64) for name in ("time_s", "cpu_s"))
        if not np.isfinite(cpu_s).all():
            return None
        from_s, to_s = np.interp([begin_s, end_s], time_s, cpu_s)
        cores += float((to_s - from_s) / (min(end_s, time_s[-1]) - begin_s))
    return cores


def is_full(evidence: Evidence) -> bool:
    """Say whether a replica took next to all of its memory."""
    peak_mib = counters.memory_peak_mib(evidence)
    return peak_mib is not None and peak_mib >= MEMORY_FULL * evidence.trial.setting.memory_mib


def _asked_rps(evidence: Evidence) -> float:
    """Return requests a second, were answers to come at once: of every think as many as there were.

    Of this project's script there is one; of another's what was counted.
    """
    generator, workload = evidence.trial.generator, evidence.trial.question.workload
    each = generator.requests / generator.thinks if generator.thinks else 1.0
    own = evidence.trial.own_script is not False
    return workload.expected_rps() * (1.0 if own or workload.is_open else each)
