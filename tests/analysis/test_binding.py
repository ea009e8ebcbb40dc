"""Which constraint binds: from what the answer uses, and from why its neighbours fail."""

from dataclasses import replace

import pytest

from loadtests.analysis.binding import Binding, Constraint, binding
from loadtests.analysis.evidence import CauseName
from loadtests.question import SLO
from loadtests.verdicts import Verdict
from tests.analysis.records import row

F = Verdict.FAILS
CPU, MEMORY, CONNECTIONS = Constraint.CPU, Constraint.MEMORY, Constraint.CONNECTIONS
LEAST = row(0.5, 300)  # uses 60% of its CPU, 47% of its memory


def less_cpu(cause):
    """A step of CPU less that fails so."""
    return row(0.4, 300, verdict=F, cause=cause)


def less_memory(cause):
    """A step of memory less that fails so."""
    return row(0.5, 250, verdict=F, cause=cause)


CASES = [
    ([less_cpu(CauseName.CPU_THROTTLED)], (CPU,), "a step of CPU less is throttled"),
    ([less_cpu(CauseName.QUEUEING)], (CPU,), "a step of CPU less answers late"),
    ([less_cpu(CauseName.HELD_BACK)], (), "less CPU is not what holds it back"),
    ([less_cpu(CauseName.TIMEOUT)], (CPU,), "a step of CPU less answers too late"),
    ([less_memory(CauseName.OUT_OF_MEMORY)], (MEMORY,), "a step of memory less is killed"),
    ([less_memory(CauseName.QUEUEING)], (), "less memory is not why answers come late"),
    ([less_cpu(CauseName.REFUSED)], (CONNECTIONS,), "connections are refused"),
    ([less_memory(CauseName.RESET)], (CONNECTIONS,), "connections are reset"),
    (
        [less_cpu(CauseName.CPU_THROTTLED), less_memory(CauseName.OUT_OF_MEMORY)],
        (CPU, MEMORY),
        "both run out",
    ),
    ([less_cpu(CauseName.OUT_OF_MEMORY)], (MEMORY,), "queues fill the memory first"),
    ([less_cpu(CauseName.WRONG_ANSWERS)], (), "it fails for another reason"),
    ([less_cpu(CauseName.SLOW)], (), "it waits for something else"),
    ([], (), "nothing cheaper was measured"),
    (
        [row(0.3, 100, verdict=F, cause=CauseName.OUT_OF_MEMORY)],
        (),
        "less of both tells nothing",
    ),
    ([row(0.4, 300, verdict=Verdict.UNDECIDED)], (), "in doubt is not failing"),
]


@pytest.mark.parametrize(("below", "binds", "what"), CASES)
def test_the_causes_of_the_failing_neighbours_name_what_binds(below, binds, what):
    assert binding(LEAST, [LEAST, *below], SLO()).constraints == binds, what


@pytest.mark.parametrize(
    ("used", "binds", "what"),
    [
        ({"cpu_cores": 0.45}, (CPU,), "nine tenths of its CPU"),
        ({"cpu_cores": 0.44}, (), "less than that"),
        ({"cpu_cores": 0.5, "demand_reference_cores": 0.4}, (), "only since the CPU was slow"),
        ({"cpu_cores": 0.4, "demand_reference_cores": 0.5}, (CPU,), "but for a fast CPU"),
        ({"throttled_ratio": 0.25}, (CPU,), "throttled in a quarter of periods"),
        ({"throttled_ratio": 0.2}, (), "a burst is throttled, no more"),
        ({"memory_peak_mib": 270.0}, (MEMORY,), "one step of memory less is below its peak"),
        ({"memory_peak_mib": 240.0}, (), "which this may fit into"),
    ],
)
def test_what_the_answer_uses_up_binds_whatever_was_measured_below(used, binds, what):
    assert binding(replace(LEAST, **used), [LEAST], SLO()).constraints == binds, what


def test_fewer_replicas_that_fail_are_a_neighbour_too():
    least = row(0.5, 300, 3)
    fewer = row(0.5, 300, 2, verdict=F, cause=CauseName.TIMEOUT)
    found = binding(least, [least, fewer], SLO())
    assert found.constraints == (CPU,), "with less CPU in all"
    assert found.reasons == ("2 x 0.5 CPU / 300 MiB fails (timeouts)",)


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ((CPU,), "CPU binds"),
        ((CPU, MEMORY), "CPU and memory bind"),
        ((CONNECTIONS,), "connections bind"),
        ((CPU, MEMORY, CONNECTIONS), "CPU, memory and connections bind"),
        ((), "neither CPU nor memory nor connections are seen to bind"),
    ],
)
def test_what_binds_is_said_in_words(bound, words):
    assert Binding(bound, ("so",)).words == words


def test_what_shows_it_is_said_once_each():
    """Its own use first, then its neighbours."""
    least = replace(LEAST, throttled_ratio=0.97, memory_peak_mib=276.0)
    throttled = replace(less_cpu(CauseName.CPU_THROTTLED), demand_cores=0.46)
    killed = less_memory(CauseName.OUT_OF_MEMORY)
    assert binding(least, [least, throttled, killed], SLO()).sentence == (
        "CPU and memory bind: it is throttled in 97% of periods; it takes 92% of its memory at the "
        "peak; 0.4 CPU / 300 MiB fails (CPU throttled: needs 0.46 "
        "cores, has 0.4); 0.5 CPU / 250 MiB fails (OOM-killed)."
    )


def test_where_nothing_binds_it_says_what_there_was_to_go_by():
    nothing = binding(LEAST, [LEAST], SLO()).sentence
    assert nothing.endswith("are seen to bind: nothing cheaper was measured to fail.")
    other = binding(LEAST, [LEAST, less_cpu(CauseName.WRONG_ANSWERS)], SLO()).sentence
    assert other.startswith("Neither CPU nor memory")
    assert other.endswith("0.4 CPU / 300 MiB fails (wrong answers).")
