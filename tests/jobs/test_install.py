"""Packages are installed by uv, which looks where pip does, and by pip where uv cannot."""

import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.jobs import install
from loadtests.jobs.install import entry, main, uv_settings

ROOT = Path(__file__).parents[2]
LOCK = """\
uuid-like==1 \\
    --hash=sha256:aa
uv==0.13.9 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
uvicorn==0.54.0 \\
    --hash=sha256:dd
"""


class Programs:
    """Stands in for pip and uv: remembers how they were called, and fails as told."""

    def __init__(self):
        self.asked, self.environments = [], []
        self.complaints = {}  # by a word of the command
        self.settings = ""

    def __call__(self, command, env=None, **_):
        self.asked.append(" ".join(command[2:]))
        self.environments.append(env)
        for word, complaint in self.complaints.items():
            if word in command:
                return subprocess.CompletedProcess(command, 1, "", complaint)
        return subprocess.CompletedProcess(command, 0, self.settings, "")

    def installing(self):
        """Return the program of each installation."""
        return [asked.split(" ")[0] for asked in self.asked if " install " in f" {asked} "]


@pytest.fixture
def programs(monkeypatch):
    """Programs that do nothing."""
    found = Programs()
    monkeypatch.setattr(install.subprocess, "run", found)
    return found


@pytest.fixture
def lock(tmp_path):
    """A lock with uv in it."""
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK)
    return path


def test_the_entry_of_a_package_has_its_hashes_and_no_others():
    assert entry(LOCK, "uv") == "uv==0.13.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    assert entry(LOCK, "pip") == ""


def test_the_projects_own_lock_has_uv():
    assert entry((ROOT / "requirements.lock").read_text(), "uv").count("--hash=") > 3


SETTINGS = [
    ("", {}, "nothing is set up"),
    (
        "global.index-url='https://packages.example/simple'",
        {"UV_DEFAULT_INDEX": "https://packages.example/simple"},
        "another index",
    ),
    (
        "global.index-url='https://a.example'\n:env:.index-url='https://b.example'",
        {"UV_DEFAULT_INDEX": "https://b.example"},
        "the environment counts before a file",
    ),
    (
        "install.index-url='https://b.example'\nglobal.index-url='https://a.example'",
        {"UV_DEFAULT_INDEX": "https://b.example"},
        "what is said of installing counts before what is said of all",
    ),
    (
        "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'",
        {"UV_INDEX": "https://a.example https://b.example"},
        "more of them, a line each",
    ),
    (
        ":env:.find-links='/opt/wheels /opt/more'",
        {"UV_FIND_LINKS": "/opt/wheels,/opt/more"},
        "folders of packages",
    ),
    ("global.cert='/etc/company.pem'", {"SSL_CERT_FILE": "/etc/company.pem"}, "certificates"),
    ("global.trusted-host='a.example'", {"UV_INSECURE_HOST": "a.example"}, "a trusted host"),
    ("global.timeout='60'\nfreeze.all='1'", {}, "what is no place to look"),
]


@pytest.mark.parametrize(("told", "found", "_what"), SETTINGS)
def test_uv_looks_where_pip_does(told, found, _what):
    assert uv_settings(told) == uv_settings("") | found


def test_uv_installs_the_lock_by_hash_and_then_the_project(programs, lock):
    assert main([str(lock)]) == 0
    assert programs.installing() == ["pip", "uv", "uv"]
    assert "--require-hashes -r" in programs.asked[0], "uv itself is checked too"
    assert f"--require-hashes -r {lock}" in programs.asked[2]
    assert programs.asked[3].endswith("-e .")


def test_what_a_person_says_to_uv_counts_before_what_pip_is_told(programs, lock, monkeypatch):
    programs.settings = "global.index-url='https://a.example'\n"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.example")
    main([str(lock)])
    assert programs.environments[2]["UV_DEFAULT_INDEX"] == "https://mine.example"
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    main([str(lock)])
    assert programs.environments[-1]["UV_DEFAULT_INDEX"] == "https://a.example"


def test_where_uv_fails_pip_installs_and_it_is_told_why(programs, lock, capsys):
    programs.complaints = {"uv": "error: x\n  cause: no such certificate\n"}
    assert main([str(lock)]) == 0
    assert programs.installing() == ["pip", "uv", "pip", "pip"]
    assert "cause: no such certificate); pip does" in capsys.readouterr().out


def test_where_uv_cannot_be_had_pip_installs(programs, lock, capsys):
    lock.write_text(LOCK.replace("uv==", "vu=="))
    assert main([str(lock)]) == 0
    assert programs.installing() == ["pip", "pip"]
    assert "has no uv" in capsys.readouterr().out


def test_where_neither_can_the_error_is_pips_without_its_warnings(programs, lock, capsys):
    programs.complaints = {"install": "WARNING: old\nERROR: no index\n"}
    assert main([str(lock)]) == 2
    error = capsys.readouterr().err
    assert error == f"Error: the packages of {lock} could not be installed:\nERROR: no index\n"


@pytest.mark.waits
def test_it_needs_nothing_but_the_standard_library():
    """It runs before there is anything else."""
    command = [sys.executable, "-S", "-c", "import loadtests.jobs.install"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
