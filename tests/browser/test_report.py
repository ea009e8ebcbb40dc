"""The report in a browser without a network: the answer first, figures, details, a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from loadtests.analysis.answer import ANSWER
from loadtests.jobs.notebooks import REPORT, export_report, run_notebook
from loadtests.report.quota import CAPTION
from loadtests.studies.study_report import HEADLINE
from tests.browser.chromium import Complaints, chromium, open_page
from tests.browser.invented import LEAST, TOO_LARGE
from tests.running import PROJECT

pytestmark = pytest.mark.browser

PHONE_PX = 420
DESK_PX = 1280


@pytest.fixture(scope="module")
def report(run: Path) -> Path:
    """The report of an invented run, made as the batch makes it."""
    run_notebook(REPORT, {"run": run.name}, run)
    return export_report(run, REPORT)


@pytest.fixture(scope="module")
def browser(report: Path) -> Iterator[Browser]:
    """A Chromium, started once the report is there."""
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[DESK_PX, PHONE_PX], ids=["on a desk", "on a phone"])
def opened(
    request: pytest.FixtureRequest, report: Path, browser: Browser
) -> Iterator[tuple[Page, Complaints]]:
    """The report opened from its file; whatever it asks of a network is cut off."""
    page = open_page(browser, request.param)
    heard = Complaints.of(page, report.as_uri())
    page.context.route("**/*", _only_files)
    page.goto(report.as_uri())
    yield page, heard
    page.context.close()


def _only_files(route: Route) -> None:
    if route.request.url.startswith(("file:", "data:")):
        route.continue_()
    else:
        route.abort()


def test_the_report_leaves_the_answer_and_its_figure_beside_the_trials(report: Path) -> None:
    assert (report.parent / ANSWER).exists()
    assert (report.parent / HEADLINE).read_bytes().startswith(b"\x89PNG")


def test_the_answer_is_the_first_thing_a_reader_sees(opened: tuple[Page, Complaints]) -> None:
    """Under the title, without scrolling, before any figure."""
    page, _ = opened
    card = page.get_by_role("region", name="The question and the answer")
    expect(card).to_contain_text(f"{LEAST.label} is the least measured setting that holds 400")
    expect(card).to_contain_text("holds")
    expect(card.locator(".answer-sentence")).to_be_in_viewport()
    assert page.evaluate(
        """() => document.querySelector('.answer-card').compareDocumentPosition(
             document.querySelector('img')) & Node.DOCUMENT_POSITION_FOLLOWING"""
    )


def test_every_figure_is_drawn_and_says_in_words_what_it_shows(
    opened: tuple[Page, Complaints],
) -> None:
    """Decoded pictures, each with an alternative text of its own."""
    page, _ = opened
    pictures = page.locator("img")
    widths = pictures.evaluate_all(
        "all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth)))"
    )
    descriptions = pictures.evaluate_all("all => all.map(i => i.alt)")
    assert len(widths) >= 4
    assert all(width > 0 for width in widths)
    assert all(len(text) > 40 for text in descriptions)
    assert len(set(descriptions)) == len(descriptions)


def test_details_unfold_on_a_click_and_fold_again(opened: tuple[Page, Complaints]) -> None:
    """Each trial lies under its setting and verdict, with its charts and what was doubtful."""
    page, _ = opened
    trial = page.locator("details.more").filter(has_text=LEAST.label).first
    chart = trial.locator("img")
    expect(chart).to_be_hidden()
    trial.locator("summary").click()
    expect(chart).to_be_visible()
    expect(trial.get_by_text("No validity check tripped")).to_be_visible()
    trial.locator("summary").click()
    expect(chart).to_be_hidden()


def test_a_setting_that_was_not_measured_is_listed_with_the_reason(
    opened: tuple[Page, Complaints],
) -> None:
    """Nothing that was asked for is left out in silence."""
    page, _ = opened
    expect(page.get_by_text(TOO_LARGE.reason)).to_be_visible()


def test_what_the_quota_costs_is_told_beside_the_same_cores_without(
    opened: tuple[Page, Complaints],
) -> None:
    """In a section of its own, near the answer."""
    page, _ = opened
    expect(page.get_by_role("heading", name="What the quota costs")).to_be_visible()
    table = page.get_by_role("table", name=CAPTION)
    expect(table).to_contain_text("there is no quota")
    expect(table).to_contain_text("1 and 0")


def test_the_page_asks_for_nothing_and_complains_of_nothing(
    opened: tuple[Page, Complaints],
) -> None:
    """With all details open as well."""
    page, heard = opened
    for summary in page.locator("details > summary").all():
        summary.click()
    page.wait_for_load_state("networkidle")
    assert heard == Complaints()


def test_nothing_sticks_out_of_the_page_sideways(opened: tuple[Page, Complaints]) -> None:
    """Wide tables and figures scroll by themselves; the page does not."""
    page, _ = opened
    for summary in page.locator("details > summary").all():
        summary.click()
    wide, seen = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= seen


def test_the_page_is_read_with_the_keyboard(opened: tuple[Page, Complaints]) -> None:
    """A detail takes the focus and opens on Enter, as what scrolls takes it too."""
    page, _ = opened
    detail = page.locator("details.more").first
    detail.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(detail).to_have_attribute("open", "")
    assert page.locator(".table-scroll:not([tabindex='0'])").count() == 0


def test_nothing_of_the_code_is_shown(opened: tuple[Page, Complaints]) -> None:
    """A reader sees findings, not the calls that made them, and no step that failed."""
    page, _ = opened
    expect(page.get_by_text("read_study")).to_have_count(0)
    expect(page.locator(".failure")).to_have_count(0)


def test_nothing_of_the_machine_is_told(report: Path) -> None:
    """It is shared: where this project lies on a disk is nobody's business."""
    text = report.read_text()
    assert [place for place in (f"{PROJECT}", f"{Path.home()}/") if place in text] == []
