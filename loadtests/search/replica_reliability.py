"""How reliably each setting holds, those of several replicas included."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from loadtests.question import Setting
from loadtests.search.curve import Curve, Floats
from loadtests.search.reliability import Reliability
from loadtests.search.replica_curves import cpu_curve, memory_curve
from loadtests.search.replica_law import OVERHEADS, ReplicaMemory
from loadtests.search.replica_space import ReplicaSpace
from loadtests.verdicts import Finding, Verdict

# A trial that served the whole load with so much CPU shows what it takes; the speed of its CPU was
# read with an error, and sharing may save a little where threads stood in each other's way.
LEAST_DEMAND = 0.85
_ROUNDED_UP = 1 + 1e-9
CREDIBLE = 0.9  # of an interval of what is believed


@dataclass(frozen=True)
class ReplicaReliability(Reliability):
    """What all trials say of every setting's chance to hold, of one replica or of several.

    One replica by its own trials only; several by theirs and by what one needs.
    """

    space: ReplicaSpace
    memory: ReplicaMemory | None = None  # None: no ramp-up told
    _cpu_kept: dict[tuple[int, int], tuple[Curve, Floats]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _memory_kept: dict[tuple[int, float], Curve] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def plane(self) -> Reliability:
        """What the trials of one replica say of it."""
        alone = tuple(f for f in self.findings if f.setting.replicas == 1)
        return Reliability(self.space.plane, alone, self.goal, self.forecast)

    @cached_property
    def least_demand(self) -> float | None:
        """CPU (cores, reference speed) without which no replicas serve this load; None: unknown.

        By X D: the least that one replica ever took while it held, less what may be misread.
        """
        took = [
            finding.cpu_used * finding.setting.cpus * finding.speed
            for finding in self.plane.findings
            if finding.trial_verdict is Verdict.HOLDS and finding.cpu_used
        ]
        return LEAST_DEMAND * min(took) if took else None

    def overhead(self, memory_mib: int) -> tuple[float, float, float]:
        """Return what another replica costs, as a share of one's CPU, with a 90% interval."""
        _, belief = self._shared_cpu(2, memory_mib)
        values = np.array([value for value, _ in OVERHEADS])
        rising = np.cumsum(belief)
        low, high = (
            float(values[min(int(np.searchsorted(rising, at)), len(values) - 1)])
            for at in ((1 - CREDIBLE) / 2, (1 + CREDIBLE) / 2)
        )
        return float((values * belief).sum()), low, high

    def _curves(self, setting: Setting) -> tuple[Curve, Curve]:
        if setting.replicas == 1:
            return self.plane._curves(setting)
        each, _ = self._shared_cpu(setting.replicas, setting.memory_mib)
        return each, self._shared_memory(setting.replicas, setting.cpus)

    def _shared_cpu(self, replicas: int, memory_mib: int) -> tuple[Curve, Floats]:
        """Return the curve over the CPU of each replica, and the belief about overheads."""
        key = replicas, memory_mib
        if key not in self._cpu_kept:
            one, _ = self.plane._curves(Setting(self.space.cpus[0], memory_mib))
            self._cpu_kept[key] = cpu_curve(*key, one, self._several, self.goal.slow_share)
        return self._cpu_kept[key]

    def _shared_memory(self, replicas: int, cpus: float) -> Curve:
        """Return the curve over the memory of each replica."""
        key = replicas, cpus
        if key not in self._memory_kept:
            step = max(0, bisect_right(self.space.cpus, replicas * cpus * _ROUNDED_UP) - 1)
            _, one = self.plane._curves(self.space.cell(step, 0))
            self._memory_kept[key] = memory_curve(
                *key, one, self._several, self.memory, self.forecast
            )
        return self._memory_kept[key]

    @cached_property
    def _several(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.setting.replicas > 1)
