"""One line on how the answer holds, and its fields for scripts."""

from dataclasses import replace

import pytest

from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.binding import Binding, Constraint
from loadtests.analysis.edge import Edge, Shape
from loadtests.analysis.reliability_line import AnswerReliability, against_band
from loadtests.search.reliability import Band
from loadtests.verdicts import Verdict
from tests.analysis.records import row

BAND = Band(200, 0.25, 0.4, 0.94, 0.9)
ENDED = SearchEnd(True, "0.4 CPU / 200 MiB is the least.")
KNOWN = AnswerReliability(
    BAND, Edge(Shape.CLIFF, "so"), Binding((Constraint.CPU,), ("so",)), ENDED, True
)


def test_the_line_says_how_reliable_the_band_the_edge_what_binds_and_why_it_ended():
    assert KNOWN.line == (
        "By a model of all trials it is expected to hold in 94% of new ones at reference speed "
        "(90% asked); with 200 MiB in at most 5% up to 0.25 CPU, in at least 95% from 0.4 CPU: a "
        "cliff; CPU binds. The search ended because nothing cheaper was left open."
    )


def test_without_a_reference_no_speed_is_named():
    assert "in 94% of new ones (90% asked)" in replace(KNOWN, at_reference=False).line


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        ({"fails_to_cpus": None}, "asked); with 200 MiB in at least 95% from 0.4 CPU: a"),
        ({"holds_from_cpus": None}, "asked); with 200 MiB in at most 5% up to 0.25 CPU: a"),
        ({"fails_to_cpus": None, "holds_from_cpus": None}, "(90% asked): a cliff"),
    ],
)
def test_a_side_of_the_band_that_no_step_shows_is_left_out(sides, said):
    assert said in replace(KNOWN, band=replace(BAND, **sides)).line


@pytest.mark.parametrize(
    ("chance", "said"),
    [(0.996, "over 99%"), (0.99, "99%"), (0.9, "90%"), (0.004, "only under 1%"), (0.5, "only 50%")],
)
def test_no_chance_is_called_certain_and_one_below_what_was_asked_is_told(chance, said):
    line = replace(KNOWN, band=replace(BAND, reliability=chance)).line
    assert f"it is expected to hold in {said} of new ones" in line


OTHERWISE = [
    (row(0.25, 4000, speed=1.2), True, "it held where it is expected to fail"),
    (row(0.15, 200, speed=1.2), True, "with even less"),
    (row(0.3, 200), False, "between the two it may do either"),
    (row(0.4, 300, verdict=Verdict.FAILS), True, "it failed where it is expected to hold"),
    (
        row(0.5, 150, verdict=Verdict.FAILS),
        False,
        "with less memory, of which the band says nothing",
    ),
    (row(0.2, 200, verdict=Verdict.UNDECIDED), False, "it tells neither"),
    (row(0.25, 200, replicas=3), False, "of three replicas each bears a third"),
]


@pytest.mark.parametrize(("seen", "is_otherwise", "what"), OTHERWISE)
def test_what_was_measured_otherwise_than_the_band_has_it_is_found(seen, is_otherwise, what):
    assert (against_band(BAND, [seen]) == (seen,)) is is_otherwise, what


def test_the_line_names_what_was_measured_otherwise_and_how_fast_its_cpu_was():
    held = row(0.25, 4000, speed=1.2, reliability=0.62, is_reliable=False, trials=("a",))
    failed = row(0.4, 300, verdict=Verdict.FAILS, trials=("b", "c"))
    assert (
        "But 0.25 CPU / 4000 MiB held in its one trial, and is expected to hold in 62% (its CPU "
        "did 1.20 times the work that it does at reference speed) and 0.4 CPU / 300 MiB fails by "
        "its 2 trials together. The search ended"
    ) in replace(KNOWN, otherwise=(held, failed)).line


def test_what_only_all_trials_together_say_to_hold_is_not_said_to_have_held():
    weighed = row(0.25, 4000, reliability=0.95)
    line = replace(KNOWN, otherwise=(weighed,)).line
    assert "But 0.25 CPU / 4000 MiB holds, and is expected to hold in 95%. The" in line


def test_an_edge_of_unknown_shape_is_not_named():
    unknown = replace(KNOWN, edge=Edge(Shape.UNKNOWN, "so"))
    assert "from 0.4 CPU: CPU binds. The search" in unknown.line


def test_a_search_that_was_cut_off_says_so():
    line = replace(KNOWN, ended=SearchEnd(False, "Stopped.")).line
    assert line.endswith("The search ended with that open.")


def test_settings_that_were_given_by_name_have_no_reliability_and_it_says_why():
    named = replace(KNOWN, band=None, ended=None)
    assert named.line == (
        "How reliably it holds is not known: the settings were given by name. A cliff; CPU binds."
    )


def test_several_replicas_have_none_either():
    assert replace(KNOWN, band=None).line.startswith(
        "How reliably it holds is not known: only settings of one replica are repeated for it. "
    )
    assert "nothing cheaper was left open" not in replace(KNOWN, band=None).line


def test_scripts_read_the_same_in_fields():
    assert KNOWN.fields() == {
        "asked": 0.9,
        "stated": 0.94,
        "fails_to_cpus": 0.25,
        "holds_from_cpus": 0.4,
        "edge": "cliff",
        "binds": ["cpu"],
        "why_ended": "0.4 CPU / 200 MiB is the least.",
    }
    named = replace(KNOWN, band=None, ended=None).fields()
    known = {name for name, value in named.items() if value is not None}
    assert known == {"edge", "binds"}
