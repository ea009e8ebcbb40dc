"""One trial by endpoint: in a table, in a figure, and in the pages that hold them."""

import numpy as np
import pandas as pd
import pytest

from loadtests.analysis.endpoints import MOST, are_several, endpoints
from loadtests.analysis.judge import judge
from loadtests.analysis.summary import measure_row, summarise
from loadtests.question import ALL, Objective
from loadtests.report import trial_pages
from loadtests.report.endpoint_table import by_endpoint, endpoint_table
from loadtests.report.plots.endpoints import (
    MOST_PANELS,
    endpoints_figure,
    endpoints_figure_alt,
    endpoints_message,
)
from loadtests.report.plots.trial import trial_message
from loadtests.report.tables import vertical_table
from loadtests.verdicts import Verdict
from tests.analysis.records import SETTING, evidence, with_requests
from tests.analysis.test_cut_off import always_ms
from tests.analysis.test_objectives import FAST, RARE, SLOW, asked, limit, two_endpoints
from tests.report.test_plots import texts


def judged(*objectives, **given):
    trial = two_endpoints(asked(*objectives), **given)
    return trial, judge(trial)


def listed(trial, judgement):
    return endpoint_table(trial, endpoints(trial, judgement))


def drawn(trial, judgement):
    return endpoints_figure(trial, judgement, endpoints(trial, judgement))


def described(trial, judgement):
    return endpoints_figure_alt(trial, judgement, endpoints(trial, judgement))


BOTH = (limit(RARE, 95, 500), Objective(FAST, 99, 50, 0.01))


def test_the_rows_are_all_requests_and_then_each_endpoint_by_its_share():
    found = endpoints(*judged(*BOTH, **SLOW))
    assert [row.name for row in found.rows] == [ALL, FAST, RARE]
    assert [row.verdict for row in found.rows] == [Verdict.HOLDS, Verdict.HOLDS, Verdict.FAILS]
    assert sum(row.requests for row in found.rows[1:]) == found.rows[0].requests
    assert sum(row.share for row in found.rows[1:]) == pytest.approx(1)
    assert found.rows[2].p50_ms == pytest.approx(2000, rel=0.1)
    assert found.rows[1].p95_ms < 50


def test_an_objective_of_an_endpoint_that_was_never_asked_has_a_row_without_figures():
    row = endpoints(*judged(limit("/none", 95, 500))).rows[-1]
    assert (row.name, row.requests, row.p95_ms, row.error_rate) == ("/none", 0, None, None)
    assert row.verdict is Verdict.UNDECIDED


def test_of_very_many_endpoints_the_commonest_are_listed_and_all_with_objectives():
    whole, rng = evidence(question=asked(limit("/item/99", 95, 500))), np.random.default_rng(5)
    table = whole.requests.copy()
    numbers = np.minimum(rng.geometric(0.05, len(table)), 99)
    table["name"] = pd.Categorical([f"/item/{n}" for n in numbers])
    trial = with_requests(whole, table)
    found = endpoints(trial, judge(trial))
    assert len(found.rows) == 1 + MOST + 1
    assert "/item/99" in {row.name for row in found.rows}
    html = listed(trial, judge(trial)).data
    assert f"{found.left_out} endpoints more, seldom asked, not listed" in html
    assert len(drawn(trial, judge(trial)).axes) == MOST_PANELS


def test_one_endpoint_without_objectives_has_nothing_to_tell():
    trial = evidence()
    assert not are_several(trial)
    assert "All requests had one name" in by_endpoint(trial, judge(trial)).data


def test_the_table_has_each_objective_and_what_is_said_of_it():
    html = listed(*judged(*BOTH, **SLOW)).data
    for text in ("all requests", FAST, RARE, "p99 ≤ 50 ms, error rate ≤ 1%", "p95 ≤ 500 ms"):
        assert text in html
    assert html.count("holds</span>") == 2
    assert html.count("fails</span>") == 1


def test_of_several_objectives_of_an_endpoint_the_one_that_fails_is_named():
    html = listed(*judged(limit(RARE, 50, 9000), limit(RARE, 95, 500), **SLOW)).data
    assert "p50 ≤ 9,000 ms<br>p95 ≤ 500 ms" in html
    assert '<small class="under">p95 ≤ 500 ms</small>' in html


def test_an_endpoint_that_hides_in_the_total_is_called_so():
    html = listed(*judged(share=0.02, **SLOW)).data
    assert html.count("hidden in the total") == 1


def test_an_endpoint_s_name_is_text():
    whole = evidence()
    table = whole.requests.assign(name=pd.Categorical(["<b>x</b>"] * len(whole.requests)))
    trial = with_requests(whole, table)
    assert "<b>x</b>" not in listed(trial, judge(trial)).data


def test_the_figure_has_a_panel_for_each_endpoint_and_its_limit():
    trial, judgement = judged(*BOTH, **SLOW)
    figure = drawn(trial, judgement)
    panels = {axes.get_title(loc="left").partition(",")[0]: axes for axes in figure.axes}
    assert panels.keys() - {""} == {"all requests", FAST, RARE}
    for name, limit_ms in ((FAST, 50), (RARE, 500)):
        ends = [list(line.get_ydata()) for line in panels[name].get_lines()]
        assert [limit_ms, limit_ms] in ends
    assert panels[RARE].get_title(loc="right") == "✗ fails"
    assert "its objective" in texts(figure)


def test_few_requests_are_dots_and_those_that_failed_lie_on_the_edge():
    trial, judgement = judged(limit(RARE, 95, 500), rare_fails=0.5)
    figure = drawn(trial, judgement)
    rare = next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(RARE))
    dots = {line.get_marker(): len(line.get_xdata()) for line in rare.get_lines()}
    assert dots["."] + dots["x"] + dots["^"] == (trial.requests["name"] == RARE).sum()
    assert dots["x"] > 50
    assert "no answer" in [text.get_text() for text in rare.get_yticklabels()]


def test_requests_that_the_end_cut_off_are_not_drawn_as_failed():
    """They lie at their age, as what they are."""
    whole = evidence(question=asked(limit("/predict/", 95, 500)), latency=always_ms(3000))
    few = whole.requests.iloc[::20].reset_index(drop=True)
    trial = with_requests(whole, few)
    figure = drawn(trial, judge(trial))
    waiting = int((few["outcome"] == "in_flight").sum())
    counts = [
        {line.get_marker(): len(line.get_xdata()) for line in axes.get_lines()}
        for axes in figure.axes
    ]
    assert waiting > 5
    assert [each["^"] for each in counts if "^" in each] == [waiting] * 2
    assert [each["x"] for each in counts if "x" in each] == [0] * 2
    assert "unanswered at the end" in texts(figure)
    assert "one that failed" not in texts(figure)


@pytest.mark.parametrize(
    ("objectives", "given", "says"),
    [
        ((limit(RARE, 95, 500),), SLOW, "Fails by /rare: p95 2,"),
        ((limit(RARE, 95, 4000),), SLOW, "Holds; the nearest to its limit is all requests: p95"),
        ((limit("/none", 95, 500),), {}, "Undecided by /none: p95 not measured, limit 500 ms"),
        ((), {"share": 0.02, **SLOW}, "/rare, 2.1% of requests: p95 2,"),
        ((), {}, "Response times by endpoint"),
    ],
)
def test_the_figure_s_message_is_what_decides(objectives, given, says):
    trial, judgement = judged(*objectives, **given)
    assert endpoints_message(judgement).startswith(says)
    assert endpoints_message(judgement) in described(trial, judgement)


def test_the_figure_of_a_trial_that_never_had_a_steady_state_is_drawn_all_the_same():
    trial, judgement = judged(limit(RARE, 95, 500), steady_s=2.0)
    assert "undecided" in described(trial, judgement)
    assert drawn(trial, judgement).axes


def test_what_decides_stands_on_the_trial_s_card_in_tables_and_on_its_page():
    trial, judgement = judged(*BOTH, **SLOW)
    said = "/rare: p95 2,3"
    assert trial_message(trial, judgement)[1].startswith(said)
    assert said in vertical_table([measure_row(trial, judgement)]).data
    assert said in vertical_table([summarise(SETTING, [(trial, judgement)])]).data
    assert "By endpoint" in trial_pages.pages([(trial, judgement)]).data


def test_a_trial_of_one_endpoint_has_no_table_by_endpoint():
    trial = evidence()
    assert "By endpoint" not in trial_pages.pages([(trial, judge(trial))]).data
