"""A run to look at, and the browser to look at it with."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.studies.parameters import Parameters
from tests.browser import invented


@pytest.fixture(scope="module")
def run() -> Iterator[Path]:
    """An invented run of its own name beside the real ones, gone afterwards."""
    folder = Parameters(run=f"test-{secrets.token_hex(4)}").folder
    try:
        invented.write_run(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
