"""How many replicas, on how many machines, for what cost, hold more users than were measured.

Replicas are taken as stateless and alike, the balancer as even, and each as carrying what one was
shown to carry. Neither the network nor what stands behind the service is planned.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

from loadtests.analysis.machines import MachineType, Reserve, replicas_that_fit
from loadtests.analysis.plan_basis import Basis, HeldOutError
from loadtests.errors import QuestionError
from loadtests.question import Setting

HOURS_A_MONTH = 730  # 365 days of 24 h, over 12
TARGETS = (100_000, 1_000_000, 10_000_000)
_SLACK = 1e-9


@dataclass(frozen=True)
class PlanRequest:
    """What is asked of a plan: for how many users, on which machines, with what to spare."""

    machines: tuple[MachineType, ...]
    targets: tuple[int, ...] = TARGETS
    architecture: str = "amd64"
    machines_lost: int = 1  # that may fail at once
    replicas_lost: int = 1  # besides those on them
    cpu_ratio: float = 1.0  # work of a vCPU of the price list, in CPUs of the measured host
    reserve: Reserve = field(default_factory=Reserve)

    def __post_init__(self) -> None:
        """Refuse what cannot be planned for, saying what to write instead."""
        if not self.targets or any(target < 1 for target in self.targets):
            raise QuestionError(
                f"plan_users is {list(self.targets)!r}; it must be whole numbers above 0"
            )
        for name, lost in (
            ("machines_lost", self.machines_lost),
            ("replicas_lost", self.replicas_lost),
        ):
            if lost < 0:
                raise QuestionError(f"{name} is {lost!r}; it must be 0 or more")
        if not (self.cpu_ratio > 0 and math.isfinite(self.cpu_ratio)):
            raise QuestionError(f"cpu_ratio is {self.cpu_ratio!r}; it must be a number above 0")
        if not self.offered:
            there = sorted({machine.architecture for machine in self.machines})
            raise QuestionError(
                f"architecture is {self.architecture!r}; the machines have {', '.join(there)}"
            )

    @property
    def offered(self) -> list[MachineType]:
        """The machines on which the image runs."""
        return [each for each in self.machines if each.architecture == self.architecture]


@dataclass(frozen=True)
class Fleet:
    """Replicas of one size on machines of one type."""

    machine: MachineType
    machines: int
    replicas: int
    carrying: int  # replicas that are left once those that may be lost are
    size: Setting

    @property
    def replicas_per_machine(self) -> int:
        """Replicas on the fullest machine, where they are spread evenly."""
        return math.ceil(self.replicas / self.machines)

    @property
    def cost_hour(self) -> float:
        """Cost per hour, in the machine's currency."""
        return self.machines * self.machine.price_hour

    @property
    def cost_month(self) -> float:
        """Cost per month of 730 h."""
        return self.cost_hour * HOURS_A_MONTH

    @property
    def memory_gib(self) -> float:
        """Memory granted to all replicas."""
        return self.replicas * self.size.memory_mib / 1024


def fleet(carrying: int, machine: MachineType, size: Setting, asked: PlanRequest) -> Fleet | None:
    """Return the fewest machines of a type on which so many replicas are left after losses.

    The machines that may be lost are lost together with `replicas_lost` replicas elsewhere;
    replicas are spread evenly, so each machine takes as few with it as can be. None where not one
    replica fits.
    """
    fit = replicas_that_fit(machine, size, asked.reserve, asked.cpu_ratio)
    if fit < 1:
        return None
    apart = carrying + asked.replicas_lost
    staying = math.ceil(apart / fit)
    on_each = math.ceil(apart / staying)
    replicas = apart + asked.machines_lost * on_each
    return Fleet(machine, staying + asked.machines_lost, replicas, carrying, size)


@dataclass(frozen=True)
class TargetPlan:
    """The plan for one number of users, machines of the cheapest type first."""

    users: int
    is_measured: bool  # whether as many users were under load in the trials
    fleets: tuple[Fleet, ...]
    low: Fleet | None  # of the cheapest type, by the low end of what is needed; None: not known
    high: Fleet | None

    @property
    def best(self) -> Fleet:
        """The cheapest."""
        return self.fleets[0]

    @property
    def users_each(self) -> float:
        """Users of a replica while all are there."""
        return self.users / self.best.replicas

    @property
    def users_after_loss(self) -> float:
        """Users of a replica once a machine, and no more, is gone; those of one machine: none."""
        left = self.best.replicas - self.best.replicas_per_machine
        return self.users / left if left else math.inf


@dataclass(frozen=True)
class Plan:
    """A plan for each number of users asked for, and for any other."""

    basis: Basis
    asked: PlanRequest
    beyond: HeldOutError | None  # None: too few held-out trials tell it

    def __post_init__(self) -> None:
        """Refuse a size that is too large for every machine there is."""
        size, asked = self.basis.size, self.asked
        if all(fleet(1, machine, size, asked) is None for machine in asked.offered):
            raise QuestionError(
                f"a replica of {size.label} fits on none of the {len(asked.offered)} machines; "
                "add larger ones to the table (machines)"
            )

    @cached_property
    def targets(self) -> tuple[TargetPlan, ...]:
        """The plans for the users asked for."""
        return tuple(self.at(users) for users in self.asked.targets)

    def at(self, users: int) -> TargetPlan:
        """Return the plan for so many users."""
        needed = self._needed(users)
        found = [
            each
            for machine in self.asked.offered
            if (each := fleet(needed[0], machine, self.basis.size, self.asked)) is not None
        ]
        best, *others = sorted(found, key=lambda each: (each.cost_hour, each.machines))
        low, high = (
            None if count is None else fleet(count, best.machine, self.basis.size, self.asked)
            for count in needed[1:]
        )
        is_measured = users <= self.basis.workload.users
        return TargetPlan(users, is_measured, (best, *others), low, high)

    def _needed(self, users: int) -> tuple[int, int | None, int | None]:
        """Return how many replicas have to carry the users, with bounds; None: not known.

        Within what was measured the bounds are the spread between trials; beyond, the error that
        held-out trials show comes on top.
        """
        each = self.basis.users_per_replica
        estimate = _up(users / each.estimate)
        ratio = users / self.basis.workload.users
        if math.isnan(each.low) or (ratio > 1 and self.beyond is None):
            return estimate, None, None
        times = 1.0 if self.beyond is None else self.beyond.times(ratio)
        # However much more it might carry, none is planned for more than it was shown to.
        most = min(self.basis.users_shown, each.high * times)
        return estimate, _up(users / most), _up(users / each.low * times)


@dataclass(frozen=True)
class NoPlan:
    """Why there is none."""

    why: str


def _up(value: float) -> int:
    return max(1, math.ceil(value - _SLACK))
