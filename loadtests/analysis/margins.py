"""How near to each of its limits a setting comes, where a verdict says only yes or no."""

import math
from dataclasses import astuple, dataclass

from loadtests.analysis.evidence import Row
from loadtests.question import SLO


@dataclass(frozen=True)
class Margins:
    """The share of each limit that was used: 1 is the limit itself, more lies beyond it.

    None: not measured, or not reported. math.inf: never answered, or failures where none may be.
    """

    latency: float | None  # at the SLO's percentile, of the latency that it allows
    slow: float | None  # share of slow or failed requests, of the share that may be slow
    failures: float | None  # error rate of the whole trial, of the one that the SLO allows
    memory: float | None  # highest memory of the fullest replica, of its limit
    cpu: float | None  # cores used in steady state, of those granted
    cpu_at_reference: float | None  # cores the workload needs at the reference speed, of the same

    def __post_init__(self) -> None:
        """Refuse what is no share of a limit."""
        if any(share is not None and not share >= 0 for share in astuple(self)):
            raise ValueError(f"a share of a limit is at least 0: {self}")

    @property
    def cpu_taken(self) -> float | None:
        """The share of the CPU at the reference speed, as measured where that is not known."""
        return self.cpu if self.cpu_at_reference is None else self.cpu_at_reference


def margins(row: Row, slo: SLO) -> Margins:
    """Return how near to its limits a trial, or all trials of a setting in one row, came."""
    granted_cores = row.setting.total_cpus
    return Margins(
        latency=_share(at_slo_ms(row, slo), slo.latency_ms),
        slow=_share(row.slow_share, slo.slow_share),
        failures=_share(row.error_rate, slo.error_rate),
        memory=_share(row.memory_peak_mib, row.setting.memory_mib),
        cpu=_share(row.cpu_cores, granted_cores),
        cpu_at_reference=_share(row.demand_reference_cores, granted_cores),
    )


def at_slo_ms(row: Row, slo: SLO) -> float | None:
    """Return a row's latency at the percentile that the SLO is about."""
    return row.p95_ms if slo.percentile == SLO().percentile else row.slo_ms


def _share(value: float | None, limit: float) -> float | None:
    if value is None or math.isnan(value):
        return None
    if limit == 0:  # an SLO may allow no failure at all
        return math.inf if value else 0.0
    return value / limit
