"""One total as one container and as several: what the trials show, and no more."""

import pytest

from loadtests.analysis.equal_cost import NOT_COMPARED, equal_cost
from loadtests.analysis.evidence import CauseName
from loadtests.analysis.replicates import Replicated
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, row


def part(replicas, p95_ms, cpu=(0.2, 0.21, 0.22), total=(0.4, 400), **verdict):
    """One split of a total, with a p95 for each trial."""
    size = round(total[0] / replicas, 6), total[1] // replicas, replicas
    rows = [row(*size, p95_ms=p, cpu_cores=c) for p, c in zip(p95_ms, cpu, strict=True)]
    return Replicated(row(*size, **verdict), tuple(rows))


ONE = part(1, (10.0, 11.0, 12.0))


def test_a_difference_that_every_trial_shows_is_told_with_its_interval():
    found = equal_cost([part(4, (40.0, 44.0, 48.0)), ONE], [])
    assert [each.replicas for each in found.parts] == [1, 4]
    by_p95, by_cpu = found.comparisons
    assert by_p95.differs
    assert by_p95.times.estimate == pytest.approx(4.0)
    assert not by_cpu.differs
    said = " ".join(found.sentences())
    assert "p95 4.00 times (" in said
    assert "CPU used 1.00 times" in said
    assert "not told apart" in said


def test_a_difference_within_the_scatter_of_the_trials_is_not_told_apart():
    found = equal_cost([ONE, part(4, (9.0, 13.0, 16.0))], [])
    assert not any(each.differs for each in found.comparisons)


def test_all_intervals_hold_together():
    """Two figures: each at 97.5%, so that one of them is wrong in 5% at most."""
    assert equal_cost([ONE, part(4, (1.0, 1.0, 1.0))], []).confidence == pytest.approx(0.975)


def test_a_split_that_is_killed_for_memory_is_no_comparison_of_equal_cost():
    killed = part(4, (None,) * 3, (None,) * 3, verdict=Verdict.FAILS, cause=CauseName.OUT_OF_MEMORY)
    found = equal_cost([ONE, killed], [evidence()])
    said = " ".join(found.sentences())
    assert "At equal memory 4 x 0.1 CPU / 100 MiB had too little for each" in said
    assert "a container takes 120 MiB before it has a user" in said
    assert "not compared" in said


def test_settings_that_differ_in_total_are_refused():
    with pytest.raises(ValueError, match="not of equal cost"):
        equal_cost([ONE, part(2, (1.0, 1.0, 1.0), total=(0.5, 400))], [])


def test_one_part_alone_is_not_compared():
    assert equal_cost([ONE], []).sentences() == [NOT_COMPARED]
