"""What a quota costs, told by trials with it and one without: demand, latency, what was shared."""

from dataclasses import replace

import pytest

from loadtests.analysis.judge import judge
from loadtests.analysis.quota import QuotaCost
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms

SETTING = Setting(0.5, 300)
SLOW = {"latency": steady_ms(5.0, 0.4)}


def trial(key, cpusets=(), **given):
    """A trial and its judgement."""
    seen = evidence(key=key, **given)
    seen = replace(seen, trial=replace(seen.trial, cpusets=cpusets))
    return seen, judge(seen)


def limited(key="limited", **given):
    """A trial under its quota, throttled much of the time."""
    usual = {"setting": SETTING, "latency": steady_ms(60.0), "throttled": 0.9, "cpu_share": 0.8}
    return trial(key, **usual | given)


def free(**given):
    """A trial of the same without a quota, quick, with three fifths of its cores in use."""
    usual = {"setting": SETTING, "throttled": None, "cpu_share": 0.6, "cpusets": ("1",)}
    return trial("free", **usual | given)


def test_what_is_used_without_a_quota_is_demand_and_the_rest_is_at_most_what_it_costs():
    """0.6 of 0.5 CPU; every request was answered, so as many came as the workload implies."""
    found = QuotaCost((limited(),), free())
    assert found.demand_cores == pytest.approx(0.30, abs=0.02)
    assert found.quota_cores == pytest.approx(0.5 - found.demand_cores)
    assert found.sentence.startswith(
        f"Of 0.5 CPU, {found.demand_cores:.2f} are demand and {found.quota_cores:.2f} are, at most,"
        " what the quota costs."
    )


def test_demand_is_that_at_the_reference_speed_where_there_is_one():
    """A CPU a fifth faster takes a fifth less: held against the quota, that were too little."""
    fast = QuotaCost((limited(),), free(work_us=250.0, reference_us=300.0))
    measured, at_reference = fast.without.demand_cores, fast.without.demand_reference_cores
    assert at_reference == pytest.approx(1.2 * measured)
    assert fast.demand_cores == at_reference
    assert fast.quota_cores == pytest.approx(0.5 - at_reference)
    assert fast.sentence.startswith(
        f"Of 0.5 CPU, {at_reference:.2f} are demand at reference speed ({measured:.2f} as measured)"
    )


def test_latencies_are_set_side_by_side_with_how_often_it_was_throttled():
    found = QuotaCost((limited(),), free())
    with_quota, without = found.with_quota, found.without
    assert with_quota.p95_ms > 5 * without.p95_ms
    assert (
        f"With the quota the p95 is {with_quota.p95_ms:.0f} ms and the p99 "
        f"{with_quota.p99_ms:.0f} ms, throttled in 90% of periods; without, "
        f"{without.p95_ms:.2g} ms and {without.p99_ms:.0f} ms."
    ) in found.sentence


def test_an_engine_that_does_not_report_throttling_is_not_said_to_throttle():
    assert "throttled" not in QuotaCost((limited(throttled=None),), free()).sentence


def test_a_service_that_needs_no_less_without_pays_in_latency():
    """Under a quota it serves more requests at once, and each takes less CPU."""
    found = QuotaCost((limited(cpu_share=1.0),), free(cpu_share=1.1))
    assert found.quota_cores == 0.0
    assert found.sentence.startswith(
        f"Without its quota 0.5 CPU / 300 MiB uses {found.demand_cores:.2f} cores, and under the "
        "quota it holds with 0.5: what the quota costs is latency, not CPU."
    )


def test_where_docker_stats_were_too_few_no_demand_is_told():
    """Neither as a number nor as none."""
    found = QuotaCost((limited(),), free(sampled=0.3))
    assert (found.demand_cores, found.quota_cores) == (None, None)
    assert found.sentence.startswith("What 0.5 CPU / 300 MiB uses without its quota was not meas")
    assert "With the quota the p95 is" in found.sentence


NOT_HOLDING = [
    (SLOW, Verdict.FAILS, "fails"),
    ({"users_reached": 10}, Verdict.INVALID, "is invalid"),
    ({"latency": steady_ms(5.0, 0.05)}, Verdict.UNDECIDED, "is undecided"),
]


@pytest.mark.parametrize(("given", "verdict", "says"), NOT_HOLDING)
def test_a_trial_that_does_not_hold_without_a_quota_tells_only_that(given, verdict, says):
    """It was short of something else, so its use of CPU is nobody's demand."""
    found = QuotaCost((limited(),), free(**given))
    assert found.without.verdict is verdict
    assert (found.demand_cores, found.quota_cores) == (None, None)
    reason = found.free[1].reasons[0]
    assert found.sentence.startswith(
        f"In one trial without its quota 0.5 CPU / 300 MiB {says} ({reason}), so what the quota "
        "costs is not known."
    )


def test_several_trials_with_the_quota_are_taken_by_their_median_invalid_ones_aside():
    found = QuotaCost(
        (
            limited("a", cpu_share=0.7, work_us=300.0),
            limited("b", cpu_share=0.8, work_us=320.0),
            limited("c", cpu_share=0.9, work_us=340.0),
            limited("d", cpu_share=0.1, work_us=900.0, users_reached=10),
        ),
        free(work_us=325.0),
    )
    assert found.with_quota.cpu_cores == pytest.approx(0.4)
    assert found.gauge_us == (320.0, 325.0)
    with_quota, without = found.cpu_ms
    assert with_quota / without == pytest.approx(0.8 / 0.6, rel=0.05)


SPEEDS = [
    (350.0, 420.0, "The CPU was 20% slower without; latencies are as measured."),
    (350.0, 280.0, "The CPU was 20% faster without; latencies are as measured."),
    (350.0, 360.0, None),
    (350.0, None, None),
    (None, 350.0, None),
]


@pytest.mark.parametrize(("before", "now", "says"), SPEEDS)
def test_a_cpu_of_another_speed_is_told_beside_the_raw_figures(before, now, says):
    """Where the gauge of both is known, and differs by more than noise."""
    sentence = QuotaCost((limited(work_us=before),), free(work_us=now)).sentence
    assert (says in sentence) if says else ("The CPU was" not in sentence)


SHARED = [
    (
        Setting(0.5, 300),
        ("1",),
        "Without it the replica ran on CPU 1 of 2, where the load generator may run too.",
    ),
    (
        Setting(0.5, 300, 2),
        ("1", "0"),
        "Without it the replicas ran on CPUs 0 and 1 of 2, shared with the load generator.",
    ),
    (
        Setting(0.2, 300, 3),
        ("1", "0", "1"),
        "Without it the replicas ran on CPUs 0 and 1 of 2, shared with each other and the load "
        "generator.",
    ),
]


@pytest.mark.parametrize(("setting", "cpusets", "says"), SHARED)
def test_it_says_plainly_what_the_trial_shared(setting, cpusets, says):
    found = QuotaCost((limited(setting=setting),), free(setting=setting, cpusets=cpusets))
    assert found.sentence.endswith(says)


def test_of_several_replicas_the_cores_are_those_of_all():
    setting = Setting(0.2, 300, 3)
    found = QuotaCost((limited(setting=setting),), free(setting=setting, cpusets=("1", "0", "1")))
    assert found.sentence.startswith(f"Of 0.6 CPU in all, {found.demand_cores:.2f} are demand")
    assert found.demand_cores == pytest.approx(0.36, abs=0.02)


def test_without_a_quota_a_fast_cpu_makes_no_edge_of_the_setting_that_was_left():
    """It had a whole CPU, so four fifths of half a one are not near what it could use."""
    fast = {"work_us": 300.0, "reference_us": 360.0, "cpu_share": 0.8}
    assert limited(**fast)[1].verdict is Verdict.UNDECIDED, "it might not hold at that speed"
    assert free(**fast)[1].verdict is Verdict.HOLDS
