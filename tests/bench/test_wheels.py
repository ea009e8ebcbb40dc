"""Packages are fetched once for a set of locks, and whole."""

import subprocess

import pytest

from loadtests.bench import wheels
from loadtests.bench.wheels import STAMP, ensure_wheels
from loadtests.errors import ImageError
from tests.evidence_log import log_case


@pytest.fixture
def lock(tmp_path):
    """A lock of one package."""
    path = tmp_path / "requirements.lock"
    path.write_text("a==1\n")
    return path


@pytest.fixture
def folder(tmp_path):
    """Where the packages go."""
    path = tmp_path / "wheels"
    path.mkdir()
    return path


@pytest.fixture
def pip(monkeypatch):
    """A pip that fetches what `pip.gives` names, and remembers how it was asked."""

    class Pip:
        gives = ("a-1.whl",)
        error = ""

        def __init__(self):
            self.asked = []

        def __call__(self, command, **_):
            self.asked.append(command)
            into = wheels.Path(command[command.index("--dest") + 1])
            into.mkdir(parents=True, exist_ok=True)
            for name in self.gives:
                (into / name).write_text(name)
            return subprocess.CompletedProcess(command, int(bool(self.error)), "", self.error)

    fake = Pip()
    monkeypatch.setattr(wheels.subprocess, "run", fake)
    return fake


def names(folder):
    """Return the packages in a folder."""
    return sorted(path.name for path in folder.glob("*.whl"))


@pytest.mark.parametrize(("architecture", "machine"), [("amd64", "x86_64"), ("arm64", "aarch64")])
def test_packages_are_those_of_the_engines_processor(folder, lock, pip, architecture, machine):
    """The client may be another machine, with another one."""
    ensure_wheels(folder, architecture, lock)
    platforms = [word for word in pip.asked[0] if word.startswith("--platform=")]
    assert platforms
    right = all(word.endswith(machine) for word in platforms)
    said = f"packages for {machine}" if right else f"packages for {platforms}"
    what, before = f"an engine on {architecture}", "packages for the client's processor"
    log_case("mended", "wheels", what, said, right, before)
    assert right, said


def test_another_processor_needs_packages_of_its_own(folder, lock, pip):
    assert ensure_wheels(folder, "amd64", lock) is True
    assert ensure_wheels(folder, "arm64", lock) is True


def test_packages_are_fetched_once(folder, lock, pip):
    assert ensure_wheels(folder, "amd64", lock) is True
    assert ensure_wheels(folder, "amd64", lock) is False
    assert len(pip.asked) == 1
    assert names(folder) == ["a-1.whl"]


def test_they_are_checked_by_hash_and_are_those_of_the_image(folder, lock, pip):
    """Whatever Python and machine run here."""
    ensure_wheels(folder, "amd64", lock)
    assert {"--require-hashes", "--only-binary=:all:", "--no-deps"} <= set(pip.asked[0])
    assert "--python-version=3.11" in pip.asked[0]


def test_another_lock_fetches_anew_and_leaves_no_old_package(folder, lock, pip):
    """pip would be free to take an old one."""
    ensure_wheels(folder, "amd64", lock)
    lock.write_text("a==2\n")
    pip.gives = ("a-2.whl",)
    assert ensure_wheels(folder, "amd64", lock) is True
    assert names(folder) == ["a-2.whl"]


def test_every_lock_counts(folder, lock, pip, tmp_path):
    other = tmp_path / "other.lock"
    other.write_text("b==1\n")
    ensure_wheels(folder, "amd64", lock, other)
    assert len(pip.asked) == 2
    other.write_text("b==2\n")
    assert ensure_wheels(folder, "amd64", lock, other) is True


def test_a_stamp_without_packages_is_not_believed(folder, lock, pip):
    """As after a checkout, or when somebody removed them."""
    ensure_wheels(folder, "amd64", lock)
    (folder / "a-1.whl").unlink()
    assert ensure_wheels(folder, "amd64", lock) is True
    assert names(folder) == ["a-1.whl"]


def test_a_download_that_fails_is_told_and_leaves_what_was_there(folder, lock, pip):
    ensure_wheels(folder, "amd64", lock)
    stamp = (folder / STAMP).read_text()
    lock.write_text("a==2\n")
    pip.error = "ERROR: a\nERROR: b\nERROR: hash mismatch\n"
    with pytest.raises(ImageError, match=r"requirements\.lock could not be fetched(.|\n)*mismatch"):
        ensure_wheels(folder, "amd64", lock)
    assert names(folder) == ["a-1.whl"]
    assert (folder / STAMP).read_text() == stamp
    pip.error = ""
    assert ensure_wheels(folder, "amd64", lock) is True
