"""How much of a steady state may be missing before a trial counts as ended early."""

import pytest

from loadtests.analysis.trial_length import ended_early, stopped_at_s
from tests.analysis.records import evidence


@pytest.mark.parametrize(("steady_s", "early"), [(27.0, False), (26.9, True)])
def test_nine_tenths_of_the_steady_state_are_a_whole_one(steady_s, early):
    """Of the 30 s asked; it began 20 s after the first user."""
    given = evidence(steady_s=steady_s)
    assert ended_early(given) is early
    assert stopped_at_s(given) == (20.0 + steady_s if early else None)
