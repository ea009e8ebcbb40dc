"""Why a setting fails, from counters and outcomes."""

import pytest

from loadtests.analysis.causes import diagnose
from loadtests.question import Setting
from tests.analysis.records import evidence, growing_ms, steady_ms

SLOW = {"latency": steady_ms(5.0, 0.2)}
TIMEOUTS = {"latency": steady_ms(5.0, 0.2, 1e6)}


@pytest.mark.parametrize(
    ("given", "cause", "said"),
    [
        ({"oom_s": 4.0, "failures": {"refused": 0.3}}, "out_of_memory", "more than 300 MiB"),
        ({"died_s": 4.0, "failures": {"refused": 0.3}}, "replica_died", "read its log"),
        ({"failures": {"refused": 0.3}}, "refused", "backlog"),
        ({"failures": {"unreachable": 0.3}}, "refused", "no replica"),
        ({"failures": {"reset": 0.04}}, "reset", "keep-alive"),
        ({"failures": {"wrong_answer": 0.04}}, "wrong_answers", "answers under load"),
        ({"failures": {"http_503": 0.04}}, "errors", "http_503"),
        ({"failures": {"http_503": 0.04, "reset": 0.1}}, "reset", "keep-alive"),
        ({**SLOW, "throttled": 0.61}, "cpu_throttled", "throttled in 61% of periods"),
        ({**SLOW, "throttled": None, "cpu_share": 0.97}, "cpu_throttled", "97% of the CPU limit"),
        ({**TIMEOUTS, "throttled": 0.61}, "cpu_throttled", "give more CPU"),
        ({**SLOW, "cpu_share": 0.4}, "queueing", "CPU to spare (40%"),
        ({**TIMEOUTS, "cpu_share": 0.4}, "queueing", "a lock, a pool, a backlog"),
        (
            {**SLOW, "setting": Setting(1.8, 300), "cpu_share": 0.55},
            "queueing",
            "more replicas can",
        ),
        ({**SLOW, "setting": Setting(2.0, 300), "cpu_share": 0.3}, "queueing", "host's 2 CPUs"),
        ({"latency": steady_ms(700.0), "cpu_share": 0.1}, "slow", "even for the quickest"),
        ({"latency": growing_ms(0.0, 60.0, 300.0), "cpu_share": 0.1}, "queueing", "a lock"),
        ({"latency": steady_ms(700.0), "throttled": 0.6}, "cpu_throttled", "give more CPU"),
        ({**SLOW, "throttled": None, "sampled": 0.5}, "unexplained", "not reported"),
        ({**TIMEOUTS, "throttled": None, "sampled": 0.5}, "timeout", "longer than the timeout"),
    ],
)
def test_the_cause_of_a_failing_trial(given, cause, said):
    """The most certain comes first; timeouts are slowness, and have its cause."""
    found = diagnose(evidence(**given))
    assert (found.name, said in found.sentence) == (cause, True), found
