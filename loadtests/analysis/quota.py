"""What a CPU quota costs: a setting beside a trial of the same cores without a quota.

A quota is a share of each period of 100 ms (kernel, scheduler/sched-bwc). Who has used it stands
still for the rest of the period, so that at 0.6 CPU a request of 26 ms can take 66 (Shetty et al.,
"CPU-Limits kill Performance: Time to rethink Resource Control", arXiv 2510.10747, 2025). Without a
quota a service may use a whole CPU for a moment; what it then uses on average is its demand, and
what the setting has beyond that is there for the quota's sake, or lies between two steps.

Nothing here changes a verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from loadtests.analysis import formats, speed
from loadtests.analysis.counters import cpu_ms_per_answer
from loadtests.analysis.cpu_speed import SPEED_TOLERANCE
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.summary import Judged, measure_row, summarise
from loadtests.question import Setting
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class QuotaCost:
    """The trials of a setting under its CPU quota, and one of the same cores without."""

    limited: tuple[Judged, ...]
    free: Judged

    @property
    def setting(self) -> Setting:
        """The setting whose quota it is."""
        return self.free[0].trial.setting

    @property
    def with_quota(self) -> Row:
        """What the trials under the quota say together."""
        return summarise(self.setting, self.limited)

    @property
    def without(self) -> Row:
        """What the trial without a quota says."""
        return measure_row(*self.free)

    @property
    def is_told(self) -> bool:
        """Whether the trial without a quota holds; one that does not was short of something."""
        return self.free[1].verdict is Verdict.HOLDS

    @property
    def demand_cores(self) -> float | None:
        """Return the cores the workload takes without a quota, all replicas; None: not known.

        At the reference speed where the trial has one: a faster CPU makes demand look small.
        """
        if not self.is_told:
            return None
        return self.without.demand_reference_cores if self._at_reference else self._as_measured

    @property
    def _as_measured(self) -> float | None:
        return self.without.demand_cores

    @property
    def _at_reference(self) -> bool:
        return self.without.demand_reference_cores is not None

    @property
    def quota_cores(self) -> float | None:
        """Return the cores that the setting has beyond the demand: at most what the quota costs."""
        demand = self.demand_cores
        return None if demand is None else max(0.0, self.setting.total_cpus - demand)

    @property
    def cpu_ms(self) -> tuple[float | None, float | None]:
        """CPU time of a right answer with the quota (median of its trials) and without, in ms."""
        return self._both(cpu_ms_per_answer)

    @property
    def gauge_us(self) -> tuple[float | None, float | None]:
        """What the gauge of the CPU's speed showed with and without, in microseconds of CPU."""
        return self._both(speed.gauge_us)

    def _both(
        self, figure: Callable[[Evidence], float | None]
    ) -> tuple[float | None, float | None]:
        usable = [seen for seen, judged in self.limited if judged.verdict is not Verdict.INVALID]
        known = [value for seen in usable if (value := figure(seen)) is not None]
        return (median(known) if known else None, figure(self.free[0]))

    @property
    def sentence(self) -> str:
        """Say how much of the CPU is demand, what the quota does to latency, and what was shared.

        Of a trial that does not hold without a quota, only that.
        """
        if not self.is_told:
            verdict, reason = formats.says(self.free[1].verdict), self.free[1].reasons[0]
            return (
                f"In one trial without its quota {self.setting.label} {verdict} ({reason}), so "
                f"what the quota costs is not known. {self.shared}"
            )
        said = (self._cores(), self._latency(), self._speed(), self.shared)
        return " ".join(part for part in said if part)

    def _cores(self) -> str:
        total, demand, beyond = self.setting.total_cpus, self.demand_cores, self.quota_cores
        if demand is None or beyond is None:
            return f"What {self.setting.label} uses without its quota was not measured."
        if round(beyond, 2) == 0:
            return (
                f"Without its quota {self.setting.label} uses {demand:.2f} cores"
                f"{self._speed_of()}, and under the quota it holds with {total:g}: what the quota "
                "costs is latency, not CPU."
            )
        return (
            f"Of {total:g} CPU{' in all' if self.setting.replicas > 1 else ''}, {demand:.2f} are "
            f"demand{self._speed_of()} and {beyond:.2f} are, at most, what the quota costs."
        )

    def _speed_of(self) -> str:
        """Say at which speed the demand is, and what was measured where that differs."""
        measured, demand = self._as_measured, self.demand_cores
        if not self._at_reference or measured is None or demand is None:
            return ""
        apart = "" if round(measured, 2) == round(demand, 2) else f" ({measured:.2f} as measured)"
        return f" at reference speed{apart}"

    def _latency(self) -> str:
        limited, free = self.with_quota, self.without
        throttled = (
            ""
            if limited.throttled_ratio is None
            else f", throttled in {formats.share(limited.throttled_ratio)} of periods"
        )
        return (
            f"With the quota the p95 is {formats.latency(limited.p95_ms, limited)} and the p99 "
            f"{formats.latency(limited.p99_ms, limited)}{throttled}; without, "
            f"{formats.latency(free.p95_ms, free)} and {formats.latency(free.p99_ms, free)}."
        )

    def _speed(self) -> str:
        """Say by how much the CPU was slower or faster without, where that is more than noise."""
        before, now = self.gauge_us
        if before is None or now is None or abs(now / before - 1) < SPEED_TOLERANCE:
            return ""
        how = f"{abs(now / before - 1):.0%} {'slower' if now > before else 'faster'}"
        return f"The CPU was {how} without; latencies are as measured."

    @property
    def shared(self) -> str:
        """Say which CPUs the replicas were kept to without a quota, and who else may run there."""
        cpusets, host = self.free[0].trial.cpusets, self.free[0].trial.host
        wide = [cpu for cpuset in cpusets for cpu in cpuset.split(",")]
        cpus = sorted(set(wide), key=int)
        where = f"CPU{'' if len(cpus) == 1 else 's'} {formats.listing(cpus)} of {host.cpus}"
        if len(cpusets) == 1:
            return f"Without it the replica ran on {where}, where the load generator may run too."
        with_whom = "each other and " if len(wide) > len(cpus) else ""
        return f"Without it the replicas ran on {where}, shared with {with_whom}the load generator."
