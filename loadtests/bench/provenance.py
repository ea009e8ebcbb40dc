"""Which versions measured: this project's own, with its commit, and those of what it stands on."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

PROJECT = "aguanta"
VERSIONED = ("locust", "gevent", "geventhttpclient", "docker", "pandas", "numpy")


@cache
def versions() -> dict[str, str]:
    """Return the version of each by name; the project's own as "0.1.0+1a2b3c4".

    A commit that was altered since has ".altered" behind it; outside a git checkout there is none.
    """
    own = version(PROJECT) + commit_of(Path(__file__).parents[2])
    return {PROJECT: own} | {name: version(name) for name in VERSIONED}


def commit_of(folder: Path) -> str:
    """Return "+" and the commit that a checkout is at, empty where the folder is none."""
    if not (folder / ".git").exists():
        return ""
    commit = _git(folder, "rev-parse", "--short", "HEAD")
    altered = commit and _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"+{commit}{'.altered' if altered else ''}" if commit else ""


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git on this machine
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
