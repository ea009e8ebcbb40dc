"""A plan in words: how many, of which size, when users double or a machine dies, on what terms."""

import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.arrival_simulation import Arrivals
from loadtests.analysis.machines import MOST_REPLICAS
from loadtests.analysis.plan_basis import Basis
from loadtests.analysis.planning import Fleet, NoPlan, Plan, TargetPlan, dates


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
        f"For {target.users:,} users: {counted(best.replicas, 'replica')} of "
        f"{plan.basis.size.label} on {counted(best.machines, 'machine')} of {best.machine.label} "
        f"({best.machine.vcpus} vCPUs, {best.machine.memory_gib:g} GiB, "
        f"price of {best.machine.date}), {money(best)} an hour, {month}{_interval(target)}."
    )


def counted(number: int, what: str) -> str:
    """Write how many, thousands apart: "1 machine", "2,200 replicas"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


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
    trials = counted(len(basis.cpu_ms), "trial")
    spread = (
        f"{trials}, which has no spread"
        if math.isnan(demand.low)
        else f"95% of further trials within {demand.low:.3f} to {demand.high:.3f}, by {trials}"
    )
    free = formats.share(basis.headroom.cpu)
    shown = (
        f"Each replica is the size to deploy, {basis.size.label}, shown to carry "
        f"{basis.users_shown:,.0f} users; none is planned to carry more"
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
    return (
        f"{counted(fleet.replicas, 'replica')} on {counted(fleet.machines, 'machine')} of "
        f"{fleet.machine.label}"
    )


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
        spare.append(f"{counted(plan.asked.replicas_lost, 'replica')} elsewhere")
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
            f"Beyond {most}, the most that were measured, no trial was held out to check a "
            "prediction by: the plan is drawn on, and how far off it may be is not known."
        )
    return (
        f"Beyond {most}, the most that were measured, the error is that of predictions of held-out "
        f"trials. {plan.beyond.sentence} Taken is {formats.share(plan.beyond.relative)} of "
        f"capacity, anew for each further factor of {plan.beyond.per_factor:g}."
    )


def assumptions(plan: Plan | NoPlan) -> list[str]:
    """List what a plan takes for granted, each with what would follow if it were not so."""
    if isinstance(plan, NoPlan):
        return []
    asked, basis = plan.asked, plan.basis
    oldest, newest = dates(asked.offered)
    days = oldest if oldest == newest else f"{oldest} to {newest}"
    speed = "at the reference speed" if basis.at_reference else "at the speed it had in the trials"
    kept = (
        "what Google Kubernetes Engine keeps of a node of its size"
        if asked.reserve.cpu is None and asked.reserve.memory is None
        else "the shares given (cpu_reserve, memory_reserve)"
    )
    return [
        "Replicas share nothing: no state, no lock, no cache that a further one would slow down.",
        "The balancer gives each replica as many users; what a worse one does stands below.",
        "The network, the balancer and what stands behind the service (a database, say) are not "
        "planned: each has to carry all these users by itself.",
        f"A request takes the CPU that it took here, {speed}, with as many users a replica.",
        f"A vCPU of the price list does {asked.cpu_ratio:g} times the work of a CPU of the "
        "measured host: that was not measured. Measure there, and give the ratio (cpu_ratio).",
        f"Operating system and orchestrator keep {kept}; agents and log shippers take more. No "
        f"machine takes more than {MOST_REPLICAS} replicas.",
        f"Prices are list prices on demand of {days}, of machines of {asked.architecture}, without "
        "disks, traffic, taxes and discounts; they change.",
        f"{counted(asked.machines_lost, 'machine')} and "
        f"{counted(asked.replicas_lost, 'replica')} elsewhere may be lost at once, and the "
        "others carry all users.",
    ]


def arrival_sentences(plan: Plan, evenly: Arrivals, at_random: Arrivals) -> list[str]:
    """Say how far the fullest moment of any replica lies above the mean, and what that takes."""
    most = plan.basis.size.cpus
    said = [
        f"Of {evenly.users:,} simulated users on {evenly.replicas:,} replicas, as many as are left "
        f"once the spare ones are lost, the fullest second of any has {evenly.second_peak:.2f} "
        f"times the mean, its fullest {1000 * evenly.window_s:.0f} ms {evenly.window_peak:.2f} "
        f"times, where connections are shared out evenly; at random {at_random.second_peak:.2f} "
        f"and {at_random.window_peak:.2f} times, and its busiest replica has "
        f"{at_random.replica_peak:.2f} times as much all along."
    ]
    each = plan.basis.cores(evenly.users / evenly.replicas).estimate
    for how, found in (("evenly", evenly), ("at random", at_random)):
        second, window = each * found.second_peak, each * found.window_peak
        verdict = (
            "within its CPU"
            if window <= most
            else "within its CPU on average, but throttled in such a moment"
            if second <= most
            else "more than its CPU: a queue forms"
        )
        said.append(
            f"Shared out {how}, the fullest second takes {second:.2f} cores and the fullest "
            f"{1000 * found.window_s:.0f} ms {window:.2f}, of {most:g}: {verdict}."
        )
    return said


def runner_up_sentence(target: TargetPlan, most: int = 2) -> str:
    """Name the next cheapest types and how much more they cost."""
    best = target.best
    others: Sequence[Fleet] = target.fleets[1 : 1 + most]
    if not others:
        return f"No other machine of the table takes this size for {target.users:,} users."
    told = [f"{each.machine.label} ({each.cost_hour / best.cost_hour - 1:+.0%})" for each in others]
    return f"Next for {target.users:,} users: {formats.listing(told)}."
