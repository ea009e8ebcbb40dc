"""One axis after the other: each search of an axis finds its edge, through noise where it can."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from loadtests.comparison.axes import ALLOWED, Edge, margin, per_axis
from loadtests.comparison.isotonic import REPLICATES, isotonic_edge
from loadtests.comparison.loss_ratio import loss_ratio_edge
from loadtests.comparison.needs import Need
from loadtests.comparison.probabilistic_bisection import (
    SURE,
    TRIALS_AT_MOST,
    believed,
    bisection_edge,
)
from loadtests.comparison.problem import Begun, SearchRun
from loadtests.comparison.simulated import SimulatedService
from loadtests.question import Setting
from loadtests.verdicts import Finding, Verdict
from tests.comparison.problems import SPACE, PlainProblem

HOLDS, FAILS, UNDECIDED, INVALID = Verdict
CELL = Setting(0.4, 150)
EDGES: dict[str, Edge] = {
    "loss ratio": loss_ratio_edge(0.5),
    "strict loss ratio": loss_ratio_edge(0.1),
    "isotonic": isotonic_edge,
    "bisection": bisection_edge,
}
each_edge = pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
BY_CPU = [Setting(cpus, 300) for cpus in SPACE.cpus]
FLAKY = Setting(0.3, 300)


@pytest.mark.parametrize(
    ("finding", "told", "what"),
    [
        (Finding(CELL, HOLDS, slow_share=0.0), 1.0, "none is slow"),
        (Finding(CELL, HOLDS, slow_share=ALLOWED / 2), 0.5, "half of what may be slow is"),
        (Finding(CELL, UNDECIDED, slow_share=ALLOWED), 0.0, "at the SLO"),
        (Finding(CELL, FAILS, slow_share=0.08), -0.6, "three fifths too many"),
        (Finding(CELL, FAILS, slow_share=0.9), -1.0, "far beyond"),
        (Finding(CELL, FAILS, oom_killed=True), -1.0, "killed"),
        (Finding(CELL, HOLDS), 1.0, "only its verdict is known"),
        (Finding(CELL, UNDECIDED), 0.0, "only its verdict is known"),
        (Finding(CELL, UNDECIDED, own=FAILS), -1.0, "this trial's verdict, not that of all"),
        (None, -1.0, "no valid trial"),
    ],
)
def test_a_margin_is_the_distance_from_what_the_slo_allows(finding, told, what):
    assert margin(finding) == pytest.approx(told), what


@each_edge
@pytest.mark.parametrize("cpus", SPACE.cpus)
def test_without_noise_every_step_of_an_axis_is_found(edge: Edge, cpus: float):
    """From the first, all hold, to the last, which alone does."""
    problem = PlainProblem(cpus, 50)
    assert edge(SearchRun(problem), BY_CPU) == Setting(cpus, 300)


@each_edge
def test_without_noise_an_axis_on_which_nothing_holds_has_no_edge(edge: Edge):
    assert edge(SearchRun(PlainProblem(cpus=2.0)), BY_CPU) is None


@each_edge
def test_with_the_usual_noise_the_edge_is_found_mostly(edge: Edge):
    """Half way between two steps, of 40 services 34 or more."""
    need = math.sqrt(0.3 * 0.4)
    found = [
        edge(SearchRun(SimulatedService(seed, SPACE, Need(need, 60.0))), BY_CPU)
        for seed in range(40)
    ]
    assert found.count(Setting(0.4, 300)) >= 34


def test_the_memory_is_searched_at_the_cpu_that_was_found():
    """And where no memory does there, all of it does."""
    asked: list[Sequence[Setting]] = []

    def edge(_: SearchRun, axis: Sequence[Setting]) -> Setting | None:
        asked.append(axis)
        return axis[3] if len(asked) == 1 else None

    assert per_axis(SearchRun(PlainProblem()), edge) == Setting(0.4, 300)
    assert asked == [BY_CPU, [Setting(0.4, memory) for memory in SPACE.memory_mib]]


def test_where_no_cpu_does_no_memory_is_asked_for():
    assert per_axis(SearchRun(PlainProblem()), lambda _, __: None) is None


@dataclass(frozen=True)
class Flaky(PlainProblem):
    """At one setting trials hold and fail as written down, over and over."""

    told: tuple[Verdict, ...] = (HOLDS, FAILS)

    def finding(self, setting: Setting, trials: Sequence[Begun]) -> Finding:
        if setting != FLAKY:
            return super().finding(setting, trials)
        verdict = self.told[(len(trials) - 1) % len(self.told)]
        return Finding(setting, verdict, own=verdict, load_s=60.0)


@pytest.mark.parametrize(
    ("exceed_ratio", "told", "cpus", "what"),
    [
        (0.5, (HOLDS, FAILS, HOLDS), 0.3, "two of three hold: one bad is no half"),
        (0.5, (FAILS, HOLDS, FAILS), 0.4, "two of three fail"),
        (0.1, (HOLDS, HOLDS, FAILS), 0.4, "one bad of three is too many for a tenth"),
        (0.1, (HOLDS, HOLDS, HOLDS), 0.3, "none bad"),
    ],
)
def test_the_exceed_ratio_says_how_many_trials_may_be_bad(exceed_ratio, told, cpus, what):
    """A duration sum of three trials."""
    problem = Flaky(told=told)
    found = loss_ratio_edge(exceed_ratio)(SearchRun(problem), BY_CPU)
    assert found == Setting(cpus, 300), what


def test_isotonic_margins_are_repeated_where_their_interval_holds_zero():
    """One step that holds and fails by turns is tried as often as any may be."""
    search_run = SearchRun(Flaky())
    isotonic_edge(search_run, BY_CPU)
    assert search_run.known.trials(Setting(0.3, 300)) == REPLICATES[1]
    assert search_run.known.trials(Setting(0.4, 300)) <= REPLICATES[0]


def test_a_belief_without_trials_is_even_and_leans_to_where_trials_point():
    none = np.zeros(3)
    assert believed(none, none) == pytest.approx([0.25] * 4)
    after = believed(np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    assert after == pytest.approx([2 / 6, 2 / 6, 1 / 6, 1 / 6])


def test_trials_that_contradict_each_other_teach_that_trials_err():
    """Five that agree at a step say more than five of seven do."""
    sure = believed(np.array([0.0, 5.0]), np.array([0.0, 5.0]))
    torn = believed(np.array([0.0, 6.0]), np.array([0.0, 7.0]))
    assert sure[:2].sum() > torn[:2].sum() > 2 / 3


def test_bisection_ends_once_it_is_sure_or_has_made_its_trials():
    plain, flaky = SearchRun(PlainProblem()), SearchRun(Flaky())
    bisection_edge(plain, BY_CPU)
    bisection_edge(flaky, BY_CPU)
    assert len(plain.findings) < TRIALS_AT_MOST
    assert len(flaky.findings) == TRIALS_AT_MOST
    held = np.array([plain.known.last[c].verdict is HOLDS if c in plain.known.last else 0
                     for c in BY_CPU], dtype=float)  # fmt: skip
    trials = np.array([float(plain.known.trials(cell)) for cell in BY_CPU])
    assert believed(held * trials, trials).max() >= SURE


def test_an_edge_is_the_same_each_time_it_is_searched():
    service = replace(SimulatedService(3, SPACE, Need(0.35, 60.0)), drift=1.0)
    for edge in EDGES.values():
        assert edge(SearchRun(service), BY_CPU) == edge(SearchRun(service), BY_CPU)
