"""Nothing that a run was told can put a script into its report."""

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from loadtests import record
from loadtests.jobs.notebooks import REPORT, export_report, run_notebook
from loadtests.studies.parameters import Parameters
from tests.browser import invented
from tests.evidence_log import log_case

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>[x](javascript:alert(3))`$$"


@pytest.fixture(scope="module")
def report() -> Iterator[BeautifulSoup]:
    """The report of a run whose image, host, outcomes, versions and refusals are hostile."""
    run = Parameters(run=f"test-{secrets.token_hex(4)}").folder
    try:
        invented.write_run(run)
        for path in (run / "parts").glob("*.json"):
            manifest = json.loads(path.read_text())
            manifest["target"]["image"] = HOSTILE
            for skipped in manifest["skipped"]:
                skipped["reason"] = HOSTILE
            path.write_text(json.dumps(manifest))
        for folder in (run / "trials").iterdir():
            _make_hostile(folder)
        run_notebook(REPORT, {"run": run.name}, run)
        yield BeautifulSoup(export_report(run, REPORT).read_text(), "html.parser")
    finally:
        shutil.rmtree(run, ignore_errors=True)


def _make_hostile(folder: Path) -> None:
    trial = json.loads((folder / record.TRIAL_JSON).read_text())
    trial["target"]["image"] = trial["image_digest"] = HOSTILE
    for name in ("name", "cpu_model", "kernel", "engine_version"):
        trial["host"][name] = HOSTILE
    trial["versions"] = {HOSTILE: HOSTILE}
    (folder / record.TRIAL_JSON).write_text(json.dumps(trial))
    requests = pd.read_csv(folder / record.REQUESTS_CSV)
    failed = ~requests["outcome"].isin([record.OK, record.IN_FLIGHT])
    requests.loc[failed, "outcome"] = HOSTILE
    requests["name"] = HOSTILE
    requests.to_csv(folder / record.REQUESTS_CSV, index=False)


def test_there_is_nothing_to_execute_in_it(report: BeautifulSoup) -> None:
    """No script, no handler, no address that is a program, no picture from elsewhere."""
    scripts = report.find_all("script")
    handlers = [tag.name for tag in report.find_all(True) for a in tag.attrs if a.startswith("on")]
    addresses = [
        str(tag[name])
        for name in ("href", "src")
        for tag in report.find_all(attrs={name: True})
        if not str(tag[name]).startswith(("#", "data:image/", "https://"))
    ]
    said = f"{len(scripts)} scripts, handlers in {handlers}, addresses {addresses}"
    right = not (scripts or handlers or addresses)
    log_case("security", "report", "scripts as image, host, outcome and reason", said, right)
    assert right, said


def test_it_shows_what_it_was_told_as_text(report: BeautifulSoup) -> None:
    """Escaped, not hidden: a reader sees the odd name of the image."""
    assert "<script>alert(1)</script>" in report.get_text()
