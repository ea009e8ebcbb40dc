"""What several tests of the bench stand on."""

import pytest

from loadtests.bench import cgroup


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that writes the files of process 7 and its cgroup."""
    monkeypatch.setattr(cgroup, "PROC", tmp_path / "proc")
    monkeypatch.setattr(cgroup, "CGROUPS", tmp_path / "cgroup")

    def write(groups, files):
        there = {f"cgroup/{path}": text for path, text in files.items()}
        for path, text in {"proc/7/cgroup": groups, **there}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)

    return write
