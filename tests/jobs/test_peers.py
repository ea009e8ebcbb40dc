"""What a run measured is kept with the project, and notebook 06 shows it."""

import pytest

from loadtests.jobs import peers
from loadtests.peers.measurement import Comparison, read_comparison, write_comparison
from loadtests.peers.service import SERVICE
from tests.peers.made import MACHINE, measured

README = "# A\n<!-- peers-service: written by make peers -->\nold\n<!-- /peers-service -->\n"


@pytest.fixture
def run(tmp_path):
    """A run that has measured two services, one of them with 10,000 connections."""
    ours, theirs = SERVICE.contenders[:2]
    figures = {figure.key: 2.0 for figure in SERVICE.figures}
    filled = {key: 4.0 for key in figures if not key.startswith("crowded")}
    made = [
        measured(number, name, **found)
        for number in (1, 2)
        for name, found in ((ours, figures), (theirs, filled))
    ]
    write_comparison(
        SERVICE.path(tmp_path / "run"),
        Comparison(MACHINE, measurements=tuple(made), absent={SERVICE.contenders[2]: "no wheel"}),
    )
    return tmp_path / "run"


def test_what_a_run_measured_is_kept_and_written_into_the_readme(run, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(README)
    peers.keep([SERVICE], run, tmp_path / "data", readme)
    assert read_comparison(SERVICE.path(tmp_path / "data")) == read_comparison(SERVICE.path(run))
    said = readme.read_text()
    assert f"| {SERVICE.contenders[1]} | 4.00 | 4.00 | 2.00x |" in said
    assert f"- {SERVICE.contenders[2]} was not measured: no wheel" in said


def test_a_readme_says_so_as_long_as_nothing_was_measured(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(README)
    peers.keep([SERVICE], tmp_path, tmp_path / "data", readme)
    assert "Not measured yet" in readme.read_text()


@pytest.mark.waits
def test_the_notebook_shows_a_comparison_as_one_file(run, tmp_path):
    page = peers.write_report(run, tmp_path / "report").read_text()
    assert f"{SERVICE.contenders[0]} 1.00x; {SERVICE.contenders[1]} 2.00x." in page
    assert "Measured on 2026-11-27 on 2 cores (a CPU), 2 rounds" in page
    assert "no wheel" in page


@pytest.mark.waits
def test_the_notebook_says_so_as_long_as_nothing_was_measured(tmp_path):
    page = peers.write_report(tmp_path, tmp_path / "report").read_text()
    assert "Not measured yet" in page
