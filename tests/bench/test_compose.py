"""What Compose says of a file is taken; what it refuses is told in its own last line."""

import subprocess

import pytest

from loadtests.bench import compose
from loadtests.errors import EngineError, QuestionError


@pytest.fixture
def programs(monkeypatch):
    """Which programs there are, whether docker has the plugin, and what Compose answers."""
    told = {"there": ("docker", "docker-compose"), "plugin": False, "done": (0, "", "")}
    monkeypatch.setattr(
        compose.shutil, "which", lambda name: name if name in told["there"] else None
    )

    def run(command, **_how):
        if command == ["docker", "compose", "version"]:
            return subprocess.CompletedProcess(command, 0 if told["plugin"] else 1)
        told["asked"] = command
        return subprocess.CompletedProcess(command, *told["done"])

    monkeypatch.setattr(compose.subprocess, "run", run)
    return told


def test_the_plugin_goes_before_the_older_program(programs):
    programs["plugin"] = True
    assert compose.compose_command() == ["docker", "compose"]


def test_the_older_program_keeps_the_limits_under_deploy(programs):
    assert compose.compose_command() == ["docker-compose", "--compatibility"]


def test_without_compose_it_is_said_what_to_install(programs):
    programs["there"] = ("docker",)
    with pytest.raises(EngineError, match="install the docker compose plugin"):
        compose.compose_command()


def test_a_file_that_is_not_there_is_named(programs, tmp_path):
    with pytest.raises(QuestionError, match="there is no such file"):
        compose.resolved(tmp_path / "none.yaml")


def test_a_file_that_compose_refuses_is_told_with_its_last_line(programs, tmp_path):
    file = tmp_path / "shop.yaml"
    file.touch()
    programs["done"] = (1, "", "WARNING: x\nERROR: Couldn't find env file: shop.env\n\n")
    with pytest.raises(QuestionError) as refused:
        compose.resolved(file)
    assert str(refused.value) == (
        "Compose refuses shop.yaml: ERROR: Couldn't find env file: shop.env"
    )


def test_a_file_is_read_as_written(programs, tmp_path):
    """With --compatibility limits would be rewritten twice."""
    file = tmp_path / "shop.yaml"
    file.touch()
    programs["done"] = (0, "services: {api: {image: shop}}", "")
    assert compose.resolved(file) == {"services": {"api": {"image": "shop"}}}
    assert programs["asked"] == ["docker-compose", "-f", str(file), "config"]


def test_why_services_could_not_be_started_is_told(programs):
    programs["done"] = (1, "", "Creating db\nERROR: for db  no space left on device\n")
    assert compose.start_services("trial", "services: {}", ["db"]) == (
        "ERROR: for db  no space left on device"
    )
    programs["done"] = (0, "", "Creating db ... done")
    assert compose.start_services("trial", "services: {}", ["db"]) is None
