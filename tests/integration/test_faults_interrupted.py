"""Runs that are interrupted or killed, at every stage of a trial."""

import signal
import subprocess
import sys

import pytest

from loadtests.bench.store import Store
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import ROOT
from tests.evidence_log import log_case
from tests.integration.benches import containers_of
from tests.integration.faults import EARLIER, nothing_else_changes
from tests.integration.interrupted_run import ASKED
from tests.integration.measuring import Printed
from tests.running import GIVE_UP_S

pytestmark = pytest.mark.docker

# Each with what there is of the trial's containers by then.
STAGES = {
    "create": ["api-1"],
    "ramp-up": ["api-1", "api-2", "locust"],
    "steady state": ["api-1", "api-2", "locust"],
    "collect": ["api-1", "api-2", "locust"],
}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    """The store of the run that is to be interrupted."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    return Store(ASKED.folder)


def signalled(store: Store, stage: str, how: signal.Signals) -> tuple[int, str]:
    """Start a run, signal it when it has come to a stage; return its exit code and last words."""
    runs = store.root.parent
    # As a shell starts what it puts into the background: the interrupt is ignored by inheritance.
    background = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    run = [sys.executable, "-m", "tests.integration.interrupted_run", str(runs), stage]
    with subprocess.Popen(
        [*background, *run], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if line == f"{stage}\n":
                break
        process.send_signal(how)
        _, words = process.communicate(timeout=GIVE_UP_S)
    assert seen[-1:] == [f"{stage}\n"], f"{seen}{words}"
    return process.returncode, words.strip().splitlines()[-1] if words.strip() else ""


def kept(store: Store) -> list[str]:
    """Return the names of all trials in a store, half-written ones too."""
    return [path.name for path in store.trials.iterdir()]


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_run_says_so_and_leaves_nothing(client, api_image, store, stage):
    """Control-C: its containers go with it, what was half measured is not kept."""
    with nothing_else_changes(client, store, api_image):
        code, words = signalled(store, stage, signal.SIGINT)
        assert kept(store) == [EARLIER.key[:16]]
    right = code != 0 and words == "KeyboardInterrupt"
    said = f"exit {code}: {words}"
    log_case("fault", "interrupted run", f"SIGINT at {stage}", said, right)
    if stage == "create":
        what, before = "SIGINT to a run in the background of a shell", "nothing: it went on"
        log_case("mended", "interrupt in the background", what, said, right, before)
    assert right, f"{code}: {words}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_run_is_cleared_up_by_the_next_one(client, api_image, store, stage):
    """It can say nothing itself; the next run names what it removes, and removes just that."""
    notes: list[str] = []
    progress = Printed()
    progress.note = notes.append  # type: ignore[method-assign]
    with nothing_else_changes(client, store, api_image):
        code, _ = signalled(store, stage, signal.SIGKILL)
        left = sorted(str(container.name) for container in containers_of(client, store))
        Experiment(ASKED, client, progress).table("nothing", [])  # refused if a lock were left
        assert kept(store) == [EARLIER.key[:16]]
    assert [name.split("-", 3)[-1] for name in left] == STAGES[stage]
    told = [note.split(": ")[1] for note in notes if note.startswith("Removed what an ended run")]
    said = f"left {len(left)} containers; next run: {notes}"
    right = code == -signal.SIGKILL and sorted(told[0].split(", ")) == left
    log_case("fault", "killed run", f"SIGKILL at {stage}", said, right)
    assert right, said
