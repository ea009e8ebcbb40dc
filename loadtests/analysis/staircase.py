"""A live staircase level by level: what its record says of each, and whether it passed.

A level is looked at as a trial would be, but it is none: no fresh containers, and the queues of the
level before weigh on it.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from loadtests.analysis import counters
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import (
    answered_rps,
    in_flight_users,
    percentile,
    slow_counts,
    steady_error_rate,
    steady_sample,
)
from loadtests.record import Phases
from loadtests.verdicts import Step

LOOKS = 100  # moments at which users in flight are counted in a level


@dataclass(frozen=True)
class LevelRow:
    """One level of a staircase."""

    cpus: float
    users: int
    start_s: float
    steady_start_s: float
    steady_end_s: float
    passes: bool
    p50_ms: float
    p95_ms: float  # inf where that many failed
    slow_share: float
    error_rate: float
    rps: float | None
    cpu_cores: float | None
    throttled_ratio: float | None
    in_flight: float  # users who waited for an answer, mean over its steady state
    rate_per_s: float | None = None  # arrivals of an open load


def at_level(evidence: Evidence, step: Step) -> Evidence:
    """Return the record as that of a trial whose whole steady state was this level's."""
    trial = evidence.trial
    asked = trial.question.workload
    workload = replace(
        asked, users=step.users, steady_s=asked.level_steady_s, rate_per_s=step.rate_per_s
    )
    phases = Phases(trial.phases.spawned_s, step.steady_start_s, step.steady_end_s)
    question = replace(trial.question, workload=workload)
    setting = replace(trial.setting, cpus=step.cpus)
    return replace(
        evidence, trial=replace(trial, question=question, setting=setting, phases=phases)
    )


def level_rows(evidence: Evidence) -> list[LevelRow]:
    """Return one row a level, in the order in which they were climbed."""
    return [_row(evidence, step) for step in evidence.trial.steps]


def _row(evidence: Evidence, step: Step) -> LevelRow:
    slo = evidence.trial.question.slo
    at = at_level(evidence, step)
    sample = steady_sample(at)
    slow, total = (int(each.sum()) for each in slow_counts(sample))
    return LevelRow(
        cpus=step.cpus,
        users=step.users,
        rate_per_s=step.rate_per_s,
        start_s=step.start_s,
        steady_start_s=step.steady_start_s,
        steady_end_s=step.steady_end_s,
        passes=step.passes(slo),
        p50_ms=percentile(sample.latency_ms, 50),
        p95_ms=percentile(sample.latency_ms, slo.percentile),
        slow_share=slow / total if total else math.nan,
        error_rate=steady_error_rate(at) or 0.0,
        rps=answered_rps(at),
        cpu_cores=step.cpu_cores,
        throttled_ratio=counters.throttled_ratio(at),
        in_flight=_in_flight(at, step),
    )


def _in_flight(evidence: Evidence, step: Step) -> float:
    at_s = np.linspace(step.steady_start_s, step.steady_end_s, LOOKS)
    return float(in_flight_users(evidence, at_s).mean())
