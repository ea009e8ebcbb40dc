"""Figures of a load: use of the steady state alone, and words held against what the server saw."""

import numpy as np
import pytest

from loadtests.errors import TrialError
from loadtests.peers.generator import FIGURES
from loadtests.peers.generator_contenders import CONTENDERS, OURS, Load
from loadtests.peers.generator_figures import Use, cpu_s, figures, steady_state
from loadtests.peers.generator_reported import Reported
from loadtests.peers.generator_seen import Seen, Span

LOAD = Load(users=10, spawn_rate=5, warm_up_s=3, hold_s=10)  # a ramp of 2 s: steady from 5 to 15
BEGAN_S = 1000.0


def seen(latency_ms=6.0, rate=10):
    """Return arrivals at a steady rate for 20 s, each answered after so long, by 10 connections."""
    began_ns = ((BEGAN_S + np.arange(0, 20, 1 / rate)) * 1e9).astype(np.int64)
    opened_ns = np.full(10, int(BEGAN_S * 1e9), np.int64)
    return Seen(began_ns, began_ns + int(latency_ms * 1e6), opened_ns, np.empty(0, np.int64))


USED = [Use(BEGAN_S + at, cpu_s, 50.0 + at) for at, cpu_s in ((-1, 0.2), (4, 1), (6, 2), (16, 7))]


def test_the_steady_state_is_counted_from_the_first_request_for_every_generator_alike():
    assert steady_state(LOAD, seen()) == Span(1005.0, 1015.0)


def test_cpu_time_between_two_samples_is_spread_evenly():
    assert cpu_s(USED, Span(1005, 1015)) == pytest.approx(6.5 - 1.5)


@pytest.mark.parametrize("span", [Span(998, 1010), Span(1005, 1017)])
def test_samples_that_do_not_reach_from_end_to_end_tell_no_cpu_time(span):
    with pytest.raises(TrialError, match="CPU time"):
        cpu_s(USED, span)


def test_figures_are_of_the_steady_state():
    found = figures(LOAD, seen(), USED, Reported(p50_ms=7.0, p99_ms=5.0, failures=2))
    assert found["cpu_ms"] == pytest.approx(1000 * 5.0 / 100)
    assert found["memory_mib"] == 66
    assert (found["users"], found["rps"], found["reconnects"]) == (10, 10.0, 0.0)
    assert found["silence_ms"] == pytest.approx(100)
    assert found["error_p50_ms"] == pytest.approx(1.0)
    assert found["error_p99_ms"] == pytest.approx(-1.0), "one that reports too little"
    assert found["failures"] == 2
    assert "pause_ms" not in found, "it tells of none"


def test_every_figure_that_is_measured_has_a_title():
    said = Reported(7.0, 5.0, 0, longest_pause_ms=3.0)
    assert set(figures(LOAD, seen(), USED, said)) == {figure.key for figure in FIGURES}


def test_latencies_are_held_against_the_truth_of_the_same_span():
    """A tool that cannot leave out its ramp-up is not blamed for what the server did in it."""
    slow_first = seen()
    slow_first.answered_ns[:20] += int(1e9)
    whole = Reported(p50_ms=6.0, p99_ms=1006.0, failures=0, span=Span(0.0, np.inf))
    assert figures(LOAD, slow_first, USED, whole)["error_p99_ms"] == pytest.approx(0.0)


def test_a_generator_that_had_ended_before_the_steady_state_has_no_figures():
    early = seen()
    early = Seen(early.began_ns[:10], early.answered_ns[:10], early.opened_ns, early.closed_ns)
    with pytest.raises(TrialError, match="nothing in the steady state"):
        figures(LOAD, early, USED, Reported(1.0, 1.0, 0))


# --- the contenders


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda one: one.name)
def test_every_contender_is_told_the_same_load_and_where(contender):
    load = Load(users=4321, spawn_rate=50, think_time_s=(1.5, 2.5), warm_up_s=7, hold_s=9)
    told = contender.environment(load, "api-1:8000")
    assert (told["USERS"], told["RAMP_S"], told["THINK_MIN"]) == ("4321", "87", "1.5")
    words = " ".join([*contender.command(load, "api-1:8000"), *told.values()])
    assert "4321" in words
    assert "api-1:8000" in words
    assert load.total_s == 87 + 7 + 9 + 3


def test_ours_is_first_so_that_ratios_are_of_it():
    assert CONTENDERS[0] is OURS
