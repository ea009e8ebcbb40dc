"""What several tests of studies begin with."""

import pytest

from loadtests.studies import parameters
from tests.studies.test_study import SCALE_OUT, VERTICAL, write_table


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run whose answer is 1 CPU / 300 MiB, and nothing measured beyond it."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    folder = tmp_path / "mine"
    write_table(folder, "vertical", VERTICAL)
    write_table(folder, "scale_out", SCALE_OUT)
    return folder
