"""Trials of several replicas that never ran, with what the kernel would have counted of each."""

from dataclasses import replace

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.question import Setting
from loadtests.record import Phases
from loadtests.verdicts import Step
from tests.analysis.records import QUESTION, evidence, steady_ms

CONNECTIONS = 100


def several(
    replicas: int,
    *,
    cpu_ms: float = 0.3,
    wakeups: float | None = 1.0,
    shares: list[float] | None = None,
    **given: object,
) -> Evidence:
    """A trial of 100 requests/s in which an answer takes so much CPU, and so many wake-ups.

    shares: of the requests, that each replica gets; even where none are given.
    """
    setting = given.pop("setting", Setting(0.2, 200, replicas))
    shares = shares or [1 / replicas] * replicas
    seen = evidence(setting=setting, **given)
    addresses = [f"10.0.0.{n}" for n in range(1, replicas + 1)]
    lot = np.random.default_rng(1).random(len(seen.requests))
    asked = np.searchsorted(np.cumsum(shares)[:-1], lot)
    requests = seen.requests.assign(replica=pd.Categorical([addresses[n] for n in asked]))
    reports = tuple(
        replace(report, address=address)
        for report, address in zip(seen.trial.replicas, addresses, strict=True)
    )
    stats = _stats(seen, requests, shares, cpu_ms, wakeups)
    return replace(
        seen, trial=replace(seen.trial, replicas=reports), requests=requests, docker_stats=stats
    )


def _stats(
    seen: Evidence,
    requests: pd.DataFrame,
    shares: list[float],
    cpu_ms: float,
    wakeups: float | None,
) -> pd.DataFrame:
    """Docker stats whose counters grow with the answers that each replica gave."""
    stats = seen.docker_stats.copy()
    ended_s = np.sort(requests["start_s"] + requests["latency_ms"] / 1000)
    for number, share in enumerate(shares, 1):
        own = stats["container"] == f"replica-{number}"
        at_s = stats.loc[own, "time_s"].to_numpy()
        answered = share * np.searchsorted(ended_s, at_s)
        stats.loc[own, "cpu_s"] = answered * cpu_ms / 1000
        stats.loc[own, "cpu_cores"] = np.gradient(answered * cpu_ms / 1000, at_s)
        stats.loc[own, "connections"] = CONNECTIONS * share
        stats.loc[own, "received_bytes"] = 1024 * answered
        stats.loc[own, "sent_bytes"] = 2048 * answered
        stats.loc[own, "voluntary_switches"] = np.nan if wakeups is None else answered * wakeups
        stats.loc[own, "involuntary_switches"] = 0.0
    return stats


LEVEL_S, WARM_UP_S = 10.0, 4.0


def climb(
    rates: list[float],
    replicas: int = 1,
    fails_from: int | None = None,
    cpus: float = 0.05,
    cpu_ms: list[float] | None = None,
    wakeups: list[float] | None = None,
    generator_cores: float = 0.3,
) -> Evidence:
    """A live staircase whose levels answered so many requests a second, and fail from one on.

    cpu_ms and wakeups: of an answer at each level.
    """
    first_s = QUESTION.workload.warm_up_s
    ends = [first_s + LEVEL_S * (n + 1) for n in range(len(rates))]
    fails_from = len(rates) if fails_from is None else fails_from
    parts, steps = [], []
    for number, (rate, end_s) in enumerate(zip(rates, ends, strict=True)):
        steady_s, count = LEVEL_S - WARM_UP_S, round(rate * LEVEL_S)
        start_s = np.linspace(end_s - LEVEL_S, end_s, count, endpoint=False)
        slow = number >= fails_from
        parts.append(pd.DataFrame({"start_s": start_s, "latency_ms": 900.0 if slow else 5.0}))
        requests = round(rate * steady_s)
        steps.append(
            Step(
                cpus=cpus,
                users=100 * (number + 1),
                requests=requests,
                slow=requests if slow else 0,
                failures=0,
                cpu_cores=None,
                start_s=0.0 if number == 0 else end_s - LEVEL_S,
                steady_start_s=end_s - steady_s,
                steady_end_s=end_s,
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(outcome=pd.Categorical(["ok"] * len(table)), name="/predict/")
    setting = Setting(cpus, 100, replicas)
    seen = several(replicas, setting=setting, latency=steady_ms(5.0), steady_s=ends[-1] - first_s)
    lot = np.random.default_rng(2).integers(0, replicas, len(table))
    table["replica"] = pd.Categorical([f"10.0.0.{n + 1}" for n in lot])
    stats = _level_stats(seen, rates, ends, cpu_ms, wakeups)
    trial = replace(
        seen.trial, steps=tuple(steps), phases=Phases(0.0, ends[0] - LEVEL_S + WARM_UP_S, ends[0])
    )
    generator = seen.generator.assign(cpu_cores=generator_cores)
    return replace(seen, trial=trial, requests=table, docker_stats=stats, generator=generator)


def _level_stats(
    seen: Evidence,
    rates: list[float],
    ends: list[float],
    cpu_ms: list[float] | None,
    wakeups: list[float] | None,
) -> pd.DataFrame:
    seconds = np.arange(0.0, ends[-1])
    level = np.minimum(np.searchsorted(ends, seconds, side="right"), len(ends) - 1)
    replicas = seen.trial.setting.replicas
    rate = np.array(rates)[level] / replicas
    each_ms = np.array(cpu_ms or [0.3] * len(rates))[level]
    woken = np.array(wakeups or [1.0] * len(rates))[level]
    stats = pd.DataFrame({"time_s": seconds, "cpu_cores": rate * each_ms / 1000})
    stats["cpu_s"] = np.cumsum(stats["cpu_cores"])
    stats["voluntary_switches"] = np.cumsum(rate * woken)
    stats["involuntary_switches"] = 0.0
    stats = stats.assign(
        role="replica", memory_mib=60.0, memory_limit_mib=100.0, periods=np.nan,
        throttled_periods=np.nan, throttled_s=np.nan, connections=10.0, received_bytes=0.0,
        sent_bytes=0.0,
    )  # fmt: skip
    every = [stats.assign(container=f"replica-{n}") for n in range(1, replicas + 1)]
    return pd.concat(every, ignore_index=True)
