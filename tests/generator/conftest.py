"""A server to ask, and programs to ask it with, each in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.generator.running import FAST, GIVE_UP_S, PROJECT, begin

Program = Callable[..., Any]


def command(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one of the programs."""
    return [sys.executable, "-m", f"tests.generator.programs.{name}", *map(str, arguments)]


@pytest.fixture(scope="session")
def program() -> Program:
    """Run a program to its end and return what its last line says."""

    def run(name: str, *arguments: object) -> Any:
        done = subprocess.run(
            command(name, *arguments),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=GIVE_UP_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture
def start(tmp_path, port):
    """Return a function that starts the generator with a script's text and changes to its job."""
    started = []

    def begin_with(locustfile=FAST, **changes):
        users = tmp_path / "users.py"
        users.write_text(locustfile)
        started.append(begin(tmp_path, port, users, **changes))
        return started[-1]

    yield begin_with
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """The port of a server that runs while the tests do."""
    with subprocess.Popen(command("server"), cwd=PROJECT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
