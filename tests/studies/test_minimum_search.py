"""What a search found: whether it is proven, and which later question it still answers."""

from dataclasses import replace

import pytest

from loadtests.analysis.cost import Prices
from loadtests.analysis.frontier import Unknown
from loadtests.analysis.reliability_line import against_band
from loadtests.question import Setting, rank
from loadtests.report.plots.frontier import frontier_figure_alt
from loadtests.studies.answer_reliability import answer_reliability
from loadtests.studies.minimum_search import MinimumSearch
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.study import read_study
from loadtests.studies.study_report import card, edge_sentences, sentences
from loadtests.verdicts import Verdict
from tests.analysis.claims import wrong_claims
from tests.told import QUESTION, TARGET, measured, notes, table

HOLDS, FAILS, UNDECIDED, INVALID = (
    Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.INVALID,
)  # fmt: skip
LEAST, LESS_CPU, LESS_MEMORY = Setting(0.5, 300), Setting(0.25, 300), Setting(0.5, 100)
WHY = "0.5 CPU / 300 MiB is the least."
SEARCH = notes((0.25, 0.5), (100, 300), WHY)
PROOF = [measured(LEAST, HOLDS, HOLDS), measured(LESS_CPU, FAILS), measured(LESS_MEMORY, FAILS)]
ASKED = Parameters(
    image=TARGET.image,
    users=QUESTION.workload.users,
    spawn_rate=QUESTION.workload.spawn_rate,
    think_min=0.5,
    think_max=1.5,
    steady_s=QUESTION.workload.steady_s,
)

ENDS = [
    (PROOF, True, "what is cheaper fails, or is smaller than what does"),
    (PROOF[:2], False, "less memory was never asked"),
    ([measured(LEAST, HOLDS), *PROOF[1:]], False, "one trial that holds is not as often as asked"),
    ([*PROOF[:2], measured(LESS_MEMORY, INVALID)], False, "what was disturbed is no failure"),
    ([*PROOF[:2], measured(LESS_MEMORY, UNDECIDED)], False, "a doubt is no failure"),
    ([measured(LEAST, FAILS)], True, "nothing holds, as the largest setting fails"),
    ([measured(LESS_CPU, FAILS)], False, "nothing holds, but the largest was never asked"),
]


@pytest.mark.parametrize(("results", "proven", "what"), ENDS)
def test_a_search_is_proven_when_all_that_is_cheaper_fails(results, proven, what):
    ended = MinimumSearch.of(table(*results, search=SEARCH)).ended
    assert ended.proven is proven, what
    assert ended.why == WHY, "its last decision"


def test_settings_given_by_name_were_not_searched():
    found = MinimumSearch.of(table(*PROOF))
    assert found.ended is None
    assert not found.sentences()[0].startswith(WHY)


def test_the_last_decision_is_told_first():
    assert MinimumSearch.of(table(*PROOF, search=SEARCH)).sentences()[0] == WHY


def test_a_setting_that_never_got_ready_is_a_row_and_counts_as_proof():
    """What does not even start fails, and so does all that is smaller."""
    found = MinimumSearch.of(table(*PROOF[:2], search=SEARCH, never_ready=[LESS_MEMORY]))
    assert [(row.setting, row.verdict) for row in found.rows] == [
        (LEAST, HOLDS), (LESS_CPU, FAILS), (LESS_MEMORY, FAILS),
    ]  # fmt: skip
    assert found.knowledge.verdict(Setting(0.25, 100)) is FAILS
    assert found.least.setting == LEAST
    assert found.ended.proven


def test_a_setting_by_name_that_never_got_ready_is_on_the_map():
    """Its steps belong to the space, though no trial has them."""
    found = MinimumSearch.of(table(PROOF[0], never_ready=[Setting(0.1, 50)]))
    assert (found.space.cpus, found.space.memory_mib) == ((0.1, 0.5), (50, 300))
    cell = next(cell for cell in found.cells if cell.setting == Setting(0.1, 50))
    assert (cell.verdict, cell.is_measured, cell.row.cause) == (FAILS, True, "never_ready")


def test_a_setting_between_two_that_contradict_each_other_is_unclear_on_the_map():
    """It is not left out as needless: whether it holds is the very question."""
    search = notes((0.25, 0.4, 0.5), (100, 300), WHY)
    found = MinimumSearch.of(
        table(measured(LESS_CPU, HOLDS), measured(LEAST, FAILS), search=search)
    )
    cells = {cell.setting: cell for cell in found.cells}
    between = cells[Setting(0.4, 300)]
    assert (between.verdict, between.row, between.unknown) == (None, None, Unknown.UNCLEAR)
    unclear = [s for s, cell in cells.items() if cell.is_blank and cell.unknown is Unknown.UNCLEAR]
    assert unclear == [between.setting]


OF_24_S = replace(SEARCH, final_steady_s=24.0)  # four times the usual 6 s


@pytest.mark.parametrize(
    ("record", "final_steady_s", "answers", "what"),
    [
        (OF_24_S, None, True, "the usual length"),
        (OF_24_S, 24.0, True, "the same by name"),
        (OF_24_S, 60.0, False, "a longer last trial may say otherwise"),
        (SEARCH, 60.0, True, "of an older record it is not known"),
    ],
)
def test_a_search_answers_only_with_as_long_a_last_trial(record, final_steady_s, answers, what):
    found = MinimumSearch.of(table(*PROOF, search=record))
    assert found.answers(replace(ASKED, final_steady_s=final_steady_s)) is answers, what


SEARCHED = [
    ({}, True, "the same"),
    ({"vcpu_hour": 1.0}, False, "other prices make another setting the least"),
    ({"currency": "EUR"}, False, "the same numbers of another currency"),
    ({"cpu_steps": [0.25, 0.5]}, True, "the steps it chose from, by name"),
    ({"cpu_steps": [0.25, 0.5, 1]}, False, "more steps of CPU"),
    ({"memory_steps": [100, 300]}, True, "its steps of memory"),
    ({"memory_steps": [100, 200, 300]}, False, "more steps of memory"),
    ({"users": 101}, False, "more users"),
    ({"image": "other"}, False, "another image"),
    ({"settings": [[1, 300]]}, False, "a setting it never asked about"),
    ({"settings": [[0.5, 300], [0.25, 300], [0.5, 100]]}, True, "just what it measured"),
]


@pytest.mark.parametrize(("other", "answers", "what"), SEARCHED)
def test_a_search_answers_only_what_it_was_asked(other, answers, what):
    assert (
        MinimumSearch.of(table(*PROOF, search=SEARCH)).answers(replace(ASKED, **other)) is answers
    ), what


def test_settings_given_by_name_answer_no_search():
    """Nobody looked for what is cheaper."""
    found = MinimumSearch.of(table(*PROOF))
    assert not found.answers(ASKED)
    assert found.answers(replace(ASKED, settings=[[0.25, 300], [0.5, 300], [0.5, 100]]))


def test_nothing_said_of_the_recorded_example_contradicts_its_rows_without_naming_them():
    study = read_study(EXAMPLE)
    shown = {row.setting: row.verdict for row in study.rows}
    said = " ".join([*sentences(study), *edge_sentences(study), card(study).data])
    alt = frontier_figure_alt(study.search.cells, study.search.least, study.question.slo)
    assert not wrong_claims(f"{said} {alt}", shown)
    band = answer_reliability(study).band
    for row in against_band(band, study.search.rows):
        assert row.setting.label in answer_reliability(study).line.partition(" But ")[2]


def test_what_costs_less_than_the_answer_is_never_called_needless():
    cost, study = Prices().per_hour, read_study(EXAMPLE)
    least = study.search.least.setting
    cheaper = [c for c in study.search.cells if rank(c.setting, cost) < rank(least, cost)]
    assert cheaper
    assert Unknown.NOT_NEEDED not in {cell.unknown for cell in cheaper if cell.is_blank}
