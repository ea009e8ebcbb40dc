"""Where one cause ends and the next begins."""

from dataclasses import replace

import numpy as np
import pytest

from loadtests.analysis.causes import diagnose
from loadtests.analysis.latency import error_rate
from loadtests.question import SLO, Setting
from tests.analysis.records import evidence, steady_ms

SLOW = {"latency": steady_ms(5.0, 0.2)}


def quickest_and_usual_ms(quickest_ms, usual_ms):
    """Latencies of which one in fifty is quick."""

    def latency(start_s, rng):
        return np.where(rng.random(len(start_s)) < 0.02, quickest_ms, usual_ms)

    return latency


@pytest.mark.parametrize(
    ("given", "cause", "what"),
    [
        ({**SLOW, "throttled": 0.25}, "cpu_throttled", "in a good part of the periods"),
        ({**SLOW, "throttled": 0.24}, "queueing", "by its bursts, as one at ease is"),
        ({**SLOW, "cpu_share": 0.91}, "cpu_throttled", "nine tenths of the limit are used"),
        ({**SLOW, "cpu_share": 0.89}, "queueing", "a tenth of it is spare"),
        ({**SLOW, "throttled": None, "cpu_share": 0.5}, "queueing", "use alone is known"),
        ({**SLOW, "throttled": 0.1, "sampled": 0.5}, "queueing", "throttling alone is known"),
        ({"latency": quickest_and_usual_ms(168.0, 400.0)}, "slow", "a third of the SLO's 500 ms"),
        ({"latency": quickest_and_usual_ms(165.0, 400.0)}, "queueing", "less than a third of it"),
        ({"latency": quickest_and_usual_ms(302.0, 900.0)}, "slow", "a third of the usual 900 ms"),
        ({"latency": quickest_and_usual_ms(298.0, 900.0)}, "queueing", "less than a third of it"),
        (
            {"failures": {"reset": 0.0008}, **SLOW, "throttled": 0.5},
            "cpu_throttled",
            "as few as may fail are no cause",
        ),
    ],
)
def test_one_cause_ends_where_the_next_begins(given, cause, what):
    found = diagnose(evidence(**given))
    assert found.name == cause, f"{what}: {found.sentence}"


NOT_TOLD_APART = "which its counters do not tell apart"


@pytest.mark.parametrize(
    ("given", "spare", "advice"),
    [
        ({"setting": Setting(1.5, 300), "cpu_share": 0.66}, True, "more replicas can"),
        ({"setting": Setting(1.4, 300), "cpu_share": 0.7}, False, NOT_TOLD_APART),
        ({"setting": Setting(1.9, 300), "cpu_share": 0.3}, True, "a lock, a pool, a backlog"),
        ({"setting": Setting(2.0, 300), "cpu_share": 0.3}, True, "a lock, a pool, a backlog"),
        ({"setting": Setting(1, 300, 2), "steal": None, "cpu_share": 0.3}, False, "the host's 2"),
        ({"setting": Setting(1.5, 300), "busy": 0.95, "cpu_share": 0.66}, False, NOT_TOLD_APART),
        ({"busy": 0.95, "cpu_share": 0.02}, False, NOT_TOLD_APART),
        ({"cpu_share": 0.51}, False, "try more CPU"),
        ({"cpu_share": 0.5}, True, "whether more replicas help is not told"),
    ],
)
def test_what_to_do_about_a_queue_depends_on_what_cpu_there_is(given, spare, advice):
    """One busy core of several is a process that cannot use more, where a core was idle."""
    found = diagnose(evidence(**SLOW, **given))
    assert found.name == "queueing"
    assert advice in found.sentence
    assert found.sentence.startswith("Requests queue with CPU to spare (") is spare
    assert found.may_be_size is not spare


def test_on_a_host_without_an_idle_cpu_nobody_is_called_slow_by_himself():
    late = {"latency": steady_ms(700.0), "cpu_share": 0.1}
    assert diagnose(evidence(**late)).name == "slow"
    assert NOT_TOLD_APART in diagnose(evidence(**late, busy=0.95)).sentence


@pytest.mark.parametrize(("times_allowed", "cause"), [(1.0, "cpu_throttled"), (1.01, "reset")])
def test_failures_are_a_cause_once_there_are_more_than_may_be(times_allowed, cause):
    """As many as may fail leave it to slowness."""
    given = evidence(**SLOW, failures={"reset": 0.01}, throttled=0.5)
    slo = SLO(error_rate=error_rate(given) / times_allowed)
    question = replace(given.trial.question, slo=slo)
    assert diagnose(replace(given, trial=replace(given.trial, question=question))).name == cause


def test_a_queue_before_a_replica_whose_memory_is_full_is_asked_for_more_memory_first():
    """What no longer fits may be read again and again, which takes time and no CPU."""
    full = diagnose(evidence(**SLOW, cpu_share=0.1, memory_peak_mib=290.0))
    assert full.sentence.endswith("its memory is nearly full: try more of it, before anything else")
    assert "memory" not in diagnose(evidence(**SLOW, cpu_share=0.1)).sentence
