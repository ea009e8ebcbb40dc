"""What counts of a trial with 10,000 connections."""

import pytest

from loadtests.peers.crowd import figures_of
from tests.analysis.records import evidence, steady_ms


def test_a_trial_that_holds_has_all_figures_and_nothing_to_know():
    found = figures_of(evidence())
    assert found.notes == ()
    assert {*found.values} == {
        "crowded_rps", "crowded_cpu_ms", "crowded_p50_ms", "crowded_p99_ms", "crowded_mib",
    }  # fmt: skip
    assert found.values["crowded_p50_ms"] == pytest.approx(5, rel=0.1)


def test_a_trial_that_fails_has_its_figures_with_the_verdict():
    found = figures_of(evidence(latency=steady_ms(5.0, slow_share=0.3)))
    assert "crowded_cpu_ms" in found.values
    (note,) = found.notes
    assert note.startswith("with 10,000 connections the verdict is fails")


def test_a_trial_that_cannot_be_trusted_has_none_but_says_why():
    found = figures_of(evidence(users_reached=900))
    assert found.values == {}
    assert found.notes == ("with 10,000 connections invalid: users, connections",)


def test_a_percentile_that_only_failures_reach_is_left_out():
    """JSON has no infinity, and a ratio of it says nothing."""
    found = figures_of(evidence(failures={"timeout": 0.05}))
    assert "crowded_p99_ms" not in found.values
    assert "crowded_p50_ms" in found.values
