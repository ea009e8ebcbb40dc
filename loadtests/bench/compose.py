"""Docker Compose as a program: which command it is here, what it reads in a file, what it starts.

Compose alone knows how its files are to be read; what it says of one is taken, nothing is parsed
twice.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from loadtests.errors import EngineError, QuestionError

LIMIT_S = 600  # to start services, their own conditions of each other included


def has_compose_plugin() -> bool:
    """Say whether `docker compose` works; a docker command without it is common."""
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return asked.returncode == 0


def compose_command() -> list[str]:
    """Return the command that Docker Compose has here; raises EngineError where there is none."""
    if has_compose_plugin():
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        # Without it the limits under `deploy` would be left out.
        return ["docker-compose", "--compatibility"]
    raise EngineError(
        "a compose file needs Docker Compose, which is not here: install the docker compose "
        "plugin, or on Debian or Ubuntu docker-compose"
    )


def resolved(path: Path) -> dict[str, Any]:
    """Return what Compose makes of a file: variables filled in, paths absolute, all files merged.

    Raises QuestionError with Compose's last line where it refuses the file.
    """
    if not path.is_file():
        raise QuestionError(f"compose is {str(path)!r}; there is no such file")
    # As written, without what --compatibility makes of it.
    command = [word for word in compose_command() if word != "--compatibility"]
    done = _run([*command, "-f", str(path), "config"])
    if done.returncode != 0:
        raise QuestionError(f"Compose refuses {path.name}: {_last_line(done)}")
    read = yaml.safe_load(done.stdout)
    return read if isinstance(read, dict) else {}


def start_services(project: str, definition: str, services: Sequence[str]) -> str | None:
    """Start services of a definition (YAML) under a project's name; return why it failed, if so.

    The definition goes through a pipe: it has secrets, and no file of it is to be left.
    """
    command = [*compose_command(), "-p", project, "-f", "-", "up", "-d", *services]
    try:
        done = _run(command, definition, LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"Compose was not done after {LIMIT_S} s"
    return None if done.returncode == 0 else _last_line(done)


def _run(
    command: list[str], given: str | None = None, limit_s: float = 60
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=limit_s
    )


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with exit code {done.returncode}"
