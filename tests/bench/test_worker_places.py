"""On which nodes the workers of a load run."""

import pytest

from loadtests.bench.worker_places import spread

OTHERS = ("node-2", "node-3")


@pytest.mark.parametrize(
    ("workers", "others", "places", "what"),
    [
        (2, OTHERS, ("node-2", "node-3"), "our own has the master"),
        (3, OTHERS, ("node-2", "node-3", "node-1"), "and its turn when all others have one"),
        (5, OTHERS, ("node-2", "node-3", "node-1", "node-2", "node-3"), "by turns"),
        (2, OTHERS[:1], ("node-2", "node-1"), "one other"),
        (2, (), (), "no engine of another is known: all on one, as without a Swarm"),
    ],
)
def test_workers_are_on_the_other_nodes_before_they_are_on_our_own(workers, others, places, what):
    assert spread(workers, others, "node-1") == places, what
