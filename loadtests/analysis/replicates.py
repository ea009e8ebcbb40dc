"""Every trial of several settings, and how far those of one setting lie apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadtests.analysis.between_trials import log_interval, logit_interval
from loadtests.analysis.evidence import Interval, Row
from loadtests.analysis.summary import Judged, measure_row
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Metric:
    """One figure of a trial, and how its interval between trials is taken."""

    name: str
    unit: str
    of: Callable[[Row], float | None]
    is_share: bool = False

    def values(self, rows: Sequence[Row]) -> list[float | None]:
        """Return the figure of each trial; None where it was not measured."""
        return [self.of(row) for row in rows]

    def interval(self, rows: Sequence[Row]) -> Interval | None:
        """Return the mean over trials with its 95% interval between them; None: not known."""
        values = self.values(rows)
        return logit_interval(values) if self.is_share else log_interval(values)


P50 = Metric("p50", "ms", lambda row: row.p50_ms)
P95 = Metric("p95", "ms", lambda row: row.p95_ms)
P99 = Metric("p99", "ms", lambda row: row.p99_ms)
FAILED = Metric("failed", "share of the whole trial", lambda row: row.error_rate, is_share=True)
THROTTLED = Metric("throttled", "share of periods", lambda row: row.throttled_ratio, is_share=True)
CPU = Metric("CPU used", "cores", lambda row: row.cpu_cores)
MEMORY = Metric("memory peak", "MiB a replica", lambda row: row.memory_peak_mib)
METRICS = (P50, P95, P99, FAILED, THROTTLED, CPU, MEMORY)


@dataclass(frozen=True)
class Replicated:
    """One setting's valid trials, each as a row, beside the row they add up to."""

    row: Row
    trials: tuple[Row, ...]

    @property
    def replicas(self) -> int:
        """How many replicas there were."""
        return self.row.setting.replicas

    def interval(self, metric: Metric) -> Interval | None:
        """Return a figure's mean with its interval between trials; None for fewer than two."""
        return metric.interval(self.trials)


def replicated(row: Row, judged: Sequence[Judged]) -> Replicated:
    """Return the trials of one setting side by side; those that are no evidence are left out."""
    rows = (measure_row(evidence, judgement) for evidence, judgement in judged)
    return Replicated(row, tuple(each for each in rows if each.verdict is not Verdict.INVALID))
