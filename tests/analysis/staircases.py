"""A live staircase that never ran: CPU falls under steady users, until it is too little."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.question import Setting
from loadtests.verdicts import Step
from tests.analysis.records import QUESTION, Latency, evidence, steady_ms

BASE_MIB = 90.0
KIB_PER_USER = 10.0
CPU_MS_PER_REQUEST = 0.3
LEVEL_S = 10.0
WARM_UP_S = 3.0
USERS = QUESTION.workload.users


def slow_from(at_s: float) -> Latency:
    """Latencies of 5 ms until a moment, of 2 s from then on."""
    quick, slow = steady_ms(5.0), steady_ms(2000.0)

    def latency(start_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.where(start_s < at_s, quick(start_s, rng), slow(start_s, rng))

    return latency


def staircase(cpus: Sequence[float] = (1.0, 0.4, 0.3, 0.25), slow_level: int = 3) -> Evidence:
    """A staircase down those limits, slow from a level on (counted from 0)."""
    first_s = QUESTION.workload.ramp_up_s + QUESTION.workload.warm_up_s
    holds = [first_s + n * LEVEL_S for n in range(len(cpus))]
    slow_s = holds[slow_level] - WARM_UP_S if slow_level < len(cpus) else 1e9
    whole = evidence(
        setting=Setting(cpus[0], 500),
        latency=slow_from(slow_s),
        steady_s=len(cpus) * LEVEL_S - WARM_UP_S,
    )
    steps = []
    for number, (limit, steady_s) in enumerate(zip(cpus, holds, strict=True)):
        end_s = steady_s + LEVEL_S - WARM_UP_S
        ended_s = whole.requests["start_s"] + whole.requests["latency_ms"] / 1000
        inside = (ended_s >= steady_s) & (ended_s < end_s)
        late = whole.requests["latency_ms"] > QUESTION.slo.latency_ms
        steps.append(
            Step(
                cpus=limit,
                users=USERS,
                start_s=0.0 if number == 0 else steady_s - WARM_UP_S,
                steady_start_s=steady_s,
                steady_end_s=end_s,
                requests=int(inside.sum()),
                slow=int((inside & late).sum()),
                failures=0,
                cpu_cores=0.03,
            )
        )
    phases = replace(whole.trial.phases, steady_end_s=steps[0].steady_end_s)
    trial = replace(whole.trial, steps=tuple(steps), phases=phases)
    return replace(whole, trial=trial, docker_stats=stats(whole), generator=users(whole))


def users(whole: Evidence) -> pd.DataFrame:
    """The generator's seconds, its users arriving over the ramp-up."""
    time_s = whole.generator["time_s"]
    return pd.DataFrame(
        {"time_s": time_s, "users": np.minimum(USERS, time_s / QUESTION.workload.ramp_up_s * USERS)}
    )


def stats(whole: Evidence) -> pd.DataFrame:
    """Docker stats in which every request and every user costs exactly what they cost."""
    table = whole.docker_stats[whole.docker_stats["role"] == "replica"].copy()
    ended_s = np.sort(whole.requests["start_s"] + whole.requests["latency_ms"] / 1000)
    time_s = table["time_s"].to_numpy()
    table["cpu_s"] = np.searchsorted(ended_s, time_s) * CPU_MS_PER_REQUEST / 1000
    arrived = np.minimum(1, time_s / QUESTION.workload.ramp_up_s) * USERS
    table["memory_mib"] = BASE_MIB + arrived * KIB_PER_USER / 1024
    return table
