"""Machine types that can be rented: what each has and costs, and how many replicas fit on one."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from loadtests.errors import QuestionError
from loadtests.question import Setting

ARCHITECTURES = ("amd64", "arm64")  # as container images name them
MIB_PER_GIB = 1024
# Kubernetes supports no more pods on a node than this (kubernetes.io, "Considerations for large
# clusters").
MOST_REPLICAS = 110
# What Google Kubernetes Engine keeps of a node, by size: a share of each part of its cores, and of
# its GiB, and 100 MiB below which pods are evicted (cloud.google.com, "Plan node sizes").
CPU_KEPT = ((1.0, 0.06), (1.0, 0.01), (2.0, 0.005), (math.inf, 0.0025))
MEMORY_KEPT = ((4.0, 0.25), (4.0, 0.2), (8.0, 0.1), (112.0, 0.06), (math.inf, 0.02))
EVICTION_GIB = 100 / MIB_PER_GIB
_SLACK = 1e-9  # rounding never takes a replica away
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")


@dataclass(frozen=True)
class MachineType:
    """One line of a price list: a machine on demand, without discounts."""

    name: str
    provider: str
    region: str
    architecture: str  # of its CPU: amd64 or arm64
    vcpus: int
    memory_gib: float
    price_hour: float  # in `currency`
    currency: str
    date: str  # of the price, YYYY-MM-DD or YYYY-MM
    source: str  # who says so

    def __post_init__(self) -> None:
        """Refuse what is no machine, naming the column and what to write instead."""
        for column in ("name", "provider", "region", "currency", "source"):
            if not getattr(self, column).strip():
                raise QuestionError(f"{column} is empty; write a text")
        if self.architecture not in ARCHITECTURES:
            raise QuestionError(
                f"architecture is {self.architecture!r}; write {' or '.join(ARCHITECTURES)}"
            )
        for column in ("vcpus", "memory_gib", "price_hour"):
            value = getattr(self, column)
            if not (value > 0 and math.isfinite(value)):
                raise QuestionError(f"{column} is {value!r}; write a number above 0")
        if not _DATE.fullmatch(self.date):
            raise QuestionError(f"date is {self.date!r}; write the day of the price as 2026-01-31")

    @property
    def label(self) -> str:
        """The machine as a person would name it."""
        return f"{self.provider} {self.name}"


@dataclass(frozen=True)
class Reserve:
    """What operating system and orchestrator keep of a machine: shares; None: as GKE keeps."""

    cpu: float | None = None
    memory: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share, or would leave nothing."""
        for name, share in (("cpu_reserve", self.cpu), ("memory_reserve", self.memory)):
            if share is not None and not 0 <= share < 1:
                raise QuestionError(f"{name} is {share!r}; it must be a share from 0 to below 1")

    def free_vcpus(self, machine: MachineType) -> float:
        """Return the vCPUs left for replicas."""
        if self.cpu is None:
            return machine.vcpus - _kept(machine.vcpus, CPU_KEPT)
        return machine.vcpus * (1 - self.cpu)

    def free_mib(self, machine: MachineType) -> float:
        """Return the MiB left for replicas."""
        free_gib = machine.memory_gib * (1 - (self.memory or 0.0))
        if self.memory is None:
            free_gib -= _kept(machine.memory_gib, MEMORY_KEPT) + EVICTION_GIB
        return MIB_PER_GIB * max(0.0, free_gib)


def _kept(amount: float, steps: Iterable[tuple[float, float]]) -> float:
    """Return what is kept of an amount of which each part is taken a share of."""
    kept, left = 0.0, amount
    for width, share in steps:
        part = min(left, width)
        kept, left = kept + share * part, left - part
    return kept


def replicas_that_fit(
    machine: MachineType, size: Setting, reserve: Reserve, cpu_ratio: float
) -> int:
    """Return how many replicas of one size a machine takes, by CPU, memory and number.

    They are all alike, so packing them is division. cpu_ratio: work that a vCPU of the price list
    does, in CPUs of the measured host.
    """
    by_cpu = reserve.free_vcpus(machine) * cpu_ratio / size.cpus
    by_memory = reserve.free_mib(machine) / size.memory_mib
    return min(MOST_REPLICAS, math.floor(by_cpu + _SLACK), math.floor(by_memory + _SLACK))
