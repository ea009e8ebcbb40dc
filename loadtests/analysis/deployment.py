"""The size to deploy: the least that holds, plus what a service in use needs to spare.

The least setting is an edge: it may use all of its CPU and nearly all of its memory, on a load that
never rises. What is deployed leaves some of both, and one replica of several may be lost.
"""

import math
from dataclasses import dataclass

from loadtests.analysis.evidence import Row
from loadtests.errors import QuestionError
from loadtests.question import Setting

CPU_STEP = 0.05  # cores; Kubernetes' 50m
MEMORY_STEP_MIB = 10
_SLACK = 1e-9  # rounding never adds a step


@dataclass(frozen=True)
class Headroom:
    """What is left free at the load that was measured."""

    cpu: float = 0.3  # share of each replica's CPU
    memory: float = 0.25  # of the highest memory seen, above it
    replicas_lost: int = 1  # whose users the others take over, where there are several

    def __post_init__(self) -> None:
        """Refuse what would leave nothing to work with."""
        if not 0 <= self.cpu < 1:
            raise QuestionError(
                f"cpu_headroom is {self.cpu!r}; it must be a share from 0 to below 1"
            )
        if not (self.memory >= 0 and math.isfinite(self.memory)):
            raise QuestionError(f"memory_headroom is {self.memory!r}; it must be a share from 0")
        if self.replicas_lost < 0:
            raise QuestionError(f"replicas_lost is {self.replicas_lost!r}; it must be 0 or more")

    def carrying(self, replicas: int) -> int:
        """Return how many replicas carry the load once those are lost; one is never lost."""
        return max(1, replicas - self.replicas_lost)


def size_to_deploy(least: Row, headroom: Headroom, carrying_at_least: int = 1) -> Setting | None:
    """Return the setting that carries the load of the least one with headroom; None: unknown.

    CPU by the utilisation law (Denning & Buzen 1978): what the workload needs, over the replicas
    that carry it, is the share of each that is not to be left free. That is what it needs at the
    reference speed where the CPU was faster while it was measured, and never less than was seen.
    Memory is the highest seen in any replica, scaled by the users it would take over. Neither is
    below the least setting's. So many replicas as `carrying_at_least` have to carry the load where
    each is held back by something other than its CPU (`replica_limit`), those lost not counted.
    """
    at, demand = least.setting, least.demand_cores
    if demand is None or least.memory_peak_mib is None:
        return None
    replicas = at.replicas
    if carrying_at_least > 1:
        replicas = max(replicas, carrying_at_least + headroom.replicas_lost)
    carrying = headroom.carrying(replicas)
    demand = max(demand, least.demand_reference_cores or 0.0)
    cpus = demand / carrying / (1 - headroom.cpu)
    memory_mib = least.memory_peak_mib * (at.replicas / carrying) * (1 + headroom.memory)
    return Setting(
        max(at.cpus, _up(cpus, CPU_STEP)),
        max(at.memory_mib, round(_up(memory_mib, MEMORY_STEP_MIB))),
        replicas,
    )


def _up(value: float, step: float) -> float:
    """Return the next multiple of a step, the value itself where it is one."""
    return round(math.ceil(value / step - _SLACK) * step, 6)
