"""Where a live staircase expects the least setting."""

from dataclasses import replace

from loadtests.search.space import Space
from loadtests.studies.expected import expected
from tests.analysis.staircases import staircase

SPACE = Space((0.3, 0.5, 1.0), (100, 300, 500))


def test_where_all_died_before_they_were_seen_a_trial_of_the_largest_has_to_tell():
    stairs = staircase()
    unseen = replace(stairs, docker_stats=stairs.docker_stats.iloc[:0])
    found = expected(unseen, SPACE, None)
    assert (found.cpus, found.memory_mib) == (1, 500)
