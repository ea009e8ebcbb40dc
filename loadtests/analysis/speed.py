"""How fast a CPU second was during a trial, by several gauges, and which of them explains most.

The CPU time of one request is the service's own need times the slowness of the CPU at that moment
(neighbours on the same core, shared caches, the clock). A gauge is something else that slows down
with it; divided by a good gauge, the CPU time of a request is the same in every trial of a setting.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.latency import Floats

GENERATOR_CPU = "generator CPU per request"
FIXED_WORK = "fixed work in the generator"
PINNED_WORK = "fixed work on each CPU of the host"
NOBODY = "nobody"  # beside a trial that had no neighbour on purpose
RESAMPLES = 2_000


@dataclass(frozen=True)
class SpeedTrial:
    """One trial: CPU time of the service per right answer, and what the gauges showed."""

    setting: str  # trials are compared with others of their setting only
    neighbour: str  # what ran beside it on purpose
    service_cpu_ms: float
    gauges: Mapping[str, float]  # by name, each in a unit of its own


@dataclass(frozen=True)
class Explained:
    """How much of the spread between trials of one setting a gauge takes away."""

    gauge: str
    trials: int
    raw: float  # standard deviation / mean of the service's CPU per request, within settings
    normalised: float  # the same, divided by the gauge
    ratio: Interval  # normalised / raw, with its bootstrap interval
    slope: Interval  # of log(service) on log(gauge); 1: they slow down by the same factor

    @property
    def proven(self) -> bool:
        """Whether dividing by the gauge provably makes the spread smaller."""
        return self.ratio.high < 1.0


def generator_cpu_ms(evidence: Evidence) -> float | None:
    """Return the CPU that the generator took a request in steady state, in milliseconds."""
    seconds = _steady(evidence)
    requests = float(seconds["rps"].sum())
    return 1000 * float(seconds["cpu_cores"].sum()) / requests if requests > 0 else None


def work_us(evidence: Evidence) -> float | None:
    """Return the CPU time that a piece of the gauge's work took in steady state, in microseconds.

    None in records from before there was a gauge.
    """
    mean = float(_steady(evidence)["work_us"].mean())
    return None if math.isnan(mean) else mean


def _steady(evidence: Evidence) -> pd.DataFrame:
    phases, table = evidence.trial.phases, evidence.generator
    # A row stands for the second that ends with it.
    inside = (table["time_s"] > phases.steady_start_s + 1) & (
        table["time_s"] <= phases.steady_end_s
    )
    return table[inside]


def explain(trials: Sequence[SpeedTrial], gauge: str, seed: int = 1) -> Explained:
    """Return what dividing by a gauge does to the spread between trials of one setting.

    Spreads are standard deviations of logarithms about each setting's mean. The intervals come
    from 2,000 resamples of the trials within their settings (Efron's bootstrap, percentiles).
    Raises ValueError when no setting has two trials that know the gauge.
    """
    known = [trial for trial in trials if gauge in trial.gauges]
    groups = [
        np.array([[math.log(t.service_cpu_ms), math.log(t.gauges[gauge])] for t in mine])
        for name in dict.fromkeys(t.setting for t in known)
        if len(mine := [t for t in known if t.setting == name]) > 1
    ]
    if not groups:
        raise ValueError(f"no setting has two trials that know {gauge}")
    raw, normalised, slope = _spreads(groups)
    rng = np.random.default_rng(seed)
    again = np.array([_spreads([_resampled(g, rng) for g in groups]) for _ in range(RESAMPLES)])
    ratios = again[:, 1] / again[:, 0]
    return Explained(
        gauge,
        sum(map(len, groups)),
        raw,
        normalised,
        _interval(normalised / raw, ratios),
        _interval(slope, again[:, 2]),
    )


def _resampled(group: Floats, rng: np.random.Generator) -> Floats:
    drawn: Floats = group[rng.integers(0, len(group), len(group))]
    return drawn


def _spreads(groups: Sequence[Floats]) -> tuple[float, float, float]:
    """Return raw spread, spread divided by the gauge, and slope, within groups."""
    about = np.concatenate([group - group.mean(axis=0) for group in groups])
    freedom = len(about) - len(groups)
    service, gauge = about[:, 0], about[:, 1]
    squares = float((gauge**2).sum())
    return (
        math.sqrt(float((service**2).sum()) / freedom),
        math.sqrt(float(((service - gauge) ** 2).sum()) / freedom),
        float((service * gauge).sum()) / squares if squares else math.nan,
    )


def _interval(estimate: float, again: Floats) -> Interval:
    low, high = np.nanpercentile(again, [2.5, 97.5])
    return Interval(estimate, float(low), float(high))
