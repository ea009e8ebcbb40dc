"""What each check measured, as a value of its own: nobody has to read it out of a sentence."""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Check, Evidence, Reading
from loadtests.analysis.validity import CHECKS, checks
from tests.analysis.records import evidence, growing_ms, steady_ms


def check_of(given: Evidence, name: str) -> Check:
    return CHECKS[name](given)


def taken_by_the_host() -> Evidence:
    """The second of two replicas was killed far below its own limit."""
    given = evidence()
    first = given.trial.replicas[0]
    second = replace(first, name="second", oom_kills=1, memory_peak_mib=60.0)
    return replace(given, trial=replace(given.trial, replicas=(first, second)))


@pytest.mark.parametrize(
    ("name", "given", "reading", "what"),
    [
        ("users", {}, Reading("1,000"), "all came"),
        ("generator_lag", {"heartbeat_lag_p99_ms": 7.0}, Reading("7", "ms"), "p99"),
        ("generator_lag", {"heartbeat_lag_max_ms": 501.0}, Reading("501", "ms"), "one long pause"),
        ("generator_cpu", {"cpu_cores": 0.81}, Reading("0.81", "cores"), "with its unit"),
        ("connections", {"connects": 1020}, Reading("1,020"), "connections"),
        ("own_errors", {}, Reading("0"), "counted, none"),
        ("own_errors", {"own_errors": {"dns": 3, "emfile": 4}}, Reading("7"), "of all kinds"),
        ("own_errors", {"own_errors": {"dns": 3}, "oom_s": 5.0}, Reading("0"), "three explained"),
        ("own_limits", {"limits_hit": ("open files",)}, Reading("1"), "one limit"),
        ("steal_time", {"steal": 0.03}, Reading("3.0%"), "a share"),
        (
            "cpu_speed",
            {"work_us": 375.0, "reference_us": 300.0},
            Reading("0.80", "times the work"),
            "of the reference speed",
        ),
        ("clock", {"clock_drift_ms": -150.0}, Reading("150", "ms"), "without its sign"),
        ("samples", {"sampled": 0.8}, Reading("83%"), "coverage"),
        ("steady", {"latency": steady_ms(5.0)}, Reading("0.0%"), "slow in the first half"),
    ],
)
def test_a_check_says_what_it_measured_in_its_unit(name, given, reading, what):
    assert check_of(evidence(**given), name).reading == reading, what


def test_a_growing_queue_is_read_in_users_not_in_the_share_that_was_slow():
    found = check_of(evidence(latency=growing_ms(30.0, 40.0)), "steady")
    assert found.reading is not None
    assert found.seen.startswith(f"users in flight grew by {found.reading.text} over")
    assert found.reading.text.isdigit()


def test_replicas_killed_by_the_host_are_counted_not_numbered():
    found = check_of(taken_by_the_host(), "host_memory")
    assert found.seen.startswith("replica 2 was ")
    assert found.reading == Reading("1")


def test_a_trial_without_requests_sent_none():
    given = evidence()
    found = check_of(replace(given, requests=given.requests.iloc[:0]), "delivered")
    assert found.reading == Reading("0", "requests/s")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("delivered", {"ramp_up_ended_s": 4.0, "users_reached": 400}),
        ("generator_throttled", {}),
        ("connections", {"connects": None}),
        ("steal_time", {"steal": None}),
        ("crowded_host", {"steal": None}),
        ("cpu_speed", {"work_us": 375.0}),
        ("cpu_speed", {"reference_us": 300.0}),
        ("steady", {"steady_s": 8.0}),
        ("generator_cpu", {"ramp_up_ended_s": 4.0, "users_reached": 400}),
    ],
)
def test_what_was_not_measured_or_not_reported_has_no_reading_and_trips_nothing(name, given):
    found = check_of(evidence(**given), name)
    assert (found.ok, found.reading) == (True, None), found.seen


def test_every_check_that_measured_says_its_reading_in_its_sentence():
    """The figure in the matrix is the one that the sentence explains."""
    given = evidence(
        own_errors={"emfile": 1}, generator_throttled=0.0, work_us=375.0, reference_us=300.0
    )
    for found in checks(given):
        assert found.reading is not None, found.seen
        assert f"{found.reading.text} {found.reading.unit}".strip() in found.seen
