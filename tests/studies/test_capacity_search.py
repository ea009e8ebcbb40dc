"""The most load a setting was found to hold: what is said of it, and whether it is proven."""

import json

import pytest

from loadtests.analysis.judge import judge
from loadtests.question import Setting
from loadtests.studies.capacity_search import CapacitySearch
from loadtests.studies.results import ResultTable, SettingResult
from loadtests.verdicts import Verdict
from tests.analysis.queues import queued
from tests.analysis.staircases import staircase
from tests.analysis.test_replica_limit import sleeps
from tests.told import measured, rate_part, users_part

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
SETTING, STEPS, WHY = Setting(0.5, 300), (80, 100, 120), "So it ended."
STAIRS = staircase()


def found(*verdicts: Verdict, why: str = WHY) -> CapacitySearch:
    """A search in which the first steps of users came out so."""
    asked = zip(STEPS, verdicts, strict=False)
    trials = tuple(measured(SETTING, verdict, users=users) for users, verdict in asked)
    return CapacitySearch(ResultTable(users_part(SETTING, STEPS, why), trials), STAIRS)


ENDS = [
    ((HOLDS, FAILS), True, "the next step fails"),
    ((HOLDS, UNDECIDED), False, "the next step stayed undecided"),
    ((HOLDS,), False, "the next step was never asked"),
    ((HOLDS, UNDECIDED, FAILS), False, "the step between stayed undecided"),
    ((HOLDS, HOLDS, HOLDS), True, "there is no step above"),
    ((FAILS,), True, "not even the fewest"),
    ((UNDECIDED, FAILS), False, "the fewest stayed undecided"),
    ((), False, "nothing was asked"),
]


@pytest.mark.parametrize(("verdicts", "proven", "what"), ENDS)
def test_the_most_are_proven_when_the_next_step_fails(verdicts, proven, what):
    ended = found(*verdicts).ended
    assert ended.proven is proven, what
    assert ended.why == WHY, "its last decision"


def test_the_sentences_begin_with_the_last_decision():
    why, held, fails = found(HOLDS, FAILS).sentences()
    assert why == WHY
    assert held.startswith("0.5 CPU / 300 MiB holds 80 users with p95 ≤ 500 ms")
    assert fails.startswith("100 users are not held")


def test_what_is_no_lack_of_cpu_is_told_with_how_many_replicas_it_takes():
    """Here more of it is asked of the one setting, and no size is looked for."""
    sleeper = queued(sleeps)
    trial = SettingResult.of(sleeper.trial.setting, [(sleeper, judge(sleeper))])
    search = CapacitySearch(
        ResultTable(users_part(sleeper.trial.setting, (300,), WHY), (trial,)), STAIRS
    )
    _, fails, limit = search.sentences()
    assert "300 users are not held (held back, not by CPU)" in fails
    assert "that takes about 3 replicas" in limit


def test_more_is_not_promised_where_the_step_above_stayed_undecided():
    why = "80 users are held, 100 stayed undecided."
    said = found(HOLDS, UNDECIDED, why=why).sentences()
    assert said[0] == why
    assert len(said) == 2, "what is held, and nothing of what is not"
    assert not any("more may be" in sentence for sentence in said)


def test_what_fails_is_told_where_nothing_is_held():
    said = found(FAILS, why="Not even 80 users are shown to be held.").sentences()
    assert said[0] == "Not even 80 users are shown to be held."
    assert said[1].startswith("80 users are not held")


RATES = (15.0, 18.0, 21.6)


def rated(*verdicts: Verdict, why: str = WHY) -> CapacitySearch:
    """A search in which the first steps of a rate came out so; all have as many users ready."""
    asked = zip(RATES, verdicts, strict=False)
    trials = tuple(measured(SETTING, verdict, rate_per_s=rate) for rate, verdict in asked)
    return CapacitySearch(ResultTable(rate_part(SETTING, RATES, why), trials), STAIRS)


def test_a_rate_is_proven_and_told_as_users_are():
    found_rate = rated(HOLDS, HOLDS, FAILS)
    assert found_rate.ended.proven
    assert [*found_rate.by_load] == [15.0, 18.0, 21.6]
    _, held, fails = found_rate.sentences()
    assert held.startswith("0.5 CPU / 300 MiB holds 18 arrivals/s with p95")
    assert fails.startswith("21.6 arrivals/s are not held")
    assert found_rate.steps == 3


def test_a_rate_s_answer_has_the_rate_in_place_of_users(tmp_path):
    rated(HOLDS, HOLDS, FAILS).write_answer(tmp_path)
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert (answer["capacity"]["rate_per_s"], answer["fails_at"]["rate_per_s"]) == (18.0, 21.6)
    assert [row["rate_per_s"] for row in answer["rows"]] == [15.0, 18.0, 21.6]
    assert answer["question"]["arrivals"] == "poisson"
    assert "users" not in answer["capacity"]


def test_its_table_and_figure_are_of_arrivals_per_second():
    found_rate = rated(HOLDS, FAILS)
    assert "Arrivals/s, as measured" in str(found_rate.rows_table().data)
    assert "0.5 CPU / 300 MiB holds 15 arrivals/s" in str(found_rate.answer_figure().data)
