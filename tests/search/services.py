"""Services that never ran: what they need is known, so the right answer is too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from loadtests.analysis.cost import Prices
from loadtests.question import Setting
from loadtests.search.budget import Budget
from loadtests.search.minimum import Decision, decide
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Step, Verdict

SPACE = Space((0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0), (100, 150, 200, 250, 300, 400, 500))
COST = Prices().per_hour
PLENTY = Budget(trials=60, load_minutes=600)


@dataclass
class Service:
    """Holds where it has what it needs; some settings may be said to come out otherwise."""

    cpus: float
    memory_mib: Callable[[float], float]  # with so many CPUs
    odd: Mapping[Setting, Verdict] = field(default_factory=dict)

    def measure(self, setting: Setting) -> Finding:
        """Return what a trial of a setting tells."""
        short = setting.memory_mib < self.memory_mib(setting.cpus)
        holds = not short and setting.cpus >= self.cpus
        verdict = self.odd.get(setting, Verdict.HOLDS if holds else Verdict.FAILS)
        out_of_memory = verdict is Verdict.FAILS and short
        return Finding(setting, verdict, "as told", out_of_memory, load_s=60.0)

    def least(self, space: Space) -> Setting | None:
        """Return the cheapest setting that holds, by looking at all."""
        held = [s for s in space.cells if self.measure(s).verdict is Verdict.HOLDS]
        return min(held, key=COST, default=None)


def needing(cpus: float, memory_mib: float) -> Service:
    """Return a service with needs that do not depend on each other."""
    return Service(cpus, lambda _cpus: memory_mib)


def searched(
    service: Service, forecast: Forecast, space: Space = SPACE, budget: Budget = PLENTY
) -> tuple[list[Finding], list[Decision]]:
    """Search to the end; return what was found and decided."""
    findings: list[Finding] = []
    decisions: list[Decision] = []
    while True:
        decisions.append(decide(space, findings, forecast, COST, budget))
        ask = decisions[-1].ask
        if ask is None:
            return findings, decisions
        findings.append(service.measure(ask))


def answer(findings: list[Finding]) -> Setting | None:
    """Return the cheapest setting that was found to hold."""
    held = [f.setting for f in findings if f.verdict is Verdict.HOLDS]
    return min(held, key=COST, default=None)


def level(cpus: float, passes: bool, cpu_cores: float | None = None, users: int = 1000) -> Step:
    """Return a level of a staircase that passes or not."""
    return Step(cpus, users, 1000, 0 if passes else 500, 0, cpu_cores)
