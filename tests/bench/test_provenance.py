"""A record says which version of the project made it."""

import re
import subprocess

import pytest

from loadtests.bench.provenance import VERSIONED, commit_of, versions


def git(folder, *words):
    name = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    subprocess.run(["git", "-C", str(folder), *name, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    """A checkout of one file."""
    git(tmp_path, "init")
    (tmp_path / "file").write_text("first")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "Begin")
    return tmp_path


def test_versions_name_the_project_with_its_commit_and_what_it_stands_on():
    found = versions()
    assert re.fullmatch(r"\d+\.\d+\.\d+(\+[0-9a-f]{7,}(\.altered)?)?", found["aguanta"])
    assert set(found) == {"aguanta", *VERSIONED}


def test_a_checkout_as_it_was_committed_is_named_by_its_commit(checkout):
    assert re.fullmatch(r"\+[0-9a-f]{7,}", commit_of(checkout))


def test_a_checkout_that_was_altered_says_so(checkout):
    (checkout / "file").write_text("second")
    assert commit_of(checkout).endswith(".altered")


def test_files_that_git_does_not_track_alter_nothing(checkout):
    (checkout / "notes").write_text("mine")
    assert not commit_of(checkout).endswith(".altered")


def test_a_folder_that_is_no_checkout_has_no_commit(tmp_path):
    assert commit_of(tmp_path) == ""
