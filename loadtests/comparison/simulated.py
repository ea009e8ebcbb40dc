"""A service that never ran: what it needs is known, and every trial of it has its noise.

The noise of a trial depends on the service, the setting and the number of the trial, and on nothing
else, so that all searches meet the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.comparison.needs import Need, draw_need, draw_space
from loadtests.comparison.problem import Screening
from loadtests.question import Question, Setting
from loadtests.search.space import Space
from loadtests.search.staircase import forecast, next_cpus
from loadtests.verdicts import Finding, Step, Verdict

QUESTION = Question()

# Noise of a trial, in log CPU: the chance to hold is logistic in it, 5% to 95% within +-9%.
EDGE_WIDTH = 0.03
UNDECIDED_WITHIN = 0.02  # of the edge, in log CPU
MEMORY_NOISE = 0.015  # standard deviation of the memory needed, relative
INVALID_SHARE = 0.05
# Log CPU in which the odds of a slow request change e-fold.
SLOW_WIDTH = 0.05
RAMP_UP_FAILURES_S = 22.0  # when requests of a starved service time out, and how a ramp-up may end
KILLED_FROM_S = 4.0  # no container with next to no memory dies sooner

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


@dataclass(frozen=True)
class _Trial:
    verdict: Verdict
    load_s: float
    killed: bool = False


@dataclass(frozen=True)
class SimulatedService:
    """A service with a known need, asked with the default question."""

    seed: int
    space: Space
    need: Need
    bias: float = 0.0  # of the staircase, log CPU; positive: it sees too low an edge
    cold_start: float = 0.0  # memory beyond what the staircase shows, as a share
    cpu_used_when_ample: float = 1.0  # of the need
    noise: float = 1.0  # times the usual

    def truly_holds(self, setting: Setting) -> bool:
        """Say whether a setting holds without noise: with it, in more than half of its trials."""
        return self._margin(setting) > 0 and setting.memory_mib > self.need.memory_with(
            setting.cpus
        )

    def finding(self, setting: Setting, trials: int) -> Finding:
        """Return what the first `trials` trials of a setting tell together."""
        made = [self._trial(setting, number) for number in range(trials)]
        killed = any(trial.killed for trial in made)
        verdict = Verdict.FAILS if killed else combined([trial.verdict for trial in made])
        return Finding(setting, verdict, oom_killed=killed, load_s=made[-1].load_s)

    def staircase(self) -> Screening:
        """Walk down with all the memory there is, level by level."""
        rng = np.random.default_rng((self.seed, _STAIRCASE))
        workload, slo = QUESTION.workload, QUESTION.slo
        seen: list[Step] = []
        cpus: float | None = self.space.cpus[-1]
        while cpus is not None:
            seen.append(self._level(cpus, rng))
            cpus = next_cpus(seen, self.space.cpus, slo)
        ample = self.space.ample
        shown_mib = self.need.used_when_ample(ample.cpus) / (1 + self.cold_start)
        peak_mib = min(shown_mib * math.exp(rng.normal(0, PEAK_NOISE)), ample.memory_mib)
        return Screening(forecast(seen, peak_mib, slo), workload.staircase_s(len(seen)))

    def _margin(self, setting: Setting) -> float:
        """Return how far a setting's CPU lies above the edge, in log CPU."""
        return math.log(setting.cpus / self.need.cpus_with(setting.memory_mib))

    def _trial(self, setting: Setting, number: int) -> _Trial:
        rng = np.random.default_rng((self.seed, *self.space.steps(setting), number))
        memory_noise = math.exp(rng.normal(0, MEMORY_NOISE * self.noise))
        needed_mib = self.need.memory_with(setting.cpus) * memory_noise
        margin = self._margin(setting) + rng.logistic(0, EDGE_WIDTH * self.noise)
        invalid = rng.random() < INVALID_SHARE
        if setting.memory_mib < needed_mib:
            killed_s = RAMP_UP_FAILURES_S * setting.memory_mib / needed_mib
            return _Trial(Verdict.FAILS, max(KILLED_FROM_S, killed_s), killed=True)
        if invalid:
            return _Trial(Verdict.INVALID, QUESTION.workload.duration_s)
        if abs(margin) < UNDECIDED_WITHIN * self.noise:
            return _Trial(Verdict.UNDECIDED, QUESTION.workload.duration_s)
        if margin > 0:
            return _Trial(Verdict.HOLDS, QUESTION.workload.duration_s)
        return _Trial(Verdict.FAILS, _failing_s(margin))

    def _level(self, cpus: float, rng: np.random.Generator) -> Step:
        ample = Setting(cpus, self.space.memory_mib[-1])
        requests = round(QUESTION.workload.expected_rps() * QUESTION.workload.level_steady_s)
        margin = self._margin(ample) + self.bias + rng.normal(0, LEVEL_NOISE)
        dead = ample.memory_mib < self.need.memory_with(cpus) / (1 + self.cold_start)
        slow = requests if dead else round(requests * slow_share(margin))
        used = self.need.cpus_with(ample.memory_mib) * self.cpu_used_when_ample
        return Step(cpus, QUESTION.workload.users, requests, slow, 0, min(cpus, used))


def combined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict of several trials, as the real ones are combined.

    Invalid trials say nothing; those that decide must agree and outnumber the undecided.
    """
    usable = [verdict for verdict in verdicts if verdict is not Verdict.INVALID]
    if not usable:
        return Verdict.INVALID
    decided = [verdict for verdict in usable if verdict.decides]
    if len(set(decided)) == 1 and 2 * len(decided) > len(usable):
        return decided[0]
    return Verdict.UNDECIDED


def slow_share(margin: float) -> float:
    """Return the share of slow requests so far above the edge (log CPU): logistic, allowed at 0."""
    allowed = QUESTION.slo.slow_share
    return 1 / (1 + (1 - allowed) / allowed * math.exp(margin / SLOW_WIDTH))


def _failing_s(margin: float) -> float:
    """Return how long a failing trial lasts: it is stopped early once too much has failed.

    Users of a closed load wait R = Z (need / cpus - 1) each, beyond the timeout where CPU is so
    scarce (from N = X (R + Z), Little 1961). What is only slow is looked at to its end.
    """
    workload = QUESTION.workload
    if math.exp(margin) < 1 / (1 + workload.timeout_s / workload.think_mean_s):
        return RAMP_UP_FAILURES_S
    return workload.duration_s


def draw_service(seed: int, noise: float = 1.0) -> SimulatedService:
    """Return one of the services that are compared on, with so many times the usual noise."""
    rng = np.random.default_rng(seed)
    space = draw_space(rng)
    return SimulatedService(
        seed=seed,
        space=space,
        need=draw_need(rng, space),
        bias=float(rng.normal(0, STAIRCASE_BIAS)),
        cold_start=float(rng.uniform(*COLD_START_MORE)) if rng.random() < COLD_START_SHARE else 0.0,
        cpu_used_when_ample=float(rng.uniform(*CPU_USED_WHEN_AMPLE)),
        noise=noise,
    )
