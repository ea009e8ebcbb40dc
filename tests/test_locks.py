"""One set of packages: what pip, conda and the images install is the same, and hashed."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = "requirements.lock"
IMAGE_LOCKS = {
    "service": "service/requirements.lock",
    "service-sklearn": "service/requirements-sklearn.lock",
    "generator": "loadtests/requirements.lock",
}
LOCKS = [LOCK, *IMAGE_LOCKS.values()]


def entries(lock: str) -> list[str]:
    """Return a lock's entries, each with its hashes on one line."""
    text = (ROOT / lock).read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def versions(lock: str) -> dict[str, set[Version]]:
    """Return the versions of every package in a lock; several where markers tell them apart."""
    found: dict[str, set[Version]] = {}
    for entry in entries(lock):
        name, version = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", entry).groups()  # type: ignore[union-attr]
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def wanted(group: str) -> list[Requirement]:
    """Return the requirements of a dependency group, those it includes too."""
    found = []
    for item in PROJECT["dependency-groups"][group]:
        if isinstance(item, dict):
            found += wanted(item["include-group"])
        else:
            found.append(Requirement(item))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_is_pinned_and_hashed(lock):
    found = entries(lock)
    assert len(found) > 5
    for entry in found:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?==\S+", entry), entry[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}( |$)", entry), entry[:60]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_path(lock):
    """It must install anywhere, and tell nothing of where it was made."""
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|file:|\s/\w", text)


REQUIRED = [
    (LOCK, [Requirement(text) for text in PROJECT["project"]["dependencies"]]),
    (LOCK, wanted("dev")),
    *((lock, wanted(group)) for group, lock in IMAGE_LOCKS.items()),
]


@pytest.mark.parametrize(("lock", "requirements"), REQUIRED)
def test_every_dependency_is_in_its_lock_in_a_version_it_allows(lock, requirements):
    locked = versions(lock)
    for requirement in requirements:
        found = locked.get(canonicalize_name(requirement.name), set())
        assert found, requirement
        assert all(version in requirement.specifier for version in found), requirement


@pytest.mark.parametrize("lock", IMAGE_LOCKS.values())
def test_an_image_installs_the_versions_that_are_tested_here(lock):
    """Versions of Python 3.11: the universal lock may have others for later ones."""
    here = versions(LOCK)
    for name, found in versions(lock).items():
        assert found <= here.get(name, set()), name


def test_conda_users_get_the_same_lock_and_a_python_that_is_allowed():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *others, pip = environment["dependencies"]
    assert pip == {"pip": [f"-r {LOCK}"]}
    assert "pip" in others
    python = next(item for item in others if item.startswith("python="))
    allowed = SpecifierSet(PROJECT["project"]["requires-python"])
    assert python.removeprefix("python=") in allowed
    assert {item.split("=")[0] for item in others} == {"python", "pip"}, "else it is in no lock"


def test_images_have_the_python_their_locks_are_made_for():
    makefile = (ROOT / "Makefile").read_text()
    locked = re.search(r"--python-version (\S+)", makefile)
    assert locked is not None
    for file in ("service/Dockerfile", "loadtests/Dockerfile.locust"):
        base = re.search(r"^ARG BASE=python:(\d+\.\d+)-", (ROOT / file).read_text(), re.MULTILINE)
        assert base is not None
        assert base[1] == locked[1]
