"""What several tests of studies begin with."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from loadtests.bench.preflight import Grants
from loadtests.bench.store import Store
from loadtests.studies import measure, parameters, trial_runner
from loadtests.studies.experiment import Experiment
from loadtests.studies.progress import PlainProgress
from tests.analysis.open_load import open_evidence
from tests.analysis.records import HOST, QUESTION, evidence, write
from tests.bench.idle import idle_bench
from tests.studies.test_study import SCALE_OUT, TARGET, VERTICAL, write_table


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """What `run` is a copy of, since it is quicker copied than written."""
    folder = tmp_path_factory.mktemp("recorded")
    write_table(folder, "vertical", VERTICAL)
    write_table(folder, "scale_out", SCALE_OUT)
    return folder


@pytest.fixture
def run(recorded, tmp_path, monkeypatch):
    """A run whose answer is 1 CPU / 300 MiB, and nothing measured beyond it."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path)
    return shutil.copytree(recorded, tmp_path / "mine")


@pytest.fixture
def engine(run, monkeypatch):
    """An engine that grants cpusets and so many files, whose trials come out as `comes` says."""
    told = SimpleNamespace(
        info={"CPUSet": True, "CpuCfsQuota": True}, descriptors=None, comes={}, asked=[]
    )
    nothing = SimpleNamespace(list=lambda **_: [])
    client = SimpleNamespace(
        info=lambda: told.info, **dict.fromkeys(("containers", "networks", "volumes"), nothing)
    )

    class Idle(Experiment):
        def __init__(self, asked, client, progress):
            self.run, self.prices, self.progress = asked.folder, asked.prices, progress
            self.asked = asked
            self.grants = Grants(HOST, told.descriptors, 100_000)
            self.bench = idle_bench(
                run, client=client, question=QUESTION, target=TARGET, store=Store(run)
            )

    def run_trial(bench, setting, repeat, _on_tick):
        told.asked.append((bench, setting))
        if isinstance(told.comes, Exception):
            raise told.comes
        key, is_open = bench.key(setting, repeat), bench.question.workload.is_open
        seen = (open_evidence if is_open else evidence)(
            question=bench.question, setting=setting, key=key, **told.comes
        )
        seen = replace(seen, trial=replace(seen.trial, cpusets=bench.cpusets(setting)))
        return write(seen, bench.store.folder(key))

    monkeypatch.setattr(measure, "ensure_engine", lambda _note: client)
    monkeypatch.setattr(measure, "live_progress", PlainProgress)
    monkeypatch.setattr(measure, "Experiment", Idle)
    monkeypatch.setattr(trial_runner, "run_trial", run_trial)
    return told
