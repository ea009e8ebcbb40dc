"""Trials drawn one by one: all of them, or of very many those that tell the most."""

import pytest

from loadtests.analysis.judge import judge
from loadtests.question import Setting
from loadtests.report import trial_pages
from loadtests.report.markup import raw
from tests.analysis.records import evidence, steady_ms

P95_MS = (5.0, 300.0, 450.0, 20.0)
FAR = Setting(0.1, 300)


@pytest.fixture
def trials(monkeypatch):
    """Trials of four settings, of which two have room; their figures are left out."""
    monkeypatch.setattr(trial_pages, "MOST", 2)
    monkeypatch.setattr(trial_pages.figures, "trial_page", lambda *_: raw("<img>"))
    found = [
        evidence(setting=Setting(n / 10, 300), key=f"{n}", latency=steady_ms(ms))
        for n, ms in enumerate(P95_MS, 1)
    ]
    return [(each, judge(each)) for each in found]


def drawn(trials, first=()):
    """Return the summaries of the pages, and what is said of the rest."""
    html = str(trial_pages.pages(trials, first).data)
    names = [part.split("</summary>")[0] for part in html.split("<summary>")[1:]]
    return names, html.rpartition("</details>")[2]


def test_where_there_is_room_every_trial_is_drawn_and_nothing_is_said(trials):
    names, said = drawn(trials[:2])
    assert names == ["0.1 CPU / 300 MiB: holds", "0.2 CPU / 300 MiB: fails"]
    assert said == ""


def test_of_too_many_those_at_the_edge_are_drawn_and_it_is_told_how_to_see_the_others(trials):
    names, said = drawn(trials)
    assert [name.partition(" CPU")[0] for name in names] == ["0.2", "0.3"]
    for told in ("2 of 4 trials", "make trials", "02_measure_setting"):
        assert told in said


def test_what_is_recommended_is_drawn_before_what_is_near(trials):
    names, _ = drawn(trials, [FAR])
    assert [name.partition(" CPU")[0] for name in names] == ["0.1", "0.2"]


def test_without_any_trial_nothing_is_drawn():
    assert str(trial_pages.pages([]).data) == ""
