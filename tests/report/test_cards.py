"""The first screen: the question before the answer, its trials, and its limits of validity."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag

from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Evidence, Judgement, Row
from loadtests.analysis.judge import judge
from loadtests.question import Question
from loadtests.report.cards import study_card, trial_card
from loadtests.verdicts import Verdict
from tests.analysis.on_nodes import on_nodes
from tests.analysis.records import HOST, SETTING, evidence, row, steady_ms

F, U = Verdict.FAILS, Verdict.UNDECIDED
LEAST = replace(row(0.5, 300), trials=("first",), cpu_cores=0.48, memory_peak_mib=240.0)
LESS_CPU = replace(
    row(0.4, 300, verdict=F, p95_ms=None, cause="cpu_throttled"),
    demand_cores=0.49,
    stopped_at_s=29.2,
)
LESS_MEMORY = row(0.5, 200, verdict=F, cause="out_of_memory")


def judged(key: str, ms: float = 5.0, **given: object) -> tuple[Evidence, Judgement]:
    """A trial of the least setting with that median latency."""
    found = evidence(setting=SETTING, key=key, latency=steady_ms(ms), **given)
    return found, judge(found)


def card(
    rows: Sequence[Row],
    least: Row | None,
    *trials: tuple[Evidence, Judgement],
    doubts: Sequence[str] = (),
) -> Tag:
    """The card of a study on the usual host."""
    shown = study_card(rows, least, trials, Question(), HOST, Prices(), doubts)
    found = BeautifulSoup(str(shown.data), "html.parser").section
    assert found is not None
    return found


def told(shown: Tag) -> str:
    """All its words on one line."""
    return " ".join(shown.get_text(" ").split())


def figures(shown: Tag) -> dict[str, str]:
    """Its figures by their names."""
    names, values = shown.select(".answer-figures dt"), shown.select(".answer-figures dd")
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


def notes(shown: Tag) -> dict[str, list[str]]:
    """The lines under each title."""
    return {
        part.h4.text: [line.text for line in part.select("li")]
        for part in shown.select(".answer-notes > div")
        if part.h4 is not None
    }


ROWS = [LEAST, LESS_CPU, LESS_MEMORY]
ONE = card(ROWS, LEAST, judged("first"))


def test_what_was_asked_stands_before_what_was_answered():
    """Users, think time, throughput, SLO and host; only then the setting."""
    said = told(ONE)
    asked = said[: said.index("is the least measured setting")]
    for part in (
        "users 10,000, arriving at 500/s",
        "think time 5 to 15 s",
        "implied throughput 1,000 requests/s",
        "SLO p95 ≤ 500 ms, error rate ≤ 0.1%",
        "load generator and service on one machine of 2 cores (CPU)",
    ):
        assert part in asked, part


def test_the_answer_says_what_share_of_its_limits_is_in_use():
    assert figures(ONE)["CPU limit used"] == "96%"
    assert figures(ONE)["memory limit used"] == "80%"


def test_one_trial_supports_an_answer_and_shows_no_spread():
    assert "Supported by one trial: p95 20 ms" in told(ONE)
    assert figures(ONE)["p95"] == "20 ms"
    assert "once more" not in told(ONE)


def test_several_trials_show_how_far_their_p95_lie_apart():
    """A repeat counts, though the verdict was reached without it."""
    shown = card(ROWS, LEAST, judged("first", 5.0), judged("again", 40.0))
    low, high = figures(shown)["p95, 2 trials"].removesuffix(" ms").split("-")
    assert float(low) < 15
    assert float(high) > 50
    assert "Measured once more for the noise: 2 of 2 trials hold." in told(shown)


def test_trials_that_took_as_long_are_one_figure_not_a_range():
    shown = card([LEAST], LEAST, judged("first"), judged("second"))
    assert "-" not in figures(shown)["p95, 2 trials"]


def test_a_repeat_that_fails_and_one_that_is_invalid_are_told_apart():
    failed = card(ROWS, LEAST, judged("first"), judged("again", 900.0))
    assert "1 of 2 trials hold. Of the others 1 fails." in told(failed)
    invalid = card(ROWS, LEAST, judged("first"), judged("again", users_lost=99))
    assert "once more" not in told(invalid), "an invalid trial is no evidence"


def test_the_nearest_settings_that_fail_are_named_with_cause_and_trials():
    assert notes(ONE)["Nearest settings that fail"] == [
        "0.4 CPU / 300 MiB fails, CPU throttled: needs 0.49 cores, has 0.4 "
        "(1 trial, stopped at 29 s).",
        "0.5 CPU / 200 MiB fails, OOM-killed (1 trial).",
    ]


def test_the_answer_has_three_limits_of_validity():
    one_machine, steps, closed = notes(ONE)["Limits of validity"]
    assert "no network lies between" in one_machine
    assert "the nearest that fail have 20% less CPU and 33% less memory" in steps
    assert closed.startswith("Closed workload")
    alone = notes(card([LEAST], LEAST, judged("first")))
    assert alone["Limits of validity"][1] == "No smaller setting was measured to fail: less may do."
    assert "Nearest settings that fail" not in alone, "no title without a line"


def test_a_trial_on_several_machines_is_not_said_to_be_on_one():
    given = on_nodes(is_here=False)
    shown = card([LEAST], LEAST, (given, judge(given)))
    machines, *_ = notes(shown)["Limits of validity"]
    assert machines.startswith("3 machines: latencies have what the network between them takes")
    assert "on 3 machines of a Swarm, each of 2 cores" in told(shown)
    of_trial = BeautifulSoup(str(trial_card(given, judge(given)).data), "html.parser")
    assert "on 3 machines of a Swarm, each of 2 cores" in told(of_trial)


def test_doubts_contradictions_and_undecided_settings_stand_under_one_title():
    larger = row(0.6, 300, verdict=F)
    rows = [*ROWS, row(0.55, 300), larger, row(0.3, 150, 2, verdict=U)]
    assert notes(card(rows, LEAST, judged("first"), doubts=["It differs."]))[
        "What speaks against it"
    ] == [
        "It differs.",
        "0.5 CPU / 300 MiB holds while the larger 0.6 CPU / 300 MiB fails.",
        "0.55 CPU / 300 MiB holds while the larger 0.6 CPU / 300 MiB fails.",
        "2 x 0.3 CPU / 150 MiB is undecided.",
    ]


def test_where_nothing_holds_the_question_still_stands_first():
    shown = card([LESS_CPU, LESS_MEMORY], None)
    assert told(shown).startswith("users 10,000")
    assert told(shown).endswith(
        "No setting that was measured holds 10,000 users. 2 settings tried."
    )


@pytest.mark.parametrize("steady_s", [0.4, None])
def test_the_card_of_a_trial_has_figures_only_where_there_was_a_steady_state(steady_s):
    given = evidence(steady_s=steady_s, failures={"reset": 0.1})
    shown = BeautifulSoup(str(trial_card(given, judge(given)).data), "html.parser")
    measured = {name: figures(shown)[name] for name in ("p95", "throughput", "CPU limit used")}
    assert (set(measured.values()) == {"not measured"}) is (steady_s is not None), measured
    assert figures(shown)["error rate"] in ("9.9%", "10%")
    assert "think time 5 to 15 s" in told(shown)


def badge(shown: Tag) -> str:
    """The verdict on the card, without its sign."""
    found = shown.select_one(".answer-verdict .badge")
    assert found is not None
    return found.text.split()[-1]


def test_the_badge_is_what_all_trials_of_the_answer_together_say():
    """The first one held; with one more that fails the two are in doubt."""
    assert badge(ONE) == "holds"
    agreed = card(ROWS, LEAST, judged("first"), judged("again"))
    assert badge(agreed) == "holds"
    differs = card(ROWS, LEAST, judged("first"), judged("again", 900.0))
    assert badge(differs) == "undecided"
    assert "but over all its trials it is undecided." in told(differs)
    assert "least measured setting that holds" not in told(differs)


def test_an_invalid_repeat_changes_no_badge():
    assert badge(card(ROWS, LEAST, judged("first"), judged("again", users_lost=99))) == "holds"


def test_trials_of_the_search_itself_are_counted_with_those_that_hold():
    least = replace(LEAST, trials=("first", "second"))
    shown = told(card(ROWS, least, judged("first"), judged("second", 6.0)))
    assert "Supported by 2 trials: p95 20 ms" in shown
    assert "2 of 2 trials hold." in shown
    assert "Of the others" not in shown
    assert "once more" not in shown


def test_the_line_on_reliability_stands_before_the_figures_where_there_is_one():
    line = "Holds in 94% of trials (90% asked): a cliff; CPU binds."
    shown = study_card(ROWS, LEAST, [judged("first")], Question(), HOST, Prices(), reliability=line)
    page = BeautifulSoup(str(shown.data), "html.parser").section
    assert page is not None
    said = told(page)
    assert said.index("Supported by one trial") < said.index(line) < said.index("error rate 0%")
    assert ONE.select_one(".answer-reliability") is None


def test_what_is_undecided_is_told_with_what_is_expected_of_it():
    doubtful = row(0.2, 300, verdict=Verdict.UNDECIDED, reliability=0.04, is_reliable=False)
    named = row(0.3, 300, verdict=Verdict.INVALID)
    rows = [row(0.5, 300), doubtful, named]
    card = study_card(rows, rows[0], [], Question(), HOST, Prices()).data
    assert "0.2 CPU / 300 MiB is undecided; by all trials it is expected to hold in 4%." in card
    assert "0.3 CPU / 300 MiB is invalid." in card
