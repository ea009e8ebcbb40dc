"""A service that never ran: what it needs is known, and every trial of it has its luck.

The luck of a trial depends on the service, the setting and the number of the trial, and on nothing
else, so that all searches meet the same. The speed of the CPU depends on when the trial is made
(`loadtests/comparison/drift.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from loadtests.comparison.drift import GAUGE_ERROR, is_voided, log_speed
from loadtests.comparison.lengths import QUESTION, failing_s, full_s, killed_s, steady_s
from loadtests.comparison.needs import Need, draw_need, draw_space
from loadtests.comparison.problem import Begun, Screening, combined
from loadtests.comparison.sharing import ALONE, Sharing
from loadtests.question import Setting
from loadtests.search.space import Space
from loadtests.search.staircase import forecast, next_cpus
from loadtests.verdicts import Finding, Step, Verdict

# Luck of a trial, in log CPU: the chance to hold is logistic in it, 5% to 95% within +-9%.
EDGE_WIDTH = 0.03
LONG_LUCK = 0.5  # of a long trial's luck; four times the steady state halves what averages out
UNDECIDED_WITHIN = 0.02  # of the edge, in log CPU
MEMORY_NOISE = 0.015  # standard deviation of the memory needed, relative
INVALID_SHARE = 0.05
# Log CPU in which the odds of a slow request change e-fold; from service to service.
SLOW_WIDTH = 0.05
SLOW_WIDTHS = (0.03, 0.1)

# How much of its CPU a service uses that just holds: 79% to 100% were measured near the edge.
USED_AT_EDGE = (0.8, 1.0)

# The staircase: every service has its own bias, every level its own noise, in log CPU.
STAIRCASE_BIAS = 0.08
LEVEL_NOISE = 0.03
PEAK_NOISE = 0.02  # of the peak memory seen, relative
# With plenty of CPU a service uses less than the limit it needs, since it bursts, or more, since a
# request takes more of it the more are served at a time: from service to service, of the need.
CPU_USED_WHEN_AMPLE = (0.7, 1.4)
# Some services need more memory in a cold start under load than a staircase shows.
COLD_START_SHARE = 0.3
COLD_START_MORE = (0.05, 0.30)
_STAIRCASE = 1_000_000  # seeds the staircase's noise apart from that of any trial


class _Luck(NamedTuple):
    """What is random about a trial, without its size."""

    memory: float  # standard normal
    edge: float  # standard logistic
    validity: float  # uniform
    gauge: float  # standard normal


@lru_cache(maxsize=100_000)
def _luck(seed: int, cpu_step: int, memory_step: int, number: int, replicas: int) -> _Luck:
    several = (replicas,) if replicas > 1 else ()
    rng = np.random.default_rng((seed, cpu_step, memory_step, number, *several))
    return _Luck(rng.normal(), rng.logistic(), rng.random(), rng.normal())


@dataclass(frozen=True)
class _Trial:
    own: Verdict
    load_s: float
    slow_share: float | None = None
    cpu_used: float | None = None
    killed: bool = False
    speed: float = 1.0  # as the gauge reads it
    voided: bool = False  # for the speed of its CPU


@dataclass(frozen=True)
class SimulatedService:
    """A service with a known need, asked with the default question."""

    seed: int
    space: Space
    need: Need
    bias: float = 0.0  # of the staircase, log CPU; positive: it sees too low an edge
    cold_start: float = 0.0  # memory beyond what the staircase shows, as a share
    cpu_used_when_ample: float = 1.0  # of the need
    used_at_edge: float = 1.0  # of the CPU that just suffices
    slow_width: float = SLOW_WIDTH
    noise: float = 1.0  # times the usual
    drift: float = 0.0  # times the usual
    sharing: Sharing = ALONE

    def reliability(self, setting: Setting) -> float:
        """Return the chance of a trial of usual length to hold at the reference speed."""
        off = self._margin(setting) / (EDGE_WIDTH * self.noise)
        spare = math.log(setting.memory_mib / self._needed_mib(setting))
        lives = NormalDist().cdf(spare / (MEMORY_NOISE * self.noise))
        return lives / (1 + math.exp(-max(off, -700.0)))

    def finding(self, setting: Setting, trials: Sequence[Begun]) -> Finding:
        """Return what trials of a setting tell together, and the last of them by itself."""
        made = [self._trial(setting, number, begun) for number, begun in enumerate(trials)]
        last = made[-1]
        return Finding(
            setting,
            _together(made),
            oom_killed=any(trial.killed for trial in made),
            load_s=last.load_s,
            own=last.own,
            speed=last.speed,
            cpu_used=last.cpu_used,
            slow_share=last.slow_share,
            is_long=trials[-1].is_long,
        )

    def staircase(self) -> Screening:
        """Walk down with all the memory there is, level by level, from the clock's begin."""
        rng = np.random.default_rng((self.seed, _STAIRCASE))
        workload, slo = QUESTION.workload, QUESTION.slo
        seen: list[Step] = []
        cpus: float | None = self.space.cpus[-1]
        while cpus is not None:
            seen.append(self._level(cpus, len(seen), rng))
            cpus = next_cpus(seen, self.space.cpus, slo)
        ample = self.space.ample
        shown_mib = self.need.used_when_ample(ample.cpus) / (1 + self.cold_start)
        peak_mib = min(shown_mib * math.exp(rng.normal(0, PEAK_NOISE)), ample.memory_mib)
        end_s = workload.staircase_s(len(seen))
        misread = rng.normal(0, GAUGE_ERROR) if self.drift else 0.0
        speed = math.exp(self._log_speed(workload.staircase_s(1), end_s) + misread)
        memory = self.sharing.memory_seen(self.seed, peak_mib)
        return Screening(forecast(seen, peak_mib, slo, speed), end_s, memory)

    def _margin(self, setting: Setting) -> float:
        """Return how far a setting's CPU lies above the edge, in log CPU."""
        return math.log(self._as_one(setting) / self.need.cpus_with(setting.memory_mib))

    def _as_one(self, setting: Setting) -> float:
        """Return with how much CPU one replica would do as well."""
        return setting.total_cpus / self.sharing.cpu_times(setting.replicas)

    def _needed_mib(self, setting: Setting) -> float:
        """Return the memory that the busiest replica needs."""
        one = self.need.memory_with(self._as_one(setting))
        return one * self.sharing.memory_times(setting.replicas)

    def _used(self, setting: Setting, log_speed: float) -> float:
        """Return the CPU that the load takes, as a share of what is granted; above 1: too much.

        From what it takes at the edge towards what it takes with plenty.
        """
        needed = math.exp(-self._margin(setting) - log_speed)
        spare = max(0.0, 1 - needed)
        more = self.cpu_used_when_ample - self.used_at_edge
        return needed * (self.used_at_edge + more * spare)

    def _log_speed(self, from_s: float, to_s: float) -> float:
        return self.drift * log_speed(self.seed, from_s, to_s) if self.drift else 0.0

    def _trial(self, setting: Setting, number: int, begun: Begun) -> _Trial:
        luck = _luck(self.seed, *self.space.steps(setting), number, setting.replicas)
        needed_mib = self._needed_mib(setting) * math.exp(luck.memory * MEMORY_NOISE * self.noise)
        scale = self.noise * (LONG_LUCK if begun.is_long else 1.0)
        end_s = begun.at_s + full_s(begun)
        speed = self._log_speed(end_s - steady_s(begun), end_s)
        misread = luck.gauge * GAUGE_ERROR if self.drift else 0.0
        gauge = math.exp(speed + misread)
        margin = self._margin(setting) + speed + luck.edge * EDGE_WIDTH * scale
        if setting.memory_mib < needed_mib:
            ended_s = killed_s(setting.memory_mib, needed_mib)
            return _Trial(Verdict.FAILS, ended_s, killed=True, speed=gauge)
        if luck.validity < INVALID_SHARE:
            return _Trial(Verdict.INVALID, full_s(begun), speed=gauge)
        own = _verdict(margin, UNDECIDED_WITHIN * scale)
        used = self._used(setting, speed)
        return _Trial(
            own,
            failing_s(begun, margin) if own is Verdict.FAILS else full_s(begun),
            slow_share(margin, self.slow_width),
            speed=gauge,
            cpu_used=min(1.0, used),
            voided=is_voided(own, gauge, used * gauge),
        )

    def _level(self, cpus: float, number: int, rng: np.random.Generator) -> Step:
        workload = QUESTION.workload
        ample = Setting(cpus, self.space.memory_mib[-1])
        requests = round(workload.expected_rps() * workload.level_steady_s)
        end_s = workload.staircase_s(number + 1)
        speed = self._log_speed(end_s - workload.level_steady_s, end_s)
        margin = self._margin(ample) + speed + self.bias + rng.normal(0, LEVEL_NOISE)
        dead = ample.memory_mib < self.need.memory_with(cpus) / (1 + self.cold_start)
        slow = requests if dead else round(requests * slow_share(margin, self.slow_width))
        used = self.need.cpus_with(ample.memory_mib) * self.cpu_used_when_ample
        used *= math.exp(-speed)
        return Step(cpus, workload.users, requests, slow, 0, min(cpus, used))


def _verdict(margin: float, undecided_within: float) -> Verdict:
    if abs(margin) < undecided_within:
        return Verdict.UNDECIDED
    return Verdict.HOLDS if margin > 0 else Verdict.FAILS


def _together(made: Sequence[_Trial]) -> Verdict:
    """Return the verdict of all trials: a kill stands, what the speed took back tells nothing."""
    if any(trial.killed for trial in made):
        return Verdict.FAILS
    usable = [trial for trial in made if trial.own is not Verdict.INVALID]
    sound = [trial.own for trial in usable if not trial.voided]
    return Verdict.UNDECIDED if usable and not sound else combined(sound)


def slow_share(margin: float, width: float = SLOW_WIDTH) -> float:
    """Return the share of slow requests so far above the edge (log CPU): logistic, allowed at 0."""
    allowed = QUESTION.slo.slow_share
    return 1 / (1 + (1 - allowed) / allowed * math.exp(min(margin / width, 700.0)))


def draw_service(seed: int, noise: float = 1.0, drift: float = 0.0) -> SimulatedService:
    """Return one of the services that are compared on, with so many times the usual luck."""
    rng = np.random.default_rng(seed)
    space = draw_space(rng)
    return SimulatedService(
        seed=seed,
        space=space,
        need=draw_need(rng, space),
        bias=float(rng.normal(0, STAIRCASE_BIAS)),
        cold_start=float(rng.uniform(*COLD_START_MORE)) if rng.random() < COLD_START_SHARE else 0.0,
        cpu_used_when_ample=float(rng.uniform(*CPU_USED_WHEN_AMPLE)),
        used_at_edge=float(rng.uniform(*USED_AT_EDGE)),
        slow_width=math.exp(rng.uniform(*np.log(SLOW_WIDTHS))),
        noise=noise,
        drift=drift,
    )
