"""What a search found of several replicas, after that of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from loadtests.analysis import formats
from loadtests.analysis.balance import busiest_share
from loadtests.analysis.calibration import Calibration
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Row
from loadtests.analysis.repeat import Repeat
from loadtests.analysis.weighed import Weighed
from loadtests.bench.preflight import Grants, check_setting
from loadtests.errors import HostError
from loadtests.question import Setting, Workload, rank
from loadtests.record import HostReport
from loadtests.report import figures, tables
from loadtests.report.markup import Fragment
from loadtests.search.reliability import Reliability
from loadtests.search.replica_counts import CountNeeds, needs_by_count
from loadtests.search.replica_law import ReplicaMemory
from loadtests.search.replica_reliability import ReplicaReliability
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.replica_standing import Rivals
from loadtests.studies.results import ResultTable, SettingResult
from loadtests.studies.trial_runner import findings_of
from loadtests.verdicts import Finding


@dataclass(frozen=True)
class ReplicaSearch:
    """The trials of several replicas that a search made, and what follows of every number."""

    table: ResultTable
    plane: Reliability  # of one replica
    findings: tuple[Finding, ...]  # of several
    calibration: Calibration | None
    host: HostReport  # that was measured on

    @cached_property
    def rivals(self) -> Rivals:
        """What is known of settings of several replicas."""
        search = self.table.manifest.search
        counts = (1,) if search is None else search.replica_counts
        space = ReplicaSpace(self.plane.space.cpus, self.plane.space.memory_mib, counts)
        memory = replica_memory(self.calibration, self.table.results)
        manifest = self.table.manifest
        granted = granted_of(space, manifest.question.workload, self.host)
        return rivals_of(self.plane, space, self.findings, memory, manifest.prices, granted)

    @cached_property
    def rows(self) -> list[Row]:
        """One row for each setting of several replicas, weighed by all trials."""
        prices = self.table.manifest.prices
        return Weighed(self.rivals.says, tuple(self.table.rows), prices).rows

    def weigh(self, row: Row, table: ResultTable) -> Row:
        """Return a row that another table measured of several replicas, as all trials make of it.

        That of a size which the search could not choose is no answer where it costs less.
        """
        prices = self.table.manifest.prices
        cells, best = self.rivals.says.space.cells, self.best
        if row.setting not in cells:
            cost = prices.per_hour
            dearer = best is None or rank(row.setting, cost) >= rank(best, cost)
            return replace(row, is_reliable=dearer)
        more = [
            finding
            for finding in findings_of(table)
            if finding.setting in cells and finding.setting.replicas > 1
        ]
        says = replace(self.rivals.says, findings=(*self.rivals.says.findings, *more))
        return Weighed(says, (), prices).weigh(row)

    @property
    def best(self) -> Setting | None:
        """The least setting on all three axes."""
        return self.rivals.best

    @property
    def is_cut_short(self) -> bool:
        """Whether its budget ended it."""
        search = self.table.manifest.search
        return search is not None and search.is_cut_short

    @property
    def why(self) -> str:
        """Its last decision."""
        search = self.table.manifest.search
        return "" if search is None else search.log[-1].why

    def sentences(self) -> list[str]:
        """Say how many replicas cost least, what another one costs, and what carries a loss."""
        best = self.best
        said = [self.why]
        if best is not None:
            mean, low, high = self.rivals.says.overhead(best.memory_mib)
            trials = sum(len(result.trials) for result in self.table.results)
            learned = (
                f"by {formats.count(trials, 'trial')} of several"
                if trials
                else "as it was expected before any trial of several"
            )
            said.append(
                f"Each further replica adds {mean:.0%} ({low:.0%} to {high:.0%}, 90% interval) to "
                f"the CPU that one takes for this load, {learned}."
            )
            said += self.one_more
        said.append(
            "The least setting carries the load with all of its replicas; only the size to deploy "
            "has one to lose."
        )
        return said

    @property
    def one_more(self) -> list[str]:
        """What one replica more than the least setting's would cost; nothing where none was asked.

        In a sentence that may stand by itself.
        """
        best = self.best
        more = 0 if best is None else best.replicas + 1
        need = next((need for need in self.needs if need.replicas == more), None)
        if best is None or need is None:
            return []
        if need.expected is None:
            return [f"With one replica more, {more}, no step is expected to hold."]
        prices = self.table.manifest.prices
        cost, least = prices.per_hour(need.expected), prices.per_hour(best)
        how = "was measured to hold" if need.held else "is the least that the law expects to hold"
        return [
            f"With one replica more, {need.expected.label} {how}, at "
            f"{formats.money(cost, prices.currency)}: {cost / least - 1:+.0%}."
        ]

    @cached_property
    def needs(self) -> list[CountNeeds]:
        """What every number of replicas needs."""
        return needs_by_count(self.rivals)

    def repeated(self) -> Repeat | None:
        """The long trial of an answer of several replicas, beside those before it."""
        trials = [
            trial
            for result in self.table.results
            if result.setting == self.best
            for trial in result.trials
        ]
        if not trials:
            return None
        usual_s = self.table.manifest.question.workload.steady_s
        long = [t for t in trials if t[0].trial.question.workload.steady_s > usual_s]
        others = tuple(t for t in trials if not long or t is not long[-1])
        return Repeat(others, long[-1]) if long and others else None

    def figure(self) -> Fragment:
        """Draw what the least setting of every number of replicas costs."""
        return figures.replica_axis(self.needs, self.best, self.table.manifest.prices)

    def decisions(self) -> Fragment:
        """List the decisions, each with its reason and what came of it."""
        search = self.table.manifest.search
        return tables.log_table([] if search is None else search.log, "How many replicas")


def rivals_of(
    plane: Reliability,
    space: ReplicaSpace,
    findings: Sequence[Finding],
    memory: ReplicaMemory | None,
    prices: Prices,
    granted: frozenset[Setting],
) -> Rivals:
    """Return what is known of several replicas by the trials of one and of several."""
    says = ReplicaReliability(
        space, (*plane.findings, *findings), plane.goal, plane.forecast, memory
    )
    return Rivals(says, prices.per_hour, granted)


def granted_of(space: ReplicaSpace, workload: Workload, host: HostReport) -> frozenset[Setting]:
    """Return the settings that a host can grant in all, so that none measures the host instead."""
    grants = Grants(host, descriptor_limit=None, free_disk_mib=0)
    return frozenset(cell for cell in space.cells if _is_granted(cell, workload, grants))


def _is_granted(cell: Setting, workload: Workload, grants: Grants) -> bool:
    try:
        check_setting(cell, workload, grants)
    except HostError:
        return False
    return cell.total_cpus <= grants.host.cpus


def replica_memory(
    calibration: Calibration | None, results: Sequence[SettingResult]
) -> ReplicaMemory | None:
    """Return the memory of one replica as its ramp-up told it; None where that was too short.

    The balance is the worst that trials of several replicas showed.
    """
    if calibration is None or calibration.base_mib is None or calibration.kib_per_user is None:
        return None
    base_mib = max(0.0, calibration.base_mib.estimate)
    users_mib = max(0.0, calibration.kib_per_user.estimate * calibration.users / 1024)
    if base_mib + users_mib == 0:
        return None
    shares = [
        busiest_share(evidence)
        for result in results
        if result.setting.replicas > 1
        for evidence, _ in result.trials
    ]
    return ReplicaMemory(base_mib, users_mib, max([1.0, *(s for s in shares if s is not None)]))
