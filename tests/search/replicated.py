"""Services that never ran, of several replicas: what each needs is known, so the answer is too."""

from dataclasses import dataclass

from loadtests.analysis.cost import Prices
from loadtests.question import Cost, Setting, rank
from loadtests.search.minimum import Decision
from loadtests.search.reliability import Goal
from loadtests.search.replica_axis import ReplicaBudget, decide
from loadtests.search.replica_law import ReplicaMemory
from loadtests.search.replica_reliability import ReplicaReliability
from loadtests.search.replica_space import ReplicaSpace
from loadtests.search.replica_standing import Rivals
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict

PLANE = Space(
    (0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
    (60, 80, 100, 150, 200, 250, 300, 400),
)
SPACE = ReplicaSpace.of(PLANE, 5)
COST = Prices().per_hour
PLENTY = ReplicaBudget(load_s=6000.0)


def slow_share(above: float) -> float:
    """Return the share of slow requests with so many times the CPU needed; 5% are allowed."""
    return 1 / (1 + 19 * above**20)


@dataclass(frozen=True)
class Replicated:
    """Holds where all replicas together have the CPU that the load takes, each its memory."""

    cpus: float = 0.17  # of one replica
    overhead: float = 0.17  # of every further one, as a share of that
    base_mib: float = 97.0
    users_mib: float = 93.0

    @property
    def memory(self) -> ReplicaMemory:
        """What its ramp-up tells."""
        return ReplicaMemory(self.base_mib, self.users_mib)

    @property
    def forecast(self) -> Forecast:
        """What its staircase tells."""
        return Forecast(self.cpus, self.base_mib + self.users_mib, self.cpus)

    def needed(self, replicas: int) -> float:
        """Return the CPU that so many need in all."""
        return self.cpus * (1 + self.overhead * (replicas - 1))

    def measure(self, setting: Setting, is_long: bool = False) -> Finding:
        """Return what a trial tells, with no luck in it."""
        needed = self.needed(setting.replicas)
        load_s = 150.0 if is_long else 60.0
        if setting.memory_mib < self.base_mib + self.users_mib / setting.replicas:
            return Finding(
                setting, Verdict.FAILS, "killed", True, 15.0, own=Verdict.FAILS, is_long=is_long
            )
        holds = setting.total_cpus >= needed
        verdict = Verdict.HOLDS if holds else Verdict.FAILS
        return Finding(
            setting, verdict, "as told", load_s=load_s, own=verdict,
            slow_share=slow_share(setting.total_cpus / needed), is_long=is_long,
            cpu_used=min(1.0, 0.95 * needed / setting.total_cpus),
        )  # fmt: skip

    def least(self, cost: Cost = COST, space: ReplicaSpace = SPACE) -> Setting:
        """Return the cheapest setting that holds, by looking at all."""
        held = [cell for cell in space.cells if self.measure(cell).verdict is Verdict.HOLDS]
        return min(held, key=lambda cell: rank(cell, cost))

    def plane(self) -> list[Finding]:
        """Return what a search of one replica comes to: its least twice, and what fails below."""
        least = self.least(space=ReplicaSpace.of(PLANE, 1))
        cpu, memory = PLANE.steps(least)
        below = [least, PLANE.cell(cpu - 1, PLANE.last_memory_step), PLANE.cell(cpu, memory - 1)]
        return [*(self.measure(cell) for cell in below), self.measure(least, is_long=True)]

    def rivals(self, findings: list[Finding], cost: Cost = COST) -> Rivals:
        """Return what is known of several replicas after some trials."""
        says = ReplicaReliability(SPACE, tuple(findings), Goal(), self.forecast, self.memory)
        return Rivals(says, cost)


def asked_for(
    service: Replicated, budget: ReplicaBudget = PLENTY, cost: Cost = COST
) -> tuple[list[Finding], list[Decision], Rivals]:
    """Ask about several replicas to the end; return what was found of them and decided."""
    findings, decisions = service.plane(), []
    while True:
        rivals = service.rivals(findings, cost)
        decisions.append(decide(rivals, budget))
        if decisions[-1].ask is None:
            several = [finding for finding in findings if finding.setting.replicas > 1]
            return several, decisions, rivals
        findings.append(service.measure(decisions[-1].ask, decisions[-1].is_long))
