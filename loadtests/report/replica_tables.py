"""Tables of what replicas had to do, and of what a request cost them."""

from collections.abc import Sequence
from dataclasses import asdict

from loadtests.analysis import formats
from loadtests.analysis.between_trials import known_mean, log_interval
from loadtests.analysis.replica_load import ReplicaLoad
from loadtests.analysis.returns import RequestCost, Returns
from loadtests.report.markup import Fragment
from loadtests.report.tables import Column, table

_LOADS = {
    "rate_per_s": ("requests/s", 0),
    "in_flight": ("waiting at a time", 2),
    "connections": ("connections", 0),
    "cpu_cores": ("CPU (cores)", 3),
    "memory_mib": ("memory (MiB)", 0),
    "received_kib_s": ("received (KiB/s)", 0),
    "sent_kib_s": ("sent (KiB/s)", 0),
    "voluntary_per_s": ("wake-ups/s", 0),
    "involuntary_per_s": ("stopped with work, /s", 0),
}


def replica_loads_table(loads: Sequence[ReplicaLoad], setting: str) -> Fragment:
    """Return one line a replica: its requests, connections, CPU, memory, network and wake-ups."""
    columns = [Column("replica"), *(Column(name, "number") for name, _ in _LOADS.values())]
    lines = [
        (
            str(load.number),
            *(
                formats.quantity(asdict(load)[field], digits=digits)
                for field, (_, digits) in _LOADS.items()
            ),
        )
        for load in loads
    ]
    return table(f"Load per replica of {setting}, means of the steady state", columns, lines)


def returns_table(found: Returns) -> Fragment:
    """Return one line a number of replicas: what a request took of the CPU, and its wake-ups."""
    columns = (
        Column("replicas"),
        Column("CPU of a request (us; 95% interval between trials)", "number"),
        Column("wake-ups a request", "number"),
        Column("requests a wake-up", "number"),
        Column("waiting for one replica", "number"),
        Column("throttled periods", "number"),
        Column("trials", "number"),
    )
    lines = [(str(count), *_cost(costs)) for count, costs in found.costs.items()]
    return table("What a request costs, under the same load", columns, lines, "not measured")


def _cost(costs: Sequence[RequestCost]) -> tuple[str, ...]:
    cpu = [cost.cpu_us for cost in costs]
    interval = log_interval(cpu)
    said = (
        f"{sum(cpu) / len(cpu):,.0f}"
        if interval is None
        else f"{interval.estimate:,.0f} ({interval.low:,.0f} to {interval.high:,.0f})"
    )
    woken = known_mean([cost.wakeups for cost in costs])
    return (
        said,
        formats.quantity(woken, digits=2),
        formats.quantity(1 / woken if woken else None, digits=2),
        formats.quantity(known_mean([cost.in_flight for cost in costs]), digits=2),
        formats.share(known_mean([cost.throttled for cost in costs])),
        str(len(costs)),
    )
