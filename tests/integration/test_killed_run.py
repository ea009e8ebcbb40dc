"""A run that was killed leaves containers, and the next one removes exactly those."""

import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest
from docker.models.containers import Container

from loadtests import parameters
from loadtests.bench.containers import Names
from loadtests.bench.store import Store
from loadtests.experiment import Experiment
from loadtests.parameters import ROOT
from loadtests.question import Setting
from tests.integration.benches import containers_of
from tests.integration.measuring import LONG, Printed

pytestmark = pytest.mark.docker

TOO_MUCH = Setting(4096, 300)  # skipped: the run begins and measures nothing


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A folder of runs of this test."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    return tmp_path


@pytest.fixture
def neighbour(client, api_image) -> Iterator[Container]:
    """A container of another clone's run, at the same trial."""
    names = Names(secrets.token_hex(8), secrets.token_hex(32))
    container = client.containers.create(
        api_image, name=names.container("api-1"), labels=names.labels
    )
    yield container
    container.remove(force=True)


@pytest.fixture
def killed(runs, client, generator_image, api_image) -> Iterator[Store]:
    """The store of a run that was killed, without warning, in the middle of a trial."""
    command = [sys.executable, "-m", "tests.integration.measuring", str(runs)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "hold\n":
                break
        process.kill()
    store = Store(LONG.folder)
    yield store
    for container in containers_of(client, store):
        container.remove(force=True)


def test_the_next_run_removes_what_a_killed_one_left_and_nothing_else(killed, client, neighbour):
    left = sorted(str(container.name) for container in containers_of(client, killed))
    assert [name.rsplit("-", 2)[-1] for name in left] == ["1", "locust"]
    notes: list[str] = []
    progress = Printed()
    progress.note = notes.append  # type: ignore[method-assign]
    Experiment(LONG, client, progress).table("vertical", [TOO_MUCH])
    assert containers_of(client, killed) == []
    (told,) = (note for note in notes if note.startswith("Removed what an ended run left: "))
    assert sorted(told.split(": ")[1].split(", ")) == left
    neighbour.reload()
    assert neighbour.status == "created"


def test_a_killed_run_leaves_no_trial_and_no_lock(killed):
    assert killed.keys() == []
    with killed.writing():
        assert list(killed.trials.iterdir()) == []
