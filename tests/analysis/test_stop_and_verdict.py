"""What the load generator stops is judged failing by the same count, whatever failed when."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.analysis.early_stop import stops_at_s
from loadtests.analysis.error_rate import by_second, failed_by_second, failed_ends_s
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.generator.early_stop import BURST_S, EarlyStop, StoppedEarly
from loadtests.generator.journal import Journal
from loadtests.generator.watch import POLL_S
from loadtests.question import EarlyStop as Asked
from loadtests.record import IN_FLIGHT, OK, Phases
from loadtests.verdicts import Verdict
from tests.analysis.records import QUESTION, evidence, with_requests
from tests.generator.fakes import FakeTime

RULE = EarlyStop(**asdict(Asked.of(QUESTION)))
WORKLOAD = QUESTION.workload
SECONDS = round(WORKLOAD.duration_s)
WHOLE = evidence()
ENDS_S = (WHOLE.requests["start_s"] + WHOLE.requests["latency_ms"] / 1000).to_numpy()

# A share of requests that fails for some seconds, from some second on: as a rule there are several.
SPELLS = st.lists(
    st.tuples(
        st.integers(0, SECONDS - 1),
        st.integers(1, SECONDS),
        st.sampled_from([0.001, 0.002, 0.005, 0.02, 0.2, 1.0]),
    ),
    max_size=5,
)


def with_failures(fails: np.ndarray) -> Evidence:
    """The whole trial, but that these of its requests fail, if they end at all."""
    table = WHOLE.requests
    outcome = table["outcome"].astype(object)
    return with_requests(
        WHOLE, table.assign(outcome=outcome.mask(fails & (outcome == OK), "reset"))
    )


def with_spells(spells: list[tuple[int, int, float]], seed: int) -> Evidence:
    """The whole trial with spells of failures."""
    share = np.zeros(SECONDS + 1)
    for begins_s, lasts_s, failing in spells:
        share[begins_s : begins_s + lasts_s] += failing
    lot = np.random.default_rng(seed).random(len(ENDS_S))
    return with_failures(lot < share[np.floor(ENDS_S).astype(int)])


def stopped(whole: Evidence) -> tuple[float, StoppedEarly] | None:
    """When the generator, which looks every so often, stops this load, and what it says."""
    failed_s, starts_s = failed_ends_s(whole), whole.requests["start_s"].sort_values().to_numpy()
    # It looks in vain until the next failure.
    for now_s in np.unique(np.ceil(failed_s / POLL_S)) * POLL_S:
        come_s = min(now_s, WORKLOAD.ramp_up_s)
        users = round(come_s * WORKLOAD.spawn_rate)
        user_s = users * (come_s / 2 + now_s - come_s)
        failed = by_second(failed_s[failed_s <= now_s])
        found = RULE.judge(failed, int(starts_s.searchsorted(now_s, "right")), users, user_s)
        if found is not None:
            return float(now_s), found
    return None


def cut(whole: Evidence, at_s: float, why: StoppedEarly | None) -> Evidence:
    """The record of a load that ended at a moment."""
    table = whole.requests[whole.requests["start_s"] <= at_s]
    age_ms = (at_s - table["start_s"]) * 1000
    waits = table["latency_ms"] > age_ms
    outcome = table["outcome"].astype(object).mask(waits, IN_FLIGHT)
    table = table.assign(latency_ms=table["latency_ms"].mask(waits, age_ms), outcome=outcome)
    spawned_s = WORKLOAD.ramp_up_s if at_s >= WORKLOAD.ramp_up_s else None
    generator = replace(
        whole.trial.generator,
        users_reached=min(len(table), WORKLOAD.users),
        stopped_early=None if why is None else why.reason,
        requests_of_whole=0 if why is None else why.requests_of_whole,
    )
    steady_start_s = min(at_s, WORKLOAD.ramp_up_s + WORKLOAD.warm_up_s)
    phases = Phases(spawned_s, steady_start_s, at_s)
    return replace(
        with_requests(whole, table), trial=replace(whole.trial, phases=phases, generator=generator)
    )


@settings(max_examples=30, deadline=None)
@given(SPELLS, st.integers(0, 2**32))
def test_what_the_generator_stops_is_judged_failing_and_what_fails_so_would_be_stopped(
    spells, seed
):
    """Judged as it is stopped, and as if it had ended at the look before."""
    whole = with_spells(spells, seed)
    end = stopped(whole)
    if end is None:
        left = cut(whole, 0.8 * WORKLOAD.duration_s, None)
        assert stops_at_s(left) is None
        assert not any("had failed when" in reason for reason in judge(left).reasons)
        return
    at_s, why = end
    found = judge(cut(whole, at_s, why))
    assert found.verdict is Verdict.FAILS, found.reasons
    assert found.reasons[0].startswith(why.reason)
    before = judge(cut(whole, at_s - POLL_S, None))
    assert not any("had failed when" in reason for reason in before.reasons)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, SECONDS), st.floats(0.0, BURST_S))
def test_a_lone_burst_never_ends_a_load(begins_s, lasts_s):
    """All that ends in it fails; nothing else does."""
    whole = with_failures((begins_s <= ENDS_S) & (begins_s + lasts_s >= ENDS_S))
    assert stops_at_s(whole) is None
    assert stopped(whole) is None


@pytest.mark.parametrize("at_s", [8.0, 15.0, 28.0, 40.0])
def test_a_load_that_ends_in_a_lone_burst_is_no_evidence(at_s):
    """By itself it would be far more failures than may be."""
    found = judge(cut(with_failures(at_s - BURST_S < ENDS_S), at_s, None))
    assert found.error_rate > 10 * QUESTION.slo.error_rate
    assert found.verdict is Verdict.UNDECIDED


def test_a_load_that_is_stopped_in_its_last_seconds_fails_as_well():
    """Run to its end it would be undecided: two bursts, of 14 requests each, are two events."""
    order = np.argsort(ENDS_S)
    first = np.searchsorted(ENDS_S[order], [30.0, 48.0])
    whole = with_failures(np.isin(np.arange(len(ENDS_S)), order[first[:, None] + np.arange(14)]))
    at_s, why = stopped(whole)
    assert at_s > WORKLOAD.duration_s - 0.1 * WORKLOAD.steady_s
    assert judge(whole).verdict is Verdict.UNDECIDED
    assert judge(cut(whole, at_s, why)).verdict is Verdict.FAILS


def test_the_record_has_the_failures_of_each_second_that_the_generator_counted(tmp_path):
    """A thousand that end within a tenth of a millisecond of a second's end, or at it.

    And one that ends at 1 s, where 0.0697 + 930.30 / 1000 is a bit less.
    """
    time, rng = FakeTime(), np.random.default_rng(1)
    path = tmp_path / "requests.csv"
    journal = Journal(path, time.clock(), 500.0, str)
    time.passed_s = 1.0
    journal.on_request("/", 930.3, exception=ConnectionResetError())
    for second in range(2, 1002):
        time.passed_s = second + rng.choice([0.0, rng.uniform(-1e-4, 1e-4)])
        journal.on_request("/", rng.uniform(0.0, 900.0), exception=ConnectionResetError())
    journal.close()
    written = with_requests(WHOLE, pd.read_csv(path))
    assert failed_by_second(written) == journal.failed
