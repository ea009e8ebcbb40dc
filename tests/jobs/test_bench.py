"""Speed is measured in rounds, of this checkout and of another commit."""

import json
import os
import subprocess

import pytest

from loadtests.errors import HostError, QuestionError
from loadtests.jobs import bench
from loadtests.jobs.bench import main, measure_here, measure_rounds, worktree
from loadtests.jobs.speed import PARTS, SPEEDS, size_mib


def first(_folder, number):
    """Give a figure."""
    return {"trial_s": float(number)}


def second(_folder, _number):
    """Find that this machine cannot tell."""
    raise HostError("only one CPU")


def test_a_part_that_cannot_be_measured_says_why_and_ends_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "PARTS", (second, first))
    assert measure_here(["first", "second"], tmp_path, 2) == {"trial_s": 2.0}
    assert "second: only one CPU" in capsys.readouterr().out


def test_only_the_parts_that_are_asked_for_are_measured(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "PARTS", (second, first))
    assert measure_here(["second"], tmp_path, 1) == {}


def test_a_round_is_written_for_the_process_that_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "PARTS", (first,))
    monkeypatch.setattr(bench, "RUN", tmp_path)
    main(["--round", "3", "--into", str(tmp_path / "round.json")])
    assert json.loads((tmp_path / "round.json").read_text()) == {"trial_s": 3.0}


def test_both_are_measured_in_every_round_and_none_is_always_first(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        bench, "measure_in", lambda tree, _, number: asked.append(tree) or {"n": number}
    )
    trees = {"now": tmp_path / "now", "base": tmp_path / "base"}
    found = measure_rounds(trees, ["first"], 6)
    assert found["now"] == found["base"] == [{"n": number} for number in range(1, 7)]
    pairs = [*zip(asked[::2], asked[1::2], strict=True)]
    assert all(set(pair) == set(trees.values()) for pair in pairs)
    assert {pair[0] for pair in pairs} == set(trees.values())


def test_every_figure_has_a_limit_and_a_name_of_its_own():
    assert len({speed.key for speed in SPEEDS}) == len({speed.name for speed in SPEEDS})
    assert all(speed.limit > 0 for speed in SPEEDS)
    assert len({part.__name__ for part in PARTS}) == len(PARTS)


def test_a_file_that_two_names_lead_to_takes_its_place_once(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 2**20)
    before = size_mib(tmp_path)
    os.link(tmp_path / "a", tmp_path / "b")
    assert before == size_mib(tmp_path) >= 1


# --- another commit


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of two commits; only the second one has `make bench`. Its model is in neither."""
    root = tmp_path / "project"

    def git(*words):
        author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", str(root), *author, *words], check=True, capture_output=True)

    (root / "loadtests" / "jobs").mkdir(parents=True)
    (root / "service").mkdir()
    (root / "service" / "app.py").write_text("")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    git("tag", "first")
    (root / "loadtests" / "jobs" / "bench.py").write_text("")
    git("add", "-A")
    git("commit", "-qm", "second")
    (root / "service" / "model").mkdir()
    (root / "service" / "model" / "model.json").write_text("{}")
    monkeypatch.setattr(bench, "ROOT", root)
    return root


@pytest.mark.waits
def test_another_commit_stands_beside_this_one_with_its_model_and_is_removed(project):
    with worktree("HEAD") as tree:
        assert (tree / "loadtests" / "jobs" / "bench.py").exists()
        assert (tree / "service" / "model" / "model.json").read_text() == "{}"
    assert not tree.exists()
    assert not [*(project / ".git" / "worktrees").glob("*")]


@pytest.mark.waits
@pytest.mark.parametrize(
    ("revision", "told"),
    [("first", "has no `make bench` yet"), ("absent", "cannot be checked out")],
)
def test_a_commit_that_cannot_be_measured_is_refused_and_leaves_nothing(project, revision, told):
    with pytest.raises(QuestionError, match=told), worktree(revision):
        pass
    assert not [*(project / ".git" / "worktrees").glob("*")]
