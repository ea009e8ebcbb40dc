"""Tables of a plan: what it takes for each number of users, other machines, crowded moments."""

import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.arrival_simulation import Arrivals
from loadtests.analysis.machines import MachineType
from loadtests.analysis.plan_sentences import interval_of
from loadtests.analysis.planning import Fleet, NoPlan, Plan, TargetPlan
from loadtests.report.markup import Fragment, render
from loadtests.report.tables import Cell, Column, kept_together, table

RUNNERS_UP = 3
_UNDER = '{{ value }}<br><small class="under">{{ under }}</small>'
UNKNOWN = "interval not known"


def plan_table(plan: Plan | NoPlan, caption: str = "What it takes") -> Fragment | None:
    """Return one line per number of users: replicas, machines, memory, cost, with intervals.

    None where there is no plan.
    """
    if isinstance(plan, NoPlan):
        return None
    currency = plan.targets[0].best.machine.currency
    columns = (
        Column("users", "number"),
        Column("replicas (interval)", "number"),
        Column("machines", "number"),
        Column("of the cheapest type"),
        Column("memory granted (GiB)", "number"),
        Column("memory in use (GiB)", "number"),
        Column("cores in use", "number"),
        Column(f"{currency} an hour", "number"),
        Column(f"{currency} a month", "number"),
    )
    return table(caption, columns, [_line(plan, target) for target in plan.targets])


def _line(plan: Plan, target: TargetPlan) -> tuple[Cell, ...]:
    best, low, high = target.best, target.low, target.high
    used = plan.basis.memory_mib(target.users, best.replicas)
    cores = plan.basis.cores(target.users)

    def cell(value: str, of: str, digits: int = 0) -> Cell:
        if low is None or high is None:
            return _under(value, UNKNOWN)
        return _under(value, interval_of(getattr(low, of), getattr(high, of), digits))

    return (
        _under(f"{target.users:,}", "measured" if target.is_measured else "extrapolated"),
        cell(f"{best.replicas:,}", "replicas"),
        cell(f"{best.machines:,}", "machines"),
        _type(best.machine),
        cell(f"{best.memory_gib:,.1f}", "memory_gib", 1),
        formats.NOT_MEASURED
        if used is None
        else _under(
            f"{used.estimate / 1024:,.1f}", interval_of(used.low / 1024, used.high / 1024, 1)
        ),
        _under(f"{cores.estimate:,.1f}", UNKNOWN)
        if math.isnan(cores.low)  # one trial has no spread
        else _under(f"{cores.estimate:,.1f}", interval_of(cores.low, cores.high, 1)),
        cell(f"{best.cost_hour:,.2f}", "cost_hour", 2),
        cell(f"{best.cost_month:,.0f}", "cost_month"),
    )


def runners_up_table(plan: Plan | NoPlan, caption: str = "Other machines") -> Fragment | None:
    """Return, for each number of users, the cheapest types of machine; None without a plan."""
    if isinstance(plan, NoPlan):
        return None
    columns = (
        Column("users", "number"),
        Column("type"),
        Column("replicas on one", "number"),
        Column("machines", "number"),
        Column("cost an hour", "number"),
        Column("beside the cheapest", "number"),
        Column("price of"),
        Column("source", "prose"),
    )
    lines = [
        _beside(target, each) for target in plan.targets for each in target.fleets[: 1 + RUNNERS_UP]
    ]
    return table(caption, columns, lines)


def _beside(target: TargetPlan, fleet: Fleet) -> tuple[Cell, ...]:
    more = fleet.cost_hour / target.best.cost_hour - 1
    return (
        f"{target.users:,}",
        _type(fleet.machine),
        f"{fleet.replicas_per_machine:,}",
        f"{fleet.machines:,}",
        f"{fleet.cost_hour:,.2f} {fleet.machine.currency}",
        "the cheapest" if fleet is target.best else f"{more:+.0%}",
        fleet.machine.date,
        fleet.machine.source,
    )


def arrivals_table(
    found: Sequence[tuple[Arrivals, Arrivals]], caption: str = "Crowded moments, simulated"
) -> Fragment:
    """Return one line per number of users: peaks over the mean, by how connections are shared."""
    columns = (
        Column("users", "number"),
        Column("replicas that carry them", "number"),
        Column("requests/s of one, mean", "number"),
        *(
            Column(f"{what}, {how}", "number")
            for how in ("evenly", "at random")
            for what in ("busiest replica", "fullest second", "fullest 100 ms")
        ),
    )
    lines = [
        (
            f"{even.users:,}",
            f"{even.replicas:,}",
            f"{even.rps / even.replicas:,.0f}",
            *(
                f"{peak:.2f}"
                for each in (even, random)
                for peak in (each.replica_peak, each.second_peak, each.window_peak)
            ),
        )
        for even, random in found
    ]
    return table(caption, columns, lines, empty="there is no plan")


def _type(machine: MachineType) -> Cell:
    name = kept_together(machine.label)
    return _under(name, f"{machine.vcpus} vCPUs, {machine.memory_gib:g} GiB, {machine.region}")


def _under(value: str, under: str) -> Fragment:
    return render(_UNDER, value=value, under=under)
