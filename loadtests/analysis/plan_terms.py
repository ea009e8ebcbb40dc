"""On what terms a plan stands: what it takes for granted, and how requests crowd now and then."""

from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.arrival_simulation import Arrivals
from loadtests.analysis.machines import MOST_REPLICAS, MachineType
from loadtests.analysis.planning import NoPlan, Plan


def assumptions(plan: Plan | NoPlan) -> list[str]:
    """List what a plan takes for granted, each with what would follow if it were not so."""
    if isinstance(plan, NoPlan):
        return []
    asked, basis = plan.asked, plan.basis
    oldest, newest = _days(asked.offered)
    days = oldest if oldest == newest else f"{oldest} to {newest}"
    speed = "at the reference speed" if basis.at_reference else "at the speed it had in the trials"
    kept = "what Google Kubernetes Engine keeps of a node of its size"
    given = [share for share in (asked.reserve.cpu, asked.reserve.memory) if share is not None]
    if given:
        kept = "the shares given" if len(given) == 2 else f"{kept}, but for the share given"
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
        f"{formats.count(asked.machines_lost, 'machine')} and "
        f"{formats.count(asked.replicas_lost, 'replica')} elsewhere may be lost at once, and the "
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


def _days(machines: Sequence[MachineType]) -> tuple[str, str]:
    """Return the days of the oldest and the newest price."""
    days = sorted(machine.date for machine in machines)
    return days[0], days[-1]
