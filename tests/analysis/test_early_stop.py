"""When a trial would have been stopped early, and whether that would have been right."""

import numpy as np

from loadtests.analysis.early_stop import replay, stops_at_s
from loadtests.analysis.error_rate import by_second, failed_ends_s
from loadtests.analysis.judge import judge
from loadtests.generator.early_stop import BURST_S, outside_burst
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms


def test_a_trial_that_holds_is_never_stopped_early():
    assert stops_at_s(evidence()) is None


def test_a_slow_trial_is_never_stopped_early():
    """What is slow for a while may be undecided in the end, and only the whole trial tells."""
    assert stops_at_s(evidence(latency=steady_ms(900.0))) is None


def test_a_failing_trial_is_stopped_early_at_the_first_failure_too_many():
    """Twelve of 5,500 prove more than one in a thousand; those of the worst burst do not count."""
    given = evidence(failures={"refused": 0.01})
    ends_s = np.sort(failed_ends_s(given))
    until = ends_s[ends_s <= stops_at_s(given)]
    assert outside_burst(by_second(until)) == 12
    assert outside_burst(by_second(until[:-1])) == 11


def test_a_trial_that_fails_its_requests_is_stopped_early_in_its_ramp_up():
    """Once that has lasted longer than a burst."""
    given = evidence(failures={"refused": 0.5})
    assert BURST_S < stops_at_s(given) < given.trial.phases.spawned_s


def test_stopping_early_a_failing_trial_is_right_and_saves_time():
    given = evidence(failures={"refused": 0.5})
    found = replay(given, judge(given).verdict)
    assert found.verdict is Verdict.FAILS
    assert not found.false
    assert found.load_s < found.whole_s


def test_stopping_early_a_trial_that_is_not_failing_is_false():
    given = evidence(failures={"refused": 0.5})
    assert replay(given, Verdict.UNDECIDED).false
    assert not replay(evidence(), Verdict.HOLDS).false


def test_what_is_stopped_early_is_judged_failing_by_what_was_seen_until_then():
    """As the generator leaves it: the requests up to that moment, and a steady state cut short."""
    for steady_s in (0.0, 8.0):
        early = judge(evidence(failures={"refused": 0.5}, steady_s=steady_s))
        assert early.verdict is Verdict.FAILS
        assert "had failed when the load ended after" in early.reasons[0]


def test_a_steady_state_cut_short_after_one_stall_is_no_evidence():
    """All slow for some seconds and quick for the rest may be undecided in the end."""
    cut = judge(evidence(latency=steady_ms(900.0), steady_s=4.0))
    assert cut.verdict is Verdict.UNDECIDED
