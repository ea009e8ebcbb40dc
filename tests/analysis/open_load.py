"""Trials of an open load that never ran: requests come at a rate, whatever happened to others."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from loadtests import record
from loadtests.analysis.evidence import Evidence
from loadtests.generator.schedule import RateRamp
from loadtests.question import POISSON, SLO, Question, Workload
from tests.analysis.records import Latency, evidence, steady_ms

RATE_PER_S = 100.0


def asked(rate_per_s: float = RATE_PER_S, arrivals: str = POISSON, **workload: Any) -> Question:
    """The question of so many requests a second."""
    return Question(Workload(spawn_rate=100.0, **workload).opened(arrivals, rate_per_s), SLO())


def open_evidence(
    question: Question | None = None,
    latency: Latency | None = None,
    came: float = 1.0,
    seed: int = 1,
    **mishap: Any,
) -> Evidence:
    """A trial in which all went well, but for what is said; `came` is the share that was sent."""
    question = question or asked()
    workload, rng = question.workload, np.random.default_rng(seed)
    rate = workload.expected_rps()
    whole = evidence(question=question, **mishap)
    end_s = whole.trial.phases.steady_end_s
    ramp = RateRamp(0.0, workload.ramp_up_s, 0.0, rate * came)
    expected = ramp.expected(end_s)
    gone = np.arange(0.5, expected)
    if workload.arrivals == POISSON:
        gone = np.sort(rng.uniform(0, expected, rng.poisson(expected)))
    start_s = np.array([ramp.time_of(one) for one in gone])
    many = len(start_s)
    latency_ms = (latency or steady_ms(5.0))(start_s, rng)
    answered = start_s + latency_ms / 1000 < end_s
    requests = pd.DataFrame(
        {
            "start_s": start_s,
            "latency_ms": np.where(answered, latency_ms, (end_s - start_s) * 1000),
            "outcome": pd.Categorical(np.where(answered, record.OK, record.IN_FLIGHT)),
            "replica": pd.Categorical([""] * many),
            "name": pd.Categorical(["/predict/"] * many),
        }
    )
    report = replace(whole.trial.generator, arrivals=whole.trial.generator.arrivals or many)
    return replace(whole, requests=requests, trial=replace(whole.trial, generator=report))
