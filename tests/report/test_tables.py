"""Tables are escaped, human and never carried by colour alone."""

import dataclasses
import math

import pytest

from loadtests.analysis import formats
from loadtests.analysis.evidence import Check, Skipped, Voids
from loadtests.question import Setting
from loadtests.report import tables
from loadtests.report.markup import badge
from loadtests.studies.manifest import LogLine
from loadtests.verdicts import Verdict
from tests.report import plot_data as data

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)>'


def text(fragment: object) -> str:
    """Return a fragment's markup with ordinary spaces."""
    return str(fragment.data).replace("\xa0", " ")  # type: ignore[attr-defined]


def test_vertical_table_writes_numbers_for_people() -> None:
    """Thousands are grouped, infinity is "no answer", None is "not reported"."""
    html = text(tables.vertical_table(data.vertical_rows()))
    for expected in ("1,720 ms", "no answer", "not reported", "0.04%", "out of memory", "372 to"):
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
        data.a_judgement(), checks=(Check(HOSTILE, False, HOSTILE, Voids.BOTH, HOSTILE),)
    )
    row = data.a_row(1, 500, 1, Verdict.FAILS, HOSTILE)
    for fragment in (
        tables.skipped_table([Skipped(Setting(4, 500), HOSTILE)], caption=HOSTILE),
        tables.checks_table(judgement),
        tables.vertical_table([row]),
        tables.effort_table({HOSTILE: 1.0}),
    ):
        html = text(fragment)
        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html


def test_checks_table_says_what_to_do_only_where_a_check_tripped() -> None:
    """A check that is well needs no advice."""
    html = text(tables.checks_table(data.a_judgement()))
    assert "✓ fine" in html
    assert "✗ tripped" in html
    assert "use a quiet host" in html


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
        (formats.cause("something_new"), "something new"),
        (formats.verdict(Verdict.FAILS, "queueing"), "fails: queueing"),
        (formats.verdict(Verdict.HOLDS, None), "holds"),
        (formats.listing(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_words(written: str, expected: str) -> None:
    """Each number reads as a person would write it."""
    assert written == expected
