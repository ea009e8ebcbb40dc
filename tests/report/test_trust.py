"""The page of what was put in and what was said: nothing wrong is hidden in it."""

import json
import re
from pathlib import Path

from loadtests.analysis.aa_comparison import agreement
from loadtests.analysis.validity import CHECKS
from loadtests.jobs.aa_trials import QUESTION, SETTING
from loadtests.jobs.trust import render
from loadtests.report.mended import MENDED
from loadtests.report.same_twice import SameTwice
from loadtests.report.trust import Case, page, purpose, read_cases
from tests.analysis.test_aa_comparison import pair
from tests.evidence_log import log_case

RIGHT = Case("truth", "sleep", "700 ms | of sleep", "fails: slow", True)
WRONG = Case("check", "users", "ten users never came", "", False)
TESTS = Path(__file__).parents[1]


def test_a_case_is_written_and_read_back(tmp_path, monkeypatch):
    """By tests, when a folder is named."""
    monkeypatch.setenv("TRUST_LOG", str(tmp_path / "log"))
    log_case("truth", "sleep", "700 ms | of sleep", "fails: slow", True)
    log_case("check", "users", "ten users never came", "", False)
    log_case("mended", "wheels", "arm64", "aarch64", True, before="x86_64")
    mended = Case("mended", "wheels", "arm64", "aarch64", True, "x86_64")
    assert read_cases(tmp_path / "log") == [WRONG, mended, RIGHT]


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    """An ordinary run of the tests leaves nothing behind."""
    monkeypatch.delenv("TRUST_LOG", raising=False)
    monkeypatch.chdir(tmp_path)
    log_case("truth", "sleep", "", "", True)
    assert list(tmp_path.iterdir()) == []


def test_the_page_counts_what_is_wrong_and_names_it():
    """At the top, under its title and in its row; a stroke in a text does not break the table."""
    text = page([RIGHT, WRONG], None, "Last run: today.")
    assert "| Services whose truth is known | 1 | 0 |" in text
    assert "| Each validity check, tripped on purpose | 0 | 1 |" in text
    assert "**0 of 1 right.** Wrong: users." in text
    assert "| ten users never came | nothing | **wrong** |" in text
    assert "700 ms \\| of sleep" in text


def test_what_was_mended_is_told_in_its_order_with_what_was_said_before():
    last, first = (
        Case("mended", name, "put in", "now", True, "before") for name in (MENDED[5], MENDED[0])
    )
    text = page([last, first], None, "")
    assert "| case | put in | said before | said now | right |" in text
    rows = [f"| {name} | put in | before | now | right |" for name in (MENDED[0], MENDED[5])]
    assert "\n".join(rows) in text


def test_what_was_mended_and_is_not_shown_by_a_run_is_named():
    """A test that was renamed or skipped must not leave a silent gap."""
    shown = [Case("mended", name, "", "", True, "") for name in MENDED[:-2]]
    assert f"**Not shown by this run:** {MENDED[-2]} and {MENDED[-1]}." in page(shown, None, "")
    every = [Case("mended", name, "", "", True, "") for name in MENDED]
    assert "Not shown" not in page(every, None, "")


def test_every_mended_word_is_logged_by_a_test_and_no_other():
    """By its name, beside what was said before."""
    logging = "".join(
        path.read_text() for path in TESTS.rglob("test_*.py") if path != Path(__file__)
    )
    assert [name for name in MENDED if f'"{name}"' not in logging] == []
    named = re.findall(r'log_case\(\s*"mended",\s*"([^"]+)"', logging)
    assert set(named) <= set(MENDED)


def test_the_page_says_what_equals_came_to():
    """Counts, what chance explains, the noise floor, and the figure."""
    same = agreement([pair(100.0, 110.0, differs=True)] * 20)
    text = page([], SameTwice(SETTING, QUESTION, same, 2), "")
    assert "| p95, by the requests of both | 20 of 20 | **no** |" in text
    assert "| share of slow requests, by the requests of both | 0 of 20 | yes |" in text
    assert "up to 3 of 20" in text
    assert "9.5% in the median" in text
    assert "invalid: 2 pairs" in text
    assert "(aa.png)" in text


def test_the_page_says_under_which_conditions_equals_were_measured_and_claims_no_more():
    """A setting at ease says nothing of the edge, where trials vary most."""
    same = agreement([pair(10.0, 11.0)] * 20)
    text = page([], SameTwice(SETTING, QUESTION, same, 1), "")
    assert "Measured with 0.5 CPU / 300 MiB under 500 users, 6 s of steady state a trial." in text
    assert "The highest p95 was 11 ms, where the SLO allows 500 ms." in text
    assert "Nothing is claimed about settings nearer to the edge" in text
    assert "Under these conditions a smaller difference" in text
    assert "invalid: 1 pair." in text


def test_every_check_says_what_it_is_for():
    """The first sentence of its function; the page has no other words for it."""
    for name in CHECKS:
        assert purpose(name).startswith("Check that "), name


def test_a_page_is_written_from_what_a_run_left(tmp_path):
    """Without a comparison of equals too; a wrong case is no success."""
    (tmp_path / "truth.jsonl").write_text(json.dumps(vars(RIGHT)) + "\n")
    assert render(tmp_path, tmp_path / "docs", "")
    (tmp_path / "check.jsonl").write_text(json.dumps(vars(WRONG)) + "\n")
    assert not render(tmp_path, tmp_path / "docs", "")
    assert "# Can the verdicts be trusted?" in (tmp_path / "docs" / "trust.md").read_text()
