"""Tables are escaped, human and never carried by colour alone."""

import dataclasses
import math

import pytest

from loadtests.analysis import formats
from loadtests.analysis.evidence import CauseName, Check, Reading, Skipped, Voids
from loadtests.analysis.judge import judge
from loadtests.question import Setting
from loadtests.report import checks, tables
from loadtests.report.markup import badge
from loadtests.studies.manifest import LogLine
from loadtests.verdicts import Verdict
from tests.analysis.proxied import behind
from tests.analysis.records import evidence
from tests.report import plot_data as data

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)>'


def text(fragment: object) -> str:
    """Return a fragment's markup with ordinary spaces."""
    return str(fragment.data).replace("\xa0", " ")  # type: ignore[attr-defined]


def test_vertical_table_writes_numbers_for_people() -> None:
    """Thousands are grouped, infinity is "no answer", None is "not reported"."""
    html = text(tables.vertical_table(data.vertical_rows()))
    for expected in ("1,720 ms", "no answer", "not reported", "0.04%", "OOM-killed", "372 to"):
        assert expected in html
    assert "inf" not in html.replace("info", "")
    assert "nan" not in html


def test_every_row_names_its_verdict_in_words() -> None:
    """The badge has the word and a sign, so that colour is never alone."""
    for verdict in Verdict:
        html = text(badge(verdict))
        assert f"</span> {verdict.value}</span>" in html
    assert text(tables.vertical_table(data.vertical_rows())).count('class="badge') == 8


def test_replicas_table_gives_totals() -> None:
    """Three replicas of 0.5 CPU are 1.5 CPU in all."""
    html = text(tables.replicas_table(data.scale_out_rows()["0.5 CPU / 300 MiB"]))
    assert "1.5 CPU<br>900 MiB" in html


def test_hostile_text_cannot_become_markup() -> None:
    """A reason, a check or a caption with tags is shown, not obeyed."""
    judgement = dataclasses.replace(
        data.a_judgement(),
        checks=(Check(HOSTILE, False, HOSTILE, Reading(HOSTILE, HOSTILE), Voids.BOTH, HOSTILE),),
    )
    row = data.a_row(1, 500)
    for fragment in (
        tables.skipped_table([Skipped(Setting(4, 500), HOSTILE)], caption=HOSTILE),
        checks.checks_table(judgement),
        checks.tripped(judgement),
        checks.matrix([(data.an_evidence(), judgement)]),
        tables.vertical_table([row], caption=HOSTILE),
        tables.effort_table({HOSTILE: 1.0}),
    ):
        html = text(fragment)
        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html


def test_a_trial_stopped_in_its_ramp_up_is_not_measured_in_its_table() -> None:
    """Neither a percentile nor an interval, nor a rate or CPU use of a steady state it had not."""
    row = dataclasses.replace(
        data.stopped_row(), rps=None, cpu_cores=None, throttled_ratio=0.7, demand_cores=0.28
    )
    html = text(tables.vertical_table([row]))
    assert "not measured (stopped at 16 s)" in html
    assert html.count(">not measured<") == 4, "p50, p99, throughput and CPU"
    assert "no answer" not in html
    assert "needs 0.28 of 0.2" in html


def test_columns_are_named_in_the_words_of_the_field() -> None:
    """With their units, and of what each share is."""
    html = text(tables.vertical_table(data.vertical_rows()))
    for heading in (
        "p95 in steady state (95% interval)",
        "error rate (whole trial)",
        "throughput (requests/s)",
        "CPU used (cores)",
        "throttled periods",
    ):
        assert f">{heading}</th>" in html


def test_errors_of_the_ramp_up_are_told_apart() -> None:
    """An error rate of the whole trial is not that of its steady state."""
    row = dataclasses.replace(data.a_row(0.5, 300, error_rate=0.012), steady_error_rate=0.0)
    assert "1.2%<br><small" in text(tables.vertical_table([row]))
    assert ">0% in steady state<" in text(tables.vertical_table([row]))


def test_checks_table_says_what_to_do_only_where_a_check_tripped() -> None:
    """A check that is well needs no advice."""
    html = text(checks.checks_table(data.a_judgement()))
    assert "✓ fine" in html
    assert "✗ tripped" in html
    assert "use a quiet host" in html


def test_a_trial_s_own_page_has_only_its_tripped_or_noted_checks() -> None:
    """What is fine in all trials stands once, in the matrix."""
    doubtful, well = data.a_judgement(), judge(evidence())
    html = text(checks.tripped(doubtful))
    assert "✗ tripped" in html
    assert "✓" not in html
    said = text(checks.tripped(well))
    assert "No validity check tripped: 13 fine, 2 not measured." in said
    assert "<table" not in said


def test_the_matrix_has_a_line_a_check_and_a_column_a_trial() -> None:
    """With a sign and the figure seen in each cell, and the voided verdicts beside the check."""
    trials = [(given, judge(given)) for given in (evidence(), evidence(steal=0.03))]
    html = text(checks.matrix(trials))
    names = [check.name.replace("_", " ").replace("cpu", "CPU") for check in trials[0][1].checks]
    assert [name for name in names if f"{name}<br>" not in html] == []
    assert html.count('<th scope="col"') == 1 + len(trials)
    assert html.count('<th scope="row"') == len(names) == 15
    assert html.count("cores; voids a “fails”") == 1
    for sign, figure in (("✓", "1,000"), ("✓", "0.40"), ("✓", "0.0%"), ("✗", "3.0%")):
        assert f"{sign}&nbsp;{figure}</span>" in html


def test_the_matrix_has_no_line_for_what_no_trial_had():
    """A proxy, say: a zero in every column would only be in the way of what was measured."""
    usual = evidence()
    html = text(checks.matrix([(usual, judge(usual))]))
    assert [
        each for each in ("companions", "proxy", "nodes", "workers") if f"{each}<br>" in html
    ] == []
    behind_one = behind(evidence())
    html = text(checks.matrix([(given, judge(given)) for given in (usual, behind_one)]))
    line = html[html.index("proxy<br>") :].split("</tr>")[0]
    assert line.count("none used") == 1
    assert "0.10" in line


def test_the_matrix_says_of_a_check_that_voids_either_verdict_which_ones() -> None:
    """A slower CPU in one trial, a faster one in another."""
    speeds = ({"work_us": 375.0}, {"work_us": 250.0, "cpu_share": 0.9})
    given = [evidence(reference_us=300.0, **speed) for speed in speeds]
    html = text(checks.matrix([(each, judge(each)) for each in given]))
    assert ">times the work; voids a “fails” or a “holds”</small>" in html
    assert "Voids a “holds”. Repeat when the CPU is no faster" in html


def test_the_matrix_spells_out_what_tripped_with_its_advice_and_nothing_else() -> None:
    """So that fifteen checks of many trials can be read at a glance."""
    trials = [(given, judge(given)) for given in (evidence(), evidence(steal=0.03))]
    html = text(checks.matrix(trials))
    assert html.count("<li>") == 1
    spelled = html[html.index("<li>") :]
    assert "steal time:</strong> 3.0% of the host&#39;s CPU was stolen" in spelled
    assert "Voids a “fails”. Repeat at a quieter time" in spelled
    assert "<li>" not in text(checks.matrix(trials[:1]))


def test_the_matrix_has_no_figure_where_nothing_was_measured() -> None:
    """A trial stopped in its ramp-up did not use 0.00 cores."""
    stopped = evidence(ramp_up_ended_s=4.0, users_reached=400)
    html = text(checks.matrix([(stopped, judge(stopped))]))
    assert "0.00" not in html
    assert ">\N{EN DASH}</span>" in html
    assert "not measured (stopped at" in html


def test_a_cell_shows_what_was_measured_whatever_its_sentence_says() -> None:
    """Words and numbers of a sentence are nobody's state."""
    told = Check("own", True, "2 of 7 errors not reported by name", Reading("7", "errors"))
    silent = Check("other", True, "0 of the 3 counters told", None)
    judgement = dataclasses.replace(data.a_judgement(), checks=(told, silent))
    html = text(checks.matrix([(data.an_evidence(), judgement)]))
    assert ">✓&nbsp;7</span>" in html
    assert ">errors; voids nothing</small>" in html
    assert ">\N{EN DASH}</span>" in html


def test_log_table_gives_its_width_to_the_reasons() -> None:
    """On a narrow screen the numbers of the steps must not crowd out why they were taken."""
    html = text(tables.log_table([LogLine("0.2 CPU / 200 MiB", "it is forecast", "holds")]))
    assert '<th scope="row" class="step">1</th>' in html
    assert '<td class="prose">it is forecast</td>' in html


def test_effort_and_empty_tables() -> None:
    """Seconds are written as minutes; a table of nothing says so."""
    html = text(tables.effort_table({"trials_run": 12, "load_seconds": 700}))
    assert "trials run" in html
    assert "11 min 40 s" in html
    assert "none was skipped" in text(tables.skipped_table([]))
    assert "<tbody>" in text(tables.vertical_table([]))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.milliseconds(1720.4), "1,720 ms"),
        (formats.milliseconds(3.21), "3.2 ms"),
        (formats.milliseconds(math.inf), "no answer"),
        (formats.milliseconds(None), "not reported"),
        (formats.milliseconds(math.nan), "not reported"),
        (formats.share(0), "0%"),
        (formats.share(0.00001), "<0.01%"),
        (formats.share(0.0004), "0.04%"),
        (formats.share(1 - 0.95), "5%"),
        (formats.share(0.613), "61%"),
        (formats.share(1), "100%"),
        (formats.quantity(1000, "/s"), "1,000/s"),
        (formats.quantity(None, "MiB"), "not reported"),
        (formats.duration(45), "45 s"),
        (formats.duration(3900), "1 h 05 min"),
        (formats.cause("cpu_throttled"), "CPU throttled"),
        (formats.cause(CauseName.SCRIPT_RAISED), "users' script raised"),
        (formats.verdict(Verdict.FAILS, "queueing"), "fails: queueing"),
        (formats.verdict(Verdict.HOLDS, None), "holds"),
        (formats.listing(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_words(written: str, expected: str) -> None:
    """Each number reads as a person would write it."""
    assert written == expected
