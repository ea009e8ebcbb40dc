"""Plans of an invented size: 0.3 CPU / 230 MiB that was shown to carry 10,000 users."""

from loadtests.analysis.deployment import Headroom
from loadtests.analysis.evidence import Interval
from loadtests.analysis.machines import MachineType, Reserve
from loadtests.analysis.plan_basis import Basis, HeldOutError
from loadtests.analysis.planning import Plan, PlanRequest
from loadtests.question import Setting, Workload

HELD_OUT = HeldOutError(0.1, "held-out trials were off by 10%.")


def machine(
    name="four", vcpus=4, memory_gib=16.0, price_hour=0.2, architecture="amd64", **given
) -> MachineType:
    """Return a machine for rent."""
    given = {"currency": "USD", "date": "2026-01-19", "source": "a list", **given}
    return MachineType(name, "Acme", "here", architecture, vcpus, memory_gib, price_hour, **given)


MACHINES = (
    machine(),
    machine("eight", 8, 16.0, 0.35),
    machine("thirty-two", 32, 128.0, 1.7),
    machine("lean", 4, 16.0, 0.1, "arm64"),
)


def request(**given) -> PlanRequest:
    """Return what is asked of a plan: nothing kept, unless said otherwise."""
    return PlanRequest(**{"machines": MACHINES, "reserve": Reserve(0.0, 0.0), **given})


def basis(cpu_ms=(0.175, 0.18, 0.185), **given) -> Basis:
    """Return what a plan rests on."""
    usual = {
        "size": Setting(0.3, 230),
        "headroom": Headroom(),
        "workload": Workload(),
        "replicas": 1,
        "at_reference": True,
        "peak_mib": 180.0,
        "base_mib": Interval(80.0, 78.0, 82.0),
        "kib_per_user": Interval(10.0, 9.8, 10.2),
    }
    return Basis(**{**usual, "cpu_ms": tuple(cpu_ms), **given})


def plan(beyond=HELD_OUT, on=None, **given) -> Plan:
    """Return a plan."""
    return Plan(basis() if on is None else on, request(**given), beyond)
