"""Latency against the CPU limit, as the throttled queue says, beside trials that it has not seen.

The queue is fitted to trials with CPU to spare only. What it says of smaller limits is put beside
the trials of those, so that its edge can be compared with the one that was found.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.analysis import formats
from loadtests.analysis.evidence import Interval
from loadtests.analysis.latency import Floats, percentile
from loadtests.analysis.observed import Observed
from loadtests.analysis.predictors import AMPLE, Unfitted
from loadtests.analysis.throttled_prediction import (
    ANY_MIB,
    ThrottledQueue,
    throttled_queue,
)
from loadtests.question import SLO, Setting, Workload

BEYOND = 1.3  # the curve goes so many times beyond the limits of trials
# It is computed at so many limits up to twice the least of the trials, where it bends, and beyond.
BENDS, LIES = 9, 4
LEAST = 0.01  # cores that an engine grants
PERCENTS = (50, 95, 99)


@dataclass(frozen=True, eq=False)
class ThrottledCurve:
    """The percentiles of one load against the CPU limit of each of so many replicas."""

    workload: Workload
    slo: SLO
    replicas: int
    cpus: Floats  # limits, the least first
    percentiles_ms: dict[int, Floats]  # of 50, 95, 99: one value a limit
    p95_low_ms: Floats  # bounds at 95%
    p95_high_ms: Floats
    edge_cpus: Interval | None  # least limit that meets the SLO's latency; None: no limit does
    fitted: tuple[Observed, ...]  # trials that it was fitted to
    tested: tuple[Observed, ...]  # of this load and as many replicas, that it has not seen

    @property
    def measured(self) -> list[Observed]:
        """Trials of this load and as many replicas that have a p95, the least limit first."""
        own = [*self.tested, *(t for t in self.fitted if self.is_of(t))]
        return sorted((t for t in own if t.p95_ms is not None), key=lambda t: t.setting.cpus)

    def is_of(self, trial: Observed) -> bool:
        """Say whether a trial had this load and as many replicas."""
        return trial.workload == self.workload and trial.setting.replicas == self.replicas

    @property
    def sentences(self) -> list[str]:
        """Say where the queue expects the edge, and where trials found it."""
        load = f"{self.workload.label} and {formats.count(self.replicas, 'replica')}"
        fitted = f"{formats.count(len(self.fitted), 'trial')} that used at most {AMPLE:.0%}"
        if self.edge_cpus is None:
            edge = f"that no CPU limit meets {formats.latency_slo(self.slo)}"
        else:
            edge = (
                f"{formats.latency_slo(self.slo)} to be met from {self.edge_cpus.estimate:.2f} CPU "
                f"on (95% interval {self.edge_cpus.low:.2f} to {self.edge_cpus.high:.2f})"
            )
        return [
            f"Fitted to {fitted} of their CPU, the throttled queue expects, with {load}, {edge}.",
            self._found,
        ]

    @property
    def _found(self) -> str:
        limit_ms = self.slo.latency_ms
        met = [t.setting.cpus for t in self.measured if t.p95_ms and t.p95_ms.estimate <= limit_ms]
        missed = [
            t.setting.cpus for t in self.measured if t.p95_ms and t.p95_ms.estimate > limit_ms
        ]
        if not self.measured:
            return "No trial of this load has a p95 to compare with."
        parts = [
            f"met it down to {min(met):g} CPU" if met else "never met it",
            f"missed it up to {max(missed):g} CPU" if missed else "never missed it",
        ]
        return f"By their p95 alone, which is no verdict, trials {' and '.join(parts)}."


def throttled_curve(trials: Sequence[Observed], threads: int = 1) -> ThrottledCurve | Unfitted:
    """Compute it for the load and number of replicas that most limits of CPU were measured with."""
    spare = tuple(trial for trial in trials if trial.use <= AMPLE and trial.p95_ms is not None)
    if not spare:
        return Unfitted("no trial had CPU to spare")
    queue = throttled_queue(spare, threads)
    if isinstance(queue, Unfitted):
        return queue
    limits = {(t.setting.replicas, t.workload, t.setting.cpus) for t in trials if t.p95_ms}
    (replicas, workload), _ = max(
        Counter((replicas, workload) for replicas, workload, _ in limits).items(),
        key=lambda each: (each[1], -each[0][0]),
    )
    own = [cpus for count, load, cpus in limits if (count, load) == (replicas, workload)]
    return _curve(queue, trials, spare, replicas, workload, (min(own), max(own)))


def _curve(
    queue: ThrottledQueue,
    trials: Sequence[Observed],
    spare: tuple[Observed, ...],
    replicas: int,
    workload: Workload,
    limits: tuple[float, float],
) -> ThrottledCurve:
    slo = trials[0].slo
    begin, bent, end = max(LEAST, limits[0] / BEYOND), 2 * limits[0], limits[1] * BEYOND
    cpus = np.geomspace(begin, min(bent, end), BENDS)
    if end > bent:
        cpus = np.unique(np.concatenate([cpus, np.geomspace(bent, end, LIES)]))
    settings = [Setting(float(each), ANY_MIB, replicas) for each in cpus]
    quantiles = [queue.quantiles_ms(setting, workload) for setting in settings]
    bounds = [
        queue.bounded(percentile(each, 95), setting, workload)
        for each, setting in zip(quantiles, settings, strict=True)
    ]
    unseen = [t for t in trials if t not in spare and t.p95_ms is not None]
    return ThrottledCurve(
        workload=workload,
        slo=slo,
        replicas=replicas,
        cpus=cpus,
        percentiles_ms={
            percent: np.array([percentile(each, percent) for each in quantiles])
            for percent in PERCENTS
        },
        p95_low_ms=np.array([each.low for each in bounds]),
        p95_high_ms=np.array([each.high for each in bounds]),
        edge_cpus=queue.least_cpus(workload, slo, replicas),
        fitted=spare,
        tested=tuple(t for t in unseen if (t.setting.replicas, t.workload) == (replicas, workload)),
    )
