"""A plan in words: how many, of which size, what when users double, what when a machine dies."""

import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.plan_basis import Basis
from loadtests.analysis.planning import Fleet, NoPlan, Plan, TargetPlan


def plan_sentences(plan: Plan | NoPlan) -> list[str]:
    """Answer what a plan is asked, one sentence or two a question; without one say why."""
    if isinstance(plan, NoPlan):
        return [plan.why]
    first = plan.targets[0]
    return [
        *(target_sentence(plan, target) for target in plan.targets),
        runner_up_sentence(plan.targets[-1]),
        size_sentence(plan.basis),
        *(doubled_sentence(plan, users) for users in (plan.basis.workload.users, first.users)),
        machine_lost_sentence(plan, first),
        error_sentence(plan),
    ]


def target_sentence(plan: Plan, target: TargetPlan) -> str:
    """Say how many replicas on how many machines of the cheapest type, and what that costs."""
    best = target.best
    month = f"{best.cost_month:,.0f} {best.machine.currency} a month"
    return (
        f"For {target.users:,} users: {formats.count(best.replicas, 'replica')} of "
        f"{plan.basis.size.label} on {formats.count(best.machines, 'machine')} of "
        f"{best.machine.label} ({best.machine.vcpus} vCPUs, {best.machine.memory_gib:g} GiB, "
        f"price of {best.machine.date}), {money(best)} an hour, {month}{_interval(target)}."
    )


def money(fleet: Fleet) -> str:
    """Write what a fleet costs an hour: "0.84 USD"."""
    return f"{fleet.cost_hour:,.2f} {fleet.machine.currency}"


def interval_of(low: float, high: float, digits: int = 0) -> str:
    """Write bounds: "12 to 31"."""
    return f"{low:,.{digits}f} to {high:,.{digits}f}"


def _interval(target: TargetPlan) -> str:
    low, high = target.low, target.high
    if low is None or high is None:
        return "; how far off that may be is not known"
    what = "95% interval" if target.is_measured else "with the error beyond what was measured,"
    return (
        f" ({what} {interval_of(low.replicas, high.replicas)} replicas, "
        f"{interval_of(low.cost_hour, high.cost_hour, 2)} {low.machine.currency} an hour)"
    )


def size_sentence(basis: Basis) -> str:
    """Say what a replica was shown to carry, and whether that or its CPU limits the plan."""
    by_cpu, planned = basis.users_by_cpu, basis.users_per_replica
    demand = basis.demand_ms
    trials = formats.count(len(basis.cpu_ms), "trial")
    spread = (
        f"{trials}, which has no spread"
        if math.isnan(demand.low)
        else f"95% of further trials within {demand.low:.3f} to {demand.high:.3f}, by {trials}"
    )
    free = formats.share(basis.headroom.cpu)
    shown = (
        f"Each replica is the size to deploy, {basis.size.label}, shown to carry "
        f"{basis.users_shown:,.0f} users with {basis.peak_mib:,.0f} MiB at its peak; none is "
        "planned to carry more"
    )
    law = f"A request takes {demand.estimate:.3f} ms of CPU ({spread})"
    if planned.estimate < basis.users_shown:
        return f"{shown}. {law}: {free} of its CPU stay free with {planned.estimate:,.0f} users."
    return f"{shown}. {law}: {free} of its CPU would stay free up to {by_cpu.estimate:,.0f} users."


def doubled_sentence(plan: Plan, users: int) -> str:
    """Say what twice as many users take."""
    before, after = plan.at(users), plan.at(2 * users)
    times = after.best.cost_hour / before.best.cost_hour
    cost = "as much" if math.isclose(times, 1) else f"{times:.2g} times as much"
    return (
        f"When users double from {users:,} to {2 * users:,}, {_on_machines(before.best)} become "
        f"{_on_machines(after.best)}; that costs {cost}."
    )


def _on_machines(fleet: Fleet) -> str:
    replicas = formats.count(fleet.replicas, "replica")
    return f"{replicas} on {formats.count(fleet.machines, 'machine')} of {fleet.machine.label}"


def machine_lost_sentence(plan: Plan, target: TargetPlan) -> str:
    """Say what is left when one machine dies, and whether that was shown to carry its users."""
    best, shown = target.best, plan.basis.users_per_replica.estimate
    gone, after = best.replicas_per_machine, target.users_after_loss
    begin = (
        f"When one of the {best.machines:,} machines for {target.users:,} users dies, "
        if best.machines > 1
        else f"When the one machine for {target.users:,} users dies, "
    )
    if math.isinf(after):
        return f"{begin}no replica is left: nothing answers (machines_lost is 0)."
    left = f"{begin}up to {gone:,} of {best.replicas:,} replicas are gone and the others have "
    if after > shown + 1e-9:
        return (
            f"{left}{after:,.0f} users each instead of {target.users_each:,.0f}, more than the "
            f"{shown:,.0f} they are planned for: the SLO may be missed until it is replaced."
        )
    spare = []
    if plan.asked.machines_lost > 1:
        spare.append(f"{plan.asked.machines_lost} machines")
    if plan.asked.replicas_lost:
        spare.append(f"{formats.count(plan.asked.replicas_lost, 'replica')} elsewhere")
    also = f"; so it is with {formats.listing(spare)} lost at once" if spare else ""
    return (
        f"{left}{after:,.0f} users each instead of {target.users_each:,.0f}, within the "
        f"{shown:,.0f} they are planned for{also}."
    )


def error_sentence(plan: Plan) -> str:
    """Say where intervals come from: the spread between trials, and beyond it held-out trials."""
    most = f"{plan.basis.workload.users:,} users"
    if plan.beyond is None:
        return (
            f"Beyond {most}, the most that were measured, too few held-out trials tell how far off "
            "a capacity is predicted: the plan is drawn on, and how far off that may be is not "
            "known."
        )
    return (
        f"Beyond {most}, the most that were measured, the error is that of predictions of held-out "
        f"trials. {plan.beyond.sentence} Taken is {formats.share(plan.beyond.relative)} of "
        f"capacity, anew for each further factor of {plan.beyond.per_factor:g}."
    )


def runner_up_sentence(target: TargetPlan, most: int = 2) -> str:
    """Name the next cheapest types and how much more they cost."""
    best = target.best
    others: Sequence[Fleet] = target.fleets[1 : 1 + most]
    if not others:
        return f"No other machine of the table takes this size for {target.users:,} users."
    told = [f"{each.machine.label} ({each.cost_hour / best.cost_hour - 1:+.0%})" for each in others]
    return f"Next for {target.users:,} users: {formats.listing(told)}."
