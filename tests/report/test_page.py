"""The exported page: no code, no script, nothing from outside, pictures described."""

import re
from io import BytesIO
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from nbconvert import HTMLExporter
from PIL import Image

from loadtests.question import SLO
from loadtests.report import page, tables
from loadtests.report.markup import Fragment
from loadtests.report.plots.plane import plane_figure, plane_figure_alt
from loadtests.verdicts import Verdict
from tests.report import plot_data as data

HOSTILE = '"><script>alert(1)</script>'


def _shown(fragment: Fragment) -> nbformat.NotebookNode:
    return nbformat.v4.new_output(
        "display_data", {"text/html": fragment.data, "text/plain": "<Fragment>"}
    )


def _sample() -> nbformat.NotebookNode:
    new = nbformat.v4
    rows = data.vertical_rows()
    figure = plane_figure(rows, rows[3], SLO())
    card = page.answer_card(
        "0.6 CPU and 256 MiB hold.",
        Verdict.HOLDS,
        {"p95": "38 ms"},
        "Supported by 3 trials.",
        {"users": "10,000"},
        {"Limits": ["One machine."]},
    )
    cells = [
        new.new_markdown_cell("# How little holds?\n\nProse."),
        new.new_code_cell(
            "SECRET = 1",
            outputs=[
                _shown(card),
                _shown(page.figure_html(figure, plane_figure_alt(rows, rows[3], SLO()))),
                _shown(page.details("All settings", tables.vertical_table(rows))),
                new.new_output("stream", name="stdout", text="trial 1 of 14 <b>\n"),
                new.new_output("display_data", {"application/javascript": "alert(1)"}),
                new.new_output("error", ename="ValueError", evalue="<i>", traceback=["<u>"]),
                new.new_output("execute_result", {"text/plain": "'<s>'"}),
            ],
        ),
        new.new_code_cell("HIDDEN = 2"),
    ]
    return new.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def html() -> str:
    """Return the sample notebook, exported as the report is."""
    exporter = HTMLExporter(
        template_name=page.TEMPLATE_NAME, extra_template_basedirs=[str(page.TEMPLATE_BASEDIR)]
    )
    return str(exporter.from_notebook_node(_sample(), {"metadata": {"name": "A <b> report"}})[0])


def test_page_reaches_for_nothing_outside(html: str) -> None:
    """Opened without a network the page is whole."""
    assert "http://" not in html
    assert "https://" not in html
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html) == []
    assert "url(" not in html
    assert "@import" not in html


def test_page_has_no_script_and_forbids_any(html: str) -> None:
    """A strict policy stands in the head, and nothing in the page needs it."""
    soup = BeautifulSoup(html, "html.parser")
    assert soup.find_all(["script", "iframe", "object", "embed", "link", "form"]) == []
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert "default-src 'none'" in str(policy)
    assert "script-src" not in str(policy)
    assert [t for t in soup.find_all() if any(a.startswith("on") for a in t.attrs)] == []


def test_page_is_a_whole_document(html: str) -> None:
    """Language, character set, viewport and title are given, and tags are balanced."""
    soup = BeautifulSoup(html, "html.parser")
    assert html.startswith("<!DOCTYPE html>")
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    assert soup.find("meta", {"charset": "utf-8"})
    assert soup.find("meta", {"name": "viewport"})
    assert soup.title is not None
    assert soup.title.text == "A <b> report"
    assert [len(soup.find_all(tag)) for tag in ("html", "head", "body", "main")] == [1, 1, 1, 1]


def test_page_hides_code_and_folds_what_was_printed(html: str) -> None:
    """A reader sees findings; progress lies under a summary line; failures stay visible."""
    soup = BeautifulSoup(html, "html.parser")
    assert "SECRET" not in html
    assert "HIDDEN" not in html
    folded = [d.text for d in soup.find_all("details", class_="log")]
    assert "trial 1 of 14 <b>" in folded[0]
    failure = soup.find(class_="failure")
    assert failure is not None
    assert "This step failed." in failure.text
    assert soup.find_all(["i", "u", "s"]) == []


def test_pictures_are_inline_and_described(html: str) -> None:
    """Every picture carries its data and says in words what it shows."""
    pictures = BeautifulSoup(html, "html.parser").find_all("img")
    assert len(pictures) == 1
    assert str(pictures[0]["src"]).startswith("data:image/png;base64,iVBOR")
    assert "The least that holds: 0.6 CPU / 256 MiB" in str(pictures[0]["alt"])


def test_parts_escape_text_and_keep_fragments() -> None:
    """Text is escaped everywhere; only a Fragment is taken as markup."""
    card = page.answer_card(
        HOSTILE, None, {HOSTILE: HOSTILE}, HOSTILE, {HOSTILE: HOSTILE}, {HOSTILE: [HOSTILE]}
    )
    for part in (card, page.details(HOSTILE, HOSTILE)):
        assert "<script" not in str(part.data)
    inner = tables.skipped_table(data.skipped_settings())
    assert str(inner.data) in str(page.details("more", inner).data)


def test_alternative_text_cannot_leave_its_attribute() -> None:
    """A quote in an image's name ends no attribute."""
    figure = plane_figure([], None, SLO())
    parsed = BeautifulSoup(str(page.figure_html(figure, HOSTILE).data), "html.parser")
    assert parsed.img is not None
    assert parsed.img["alt"] == HOSTILE
    assert parsed.find("script") is None


def test_stylesheet_is_the_one_of_the_report() -> None:
    """Notebooks in JupyterLab and the report share one look."""
    folder = Path(page.TEMPLATE_BASEDIR) / page.TEMPLATE_NAME
    assert (folder / "parts.css").read_text(encoding="utf-8") in str(page.stylesheet().data)


@pytest.mark.parametrize("tenths", range(50, 121))
def test_a_figure_of_any_width_stands_upright(tenths: int) -> None:
    """Rows of one dot more or less than were drawn would shear it."""
    figure = Figure(figsize=(tenths / 10, 0.5))
    figure.add_artist(Line2D([0.5, 0.5], [0, 1], color="black"))
    drawn = np.asarray(Image.open(BytesIO(page.png(figure))).convert("L"))
    dark = np.argmin(drawn, axis=1)
    assert np.ptp(dark) == 0
    assert abs(dark[0] - drawn.shape[1] / 2) < 3
