"""What the load generator can do on this host, seen against a service that does nothing."""

import math
from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.generator_health import GENERATOR_BUSY
from loadtests.analysis.latency import answered_rps, percentile, steady_sample
from loadtests.analysis.trial_length import is_measured, stopped_at_s
from loadtests.question import load_label

# With nothing behind the server its p99 is the generator's and the host's own; a fifth of the
# SLO leaves the rest to the service.
GENERATOR_SHARE = 0.2


@dataclass(frozen=True)
class GeneratorCheck:
    """What was seen of the null service, and the users this host can stand for."""

    p99_ms: float  # of the null service; inf where that many failed or nothing was measured
    allowed_ms: float
    generator_cores: float | None  # None: the trial ended before its steady state
    stopped_at_s: float | None
    users_possible: int  # an estimate by proportion
    rate_possible: float | None = None  # arrivals/s, likewise; None: the load is closed
    workers: int = 1  # that sent it
    workers_needed: int = 1  # by the CPU that the busiest of them used

    @property
    def is_high_enough(self) -> bool:
        """Say whether the load can be generated here."""
        return self.p99_ms <= self.allowed_ms

    @property
    def sentence(self) -> str:
        """What it means, for a person."""
        seen = f"against a service that does nothing the p99 was {self._seen}"
        more = f"{self.workers_needed} workers, each with a core to itself "
        more += f"(WORKERS={self.workers_needed})"
        busy = self.workers_needed > self.workers
        if self.is_high_enough:
            return f"This host can generate the load: {seen}{f'; it takes {more}' if busy else ''}."
        fewer = load_label(self.users_possible, self.rate_possible)
        return (
            f"This host cannot generate the load: {seen}; ask for at most "
            f"{fewer}{f', or for {more}' if busy else ''}."
        )

    @property
    def _seen(self) -> str:
        if self.generator_cores is None:
            return formats.not_measured(self.stopped_at_s)
        return (
            f"{formats.milliseconds(self.p99_ms)} ({self.allowed_ms:,.0f} ms allowed) and the "
            f"{'generator' if self.workers == 1 else f'busiest of {self.workers} workers'} used "
            f"{self.generator_cores:.2f} cores"
        )


def judge_generator(evidence: Evidence) -> GeneratorCheck:
    """Return the load generator check from a trial of the null service.

    An answer counts whatever the users' script makes of it: the null service knows no right one.
    The users possible, or the rate, are what the generator's CPU and the requests that came through
    allow; the workers needed are so many that the busiest leaves a fifth of its core idle.
    """
    trial = evidence.trial
    workload, slo = trial.question.workload, trial.question.slo
    requests = evidence.requests.assign(
        outcome=evidence.requests["outcome"].astype(object).replace("wrong_answer", "ok")
    )
    answered = Evidence(trial, requests, evidence.docker_stats, evidence.generator, evidence.host)
    measured, cores = is_measured(evidence), trial.generator.cpu_cores
    p99_ms = percentile(steady_sample(answered).latency_ms, 99) if measured else math.nan
    of_cpu = GENERATOR_BUSY / cores if cores > 0 else math.inf
    rps = answered_rps(answered) or 0.0
    users = min(workload.users * of_cpu, rps * workload.think_mean_s, workload.users)
    rate, workers = workload.rate_per_s, max(1, len(trial.workers))
    return GeneratorCheck(
        p99_ms=math.inf if math.isnan(p99_ms) else p99_ms,
        allowed_ms=GENERATOR_SHARE * slo.latency_ms,
        generator_cores=cores if measured else None,
        stopped_at_s=stopped_at_s(evidence),
        users_possible=_two_digits(users),
        rate_possible=None if rate is None else _two_digits(min(rate * of_cpu, rps, rate)),
        workers=workers,
        workers_needed=max(1, math.ceil(round(workers * cores / GENERATOR_BUSY, 6))),
    )


def _two_digits(users: float) -> int:
    """Round down to what a person would say: 9,430 users to 9,400, 94 to 94."""
    whole = math.floor(users)
    step = int(10 ** max(0, len(str(whole)) - 2))
    return whole // step * step
