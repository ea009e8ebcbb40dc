"""What a run knows of several replicas: trials of each count, one total split, users, capacity."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from loadtests.analysis import equal_cost as equal
from loadtests.analysis.equal_cost import EqualCost
from loadtests.analysis.evidence import Row
from loadtests.analysis.replica_load import ReplicaLoad, replica_loads, spread_sentence
from loadtests.analysis.replicates import METRICS, Replicated, replicated
from loadtests.analysis.returns import Returns, returns
from loadtests.analysis.summary import by_size
from loadtests.question import SLO
from loadtests.report import figures, replica_tables
from loadtests.report.capacity_table import capacity_table
from loadtests.report.markup import Fragment
from loadtests.studies.manifest import (
    CAPACITY,
    EQUAL_COST,
    SCALE_OUT,
    USERS_CURVE,
    read_manifest,
)
from loadtests.studies.replica_capacity import NO_CAPACITY, CapacityStudy, read_capacity
from loadtests.studies.results import ResultTable, SettingResult, read_table
from loadtests.studies.users_curve import NO_CURVE, UsersStudy, read_users_curve
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class ScaleOut:
    """Every part of it that a run measured."""

    table: ResultTable  # every size with every count
    splits: ResultTable | None = None  # one total as few and as many containers; None: not asked
    users: UsersStudy = NO_CURVE
    capacity: CapacityStudy = NO_CAPACITY
    weigh: Callable[[Row], Row] = lambda row: row  # as all trials of a run make of it

    @property
    def slo(self) -> SLO:
        """The SLO of all trials."""
        return self.table.manifest.question.slo

    @property
    def rows(self) -> list[Row]:
        """One row for each size and count."""
        return [self.weigh(row) for row in self.table.rows]

    @cached_property
    def groups(self) -> dict[str, list[Replicated]]:
        """Every setting with its trials side by side, by the size of one replica."""
        trials = {result.setting: result.trials for result in self.table.results}
        return {
            f"each {name}": [replicated(row, trials.get(row.setting, ())) for row in rows]
            for name, rows in by_size(self.rows).items()
        }

    @property
    def figure(self) -> Fragment:
        """Draw every trial of each count, with the interval between trials."""
        return figures.replicates(self.groups, self.slo)

    @cached_property
    def equal_cost(self) -> EqualCost:
        """One total as few and as many containers."""
        if self.splits is None:
            return EqualCost(())
        trials = {result.setting: result.trials for result in self.splits.results}
        rows = [self.weigh(row) for row in self.splits.rows]
        parts = [replicated(row, trials.get(row.setting, ())) for row in rows]
        every = [evidence for each in trials.values() for evidence, _ in each]
        return equal.equal_cost(parts, every)

    @property
    def equal_cost_figure(self) -> Fragment | None:
        """Draw p95 and CPU of one total as few and as many containers; None: not compared."""
        if len(self.equal_cost.parts) < 2:
            return None
        return figures.equal_cost(self.equal_cost.parts, self.slo)

    @property
    def _most(self) -> SettingResult | None:
        """The setting with the most replicas that holds, else with the most there are."""
        several = [r for r in self.table.results if r.setting.replicas > 1]
        holding = [r for r in several if r.row.verdict is Verdict.HOLDS]
        return max(holding or several, key=lambda r: r.setting.replicas, default=None)

    @property
    def loads(self) -> list[ReplicaLoad]:
        """What each replica of the most replicas had to do; empty without any such trial."""
        return [] if self._most is None else replica_loads(self._most.evidence)

    def loads_table(self) -> Fragment | None:
        """List what each of the most replicas had to do; None: there were not several."""
        if self._most is None:
            return None
        return replica_tables.replica_loads_table(self.loads, self._most.setting.label)

    @property
    def loads_sentence(self) -> str:
        """Say how evenly they shared it."""
        return spread_sentence(self.loads) if self.loads else "Several replicas were not measured."

    @cached_property
    def returns(self) -> Returns:
        """What a request cost with each count of the first size that has several counts."""
        sizes: dict[tuple[float, int], list[SettingResult]] = {}
        for result in self.table.results:
            sizes.setdefault((result.setting.cpus, result.setting.memory_mib), []).append(result)
        widest: Sequence[SettingResult] = max(sizes.values(), key=len, default=[])
        trials = [
            evidence
            for result in widest
            for evidence, judgement in result.trials
            if judgement.verdict is not Verdict.INVALID
        ]
        return returns(trials, self.capacity.found.climbs)

    def returns_table(self) -> Fragment | None:
        """List what a request cost with each count; None where no trial tells."""
        return replica_tables.returns_table(self.returns) if self.returns.costs else None

    def capacity_figure(self) -> Fragment | None:
        """Draw the highest rate of each count and the law fitted to them; None: there is none."""
        if not self.capacity.points:
            return None
        return figures.capacity(self.capacity.found.each, self.capacity.law)

    def capacity_table(self) -> Fragment | None:
        """List the highest rate of each count, and what the law says of it; None: there is none."""
        if not self.capacity.points:
            return None
        return capacity_table(self.capacity.points, self.capacity.law)

    def capacity_sentences(self) -> list[str]:
        """Say what each count holds and what the law says of it, or why that is not known."""
        return [*self.capacity.sentences(), *self.capacity.law_sentences()]

    def of_least(self, least: Row | None) -> "ScaleOut":
        """Return it without a curve of users that is of another setting than the answer now."""
        curve = self.users.curve
        if curve is None or (least is not None and curve.setting == least.setting):
            return self
        return replace(self, users=NO_CURVE)

    def fields(self) -> dict[str, Any]:
        """Return what answer.json says of it: only what was measured."""
        found: dict[str, Any] = {}
        if any(len(each.trials) > 1 for group in self.groups.values() for each in group):
            found["replicates"] = [
                _replicate(each) for group in self.groups.values() for each in group
            ]
        if len(self.equal_cost.parts) > 1:
            found["equal_cost"] = {
                "rows": [_replicate(each) for each in self.equal_cost.parts],
                "more_over_fewer": [
                    {
                        "figure": each.metric.name,
                        "fewer": asdict(each.fewer.row.setting),
                        "more": asdict(each.more.row.setting),
                        "times": None if each.times is None else asdict(each.times),
                        "differs": each.differs,
                    }
                    for each in self.equal_cost.comparisons
                ],
            }
        if self.users.curve is not None:
            found["users_curve"] = {
                "setting": asdict(self.users.curve.setting),
                "knee_users": self.users.curve.knee_users,
                "most_per_s": self.users.curve.most_per_s,
                "levels": [
                    {name: asdict(level)[name] for name in ("users", "rps", "p50_ms", "p95_ms")}
                    for level in self.users.curve.levels
                ],
            }
        if self.capacity.points:
            found["capacity_by_replicas"] = [asdict(point) for point in self.capacity.points]
        return found


def _replicate(each: Replicated) -> dict[str, Any]:
    """Return a setting's figures, each with its interval between trials; null: not known."""
    intervals = {metric.name: each.interval(metric) for metric in METRICS}
    return {
        **asdict(each.row.setting),
        "verdict": each.row.verdict.value,
        "trials": list(each.row.trials),
        "between_trials": {
            name: None if interval is None else asdict(interval)
            for name, interval in intervals.items()
        },
    }


def read_scale_out(run: Path) -> ScaleOut | None:
    """Read what a run measured of several replicas; None where it measured no table of them."""
    table = read_table(run, SCALE_OUT)
    if table is None:
        return None
    # What an earlier go measured of another service, or spread in another way, is not this one's.
    parts = {name: read_manifest(run, name) for name in (EQUAL_COST, USERS_CURVE, CAPACITY)}
    own = {n for n, part in parts.items() if part and part.target == table.manifest.target}
    splits = read_table(run, EQUAL_COST) if EQUAL_COST in own else None
    return ScaleOut(
        table,
        splits if splits and splits.manifest.question == table.manifest.question else None,
        read_users_curve(run) if USERS_CURVE in own else NO_CURVE,
        read_capacity(run) if CAPACITY in own else NO_CAPACITY,
    )
