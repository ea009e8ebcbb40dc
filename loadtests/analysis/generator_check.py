"""What the load generator can do on this host, seen against a service that does nothing."""

import math
from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import answered_rps, hold_sample, percentile
from loadtests.analysis.validity import GENERATOR_BUSY

# With nothing behind the server its p99 is the generator's and the host's own; a fifth of the
# objective leaves the rest to the service.
CEILING_SHARE = 0.2


@dataclass(frozen=True)
class Ceiling:
    """What was seen of the null service, and the users this host can stand for."""

    p99_ms: float  # of the null service
    allowed_ms: float
    generator_cores: float
    users_possible: int  # an estimate by proportion

    @property
    def is_high_enough(self) -> bool:
        """Say whether the load can be generated here."""
        return self.p99_ms <= self.allowed_ms

    @property
    def sentence(self) -> str:
        """What it means, for a person."""
        seen = (
            f"against a service that does nothing the p99 was {formats.milliseconds(self.p99_ms)} "
            f"({self.allowed_ms:,.0f} ms allowed) and the generator used "
            f"{self.generator_cores:.2f} cores"
        )
        if self.is_high_enough:
            return f"This host can generate the load: {seen}."
        return (
            f"This host cannot generate the load: {seen}; ask for at most "
            f"{self.users_possible:,} users."
        )


def judge_ceiling(evidence: Evidence) -> Ceiling:
    """Return the ceiling from a trial of the null service.

    An answer counts whatever the users' script makes of it: the null service knows no right one.
    The users possible are what the generator's CPU and the requests that came through allow.
    """
    trial = evidence.trial
    load, objective = trial.question.load, trial.question.objective
    requests = evidence.requests.assign(
        outcome=evidence.requests["outcome"].astype(object).replace("wrong_answer", "ok")
    )
    answered = Evidence(trial, requests, evidence.docker_stats, evidence.generator, evidence.host)
    p99_ms = percentile(hold_sample(answered).latency_ms, 99)
    cores = trial.generator.cpu_cores
    by_cpu = load.users * GENERATOR_BUSY / cores if cores > 0 else math.inf
    by_rate = (answered_rps(answered) or 0.0) * load.think_mean_s
    return Ceiling(
        p99_ms=math.inf if math.isnan(p99_ms) else p99_ms,
        allowed_ms=CEILING_SHARE * objective.latency_ms,
        generator_cores=cores,
        users_possible=int(min(by_cpu, by_rate, load.users) // 100 * 100),
    )
