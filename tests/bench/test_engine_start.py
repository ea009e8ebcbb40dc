"""An engine that was killed leaves a pid file with which a new one would not start."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from loadtests.bench import engine_start
from loadtests.errors import EngineError

SILENT = EngineError("no container engine answers")


@pytest.fixture
def pid_file(tmp_path, monkeypatch):
    """Where an engine writes its pid."""
    path = tmp_path / "docker.pid"
    monkeypatch.setattr(engine_start, "PID_FILE", path)
    return path


@pytest.fixture
def running_engine(tmp_path):
    """A process that is called as an engine is."""
    (tmp_path / "dockerd").symlink_to("/bin/sleep")
    with subprocess.Popen([tmp_path / "dockerd", "600"]) as process:
        name = Path(f"/proc/{process.pid}/comm")
        while name.read_text().strip() != "dockerd":  # the kernel names it a moment after it began
            time.sleep(0.01)
        yield process
        process.kill()


def ended_pid() -> int:
    """Return the pid of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def test_the_pid_file_of_an_engine_that_is_gone_is_removed(pid_file):
    pid_file.write_text(f"{ended_pid()}\n")
    engine_start._remove_stale_pid_file()
    assert not pid_file.exists()


def test_a_pid_that_another_program_has_meanwhile_is_stale_too(pid_file):
    pid_file.write_text(str(os.getpid()))
    engine_start._remove_stale_pid_file()
    assert not pid_file.exists()


def test_the_pid_file_of_a_running_engine_is_left(pid_file, running_engine):
    pid_file.write_text(str(running_engine.pid))
    engine_start._remove_stale_pid_file()
    assert pid_file.exists()


@pytest.mark.parametrize("text", ["", "not a pid"])
def test_a_file_that_is_no_pid_file_is_left(pid_file, text):
    pid_file.write_text(text)
    engine_start._remove_stale_pid_file()
    assert pid_file.exists()


def test_no_pid_file_is_nothing_to_do(pid_file):
    engine_start._remove_stale_pid_file()
    assert not pid_file.exists()


@pytest.fixture
def machine(monkeypatch):
    """A machine on which nothing is installed or started for real; what was done is noted."""

    class Machine:
        address = engine_start.DEFAULT_ADDRESS
        root = True
        dockerd: str | None = "/usr/bin/dockerd"
        answers: tuple[object, ...] = ()

        def __init__(self):
            self.done = []
            self._answers = None

        def connect(self):
            self._answers = self._answers or iter(self.answers)
            answer = next(self._answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

    fake = Machine()
    monkeypatch.setattr(engine_start, "connect", fake.connect)
    monkeypatch.setattr(engine_start, "engine_address", lambda: fake.address)
    monkeypatch.setattr(engine_start, "is_debian_root", lambda: fake.root)
    monkeypatch.setattr(engine_start.shutil, "which", lambda _name: fake.dockerd)
    monkeypatch.setattr(engine_start, "install", lambda *names: fake.done.append(names))
    monkeypatch.setattr(engine_start, "_start", lambda: fake.done.append("start"))
    return fake


def test_an_engine_that_answers_is_taken_as_it_is(machine):
    machine.answers = ("client",)
    assert engine_start.ensure_engine(machine.done.append) == "client"
    assert machine.done == []


def test_an_engine_that_is_not_running_is_started(machine):
    machine.answers = (SILENT, SILENT, "client")
    assert engine_start.ensure_engine(machine.done.append) == "client"
    assert machine.done == ["Starting the Docker engine", "start"]


def test_an_engine_that_is_missing_is_installed_and_that_is_told(machine):
    machine.answers, machine.dockerd = (SILENT, "client"), None
    engine_start.ensure_engine(machine.done.append)
    assert machine.done[1] == ("docker.io",)
    assert "installing" in machine.done[0]


@pytest.mark.parametrize(
    ("address", "root", "what"),
    [
        ("tcp://10.0.0.9:2375", True, "an engine elsewhere is not ours to start"),
        (engine_start.DEFAULT_ADDRESS, False, "not root on Debian or Ubuntu"),
    ],
)
def test_where_nothing_may_be_started_the_reason_is_passed_on(machine, address, root, what):
    machine.answers, machine.address, machine.root = (SILENT,), address, root
    with pytest.raises(EngineError, match="no container engine answers"):
        engine_start.ensure_engine(machine.done.append)
    assert machine.done == [], what


def test_an_engine_that_never_answers_is_given_up_with_its_log(machine, monkeypatch, tmp_path):
    log = tmp_path / "dockerd.log"
    log.write_text("failed to start daemon\n")
    monkeypatch.setattr(engine_start, "LOG_FILE", log)
    monkeypatch.setattr(engine_start, "START_LIMIT_S", -1.0)
    machine.answers = (SILENT, SILENT)
    with pytest.raises(EngineError, match=f"its log is {log}"):
        engine_start.ensure_engine(machine.done.append)


def test_the_places_are_those_of_a_real_engine():
    assert Path("/var/run/docker.pid") == engine_start.PID_FILE
