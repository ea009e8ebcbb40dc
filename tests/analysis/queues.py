"""Records of services that were computed: users in a closed loop before a queue that is served."""

import heapq
from dataclasses import replace

import numpy as np
import pandas as pd

from loadtests import record
from loadtests.question import Question, Workload
from tests.analysis import records

# 300 users who think 10 s ask for 30 requests a second.
QUESTION = Question(Workload(users=300, spawn_rate=100.0))


def queued(
    takes_s, slots=1, question=QUESTION, setting=records.SETTING, cpu_share=0.02, seed=1, **knobs
):
    """Return the record of users before replicas with so many slots each; `takes_s(rng)` is a turn.

    Users are shared evenly between the replicas. Who gave up is served all the same, as by a server
    that does not notice.
    """
    given = records.evidence(
        question=question, setting=setting, cpu_share=cpu_share, seed=seed, **knobs
    )
    workload, phases = question.workload, given.trial.phases
    rng = np.random.default_rng(seed)
    free = [[0.0] * slots for _ in range(setting.replicas)]
    coming = [(n / workload.spawn_rate + rng.uniform(0, 0.01), n) for n in range(workload.users)]
    heapq.heapify(coming)
    rows = []
    while coming:
        at_s, user = heapq.heappop(coming)
        if at_s >= phases.steady_end_s:
            continue
        slot = free[user % setting.replicas]
        done_s = max(at_s, heapq.heappop(slot)) + takes_s(rng)
        heapq.heappush(slot, done_s)
        latency_s, outcome = done_s - at_s, record.OK
        if latency_s > workload.timeout_s:
            latency_s, outcome = workload.timeout_s, "timeout"
        if at_s + latency_s > phases.steady_end_s:
            latency_s, outcome = phases.steady_end_s - at_s, record.IN_FLIGHT
        rows.append((at_s, latency_s * 1000, outcome, "", "/"))
        again_s = at_s + latency_s + rng.uniform(*workload.think_time_s)
        heapq.heappush(coming, (again_s, user))
    table = pd.DataFrame(rows, columns=["start_s", "latency_ms", "outcome", "replica", "name"])
    return replace(given, requests=table.astype({"outcome": "category"}))
