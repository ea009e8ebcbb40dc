"""A trial as if only the requests of one objective had been made, held to its limits alone."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import Bools
from loadtests.question import ALL, SLO, Objective, Workload
from loadtests.record import IN_FLIGHT


def names(evidence: Evidence) -> list[str]:
    """Return the names of the requests that were made, the commonest first."""
    made = evidence.requests["name"].value_counts()
    return [str(name) for name, count in made.items() if count and str(name)]


def narrowed(evidence: Evidence, objective: Objective) -> Evidence:
    """Return the trial as one objective sees it, its limits in place of the SLO.

    A name's requests are taken to be of as large a share of the users as they are of all requests:
    so many users ask for nothing else. What the kernel counted is of all requests, and stays.
    """
    question = evidence.trial.question
    slo = objective.slo(question.workload.timeout_s)
    if objective.name == ALL:
        return _with(evidence, question.workload, slo, 1.0)
    mine = (evidence.requests["name"] == objective.name).to_numpy(np.bool_)
    share = float(mine.mean()) if len(mine) else 0.0
    part = replace(evidence, requests=evidence.requests[mine].reset_index(drop=True))
    return _with(part, _of_share(question.workload, share), slo, share)


def with_unnamed(evidence: Evidence, part: Evidence) -> Evidence:
    """Return a part with the unanswered requests whose name was not recorded: any may be of it."""
    unnamed = evidence.requests[_unnamed(evidence.requests)]
    both = pd.concat([part.requests, unnamed], ignore_index=True)
    return replace(part, requests=both)


def _unnamed(requests: pd.DataFrame) -> Bools:
    nameless = requests["name"].isna() | (requests["name"] == "")
    unanswered = requests["outcome"] == IN_FLIGHT
    return (nameless & unanswered).to_numpy(np.bool_)


def _with(evidence: Evidence, workload: Workload, slo: SLO, share: float) -> Evidence:
    trial = evidence.trial
    whole = math.ceil(share * trial.generator.requests_of_whole)
    asked = replace(trial.question, workload=workload, slo=slo)
    generator = replace(trial.generator, requests_of_whole=whole)
    return replace(evidence, trial=replace(trial, question=asked, generator=generator))


def _of_share(workload: Workload, share: float) -> Workload:
    users = max(1, round(share * workload.users))
    spawn_rate = workload.spawn_rate * users / workload.users
    rate_per_s = None if workload.rate_per_s is None else workload.rate_per_s * max(share, 1e-9)
    return replace(workload, users=users, spawn_rate=spawn_rate, rate_per_s=rate_per_s)
