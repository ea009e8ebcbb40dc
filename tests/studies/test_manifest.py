"""What notebooks hand on to each other: kept, read back, and matched against what is asked."""

import json
from dataclasses import replace

import pytest

from loadtests.analysis.answer import Effort
from loadtests.analysis.evidence import Skipped
from loadtests.errors import RecordError
from loadtests.question import Question, Setting, Target, Workload
from loadtests.studies.manifest import FOLDER, Manifest, NeverReady, read_manifest, write_manifest

MANIFEST = Manifest(
    name="vertical",
    question=Question(Workload(users=100)),
    target=Target("api"),
    settings=(Setting(1, 500), Setting(0.5, 300)),
    trials=("a" * 64, "b" * 64),
    skipped=(Skipped(Setting(4, 500), "the host has 2 CPUs"),),
    effort=Effort(2, 0, 0, 60.0, 70.5),
)
NEVER_READY = (NeverReady(Setting(0.5, 6), "the replicas ended before the load began"),)


def test_a_part_comes_back_as_it_was_written(tmp_path):
    write_manifest(tmp_path, MANIFEST)
    assert read_manifest(tmp_path, "vertical") == MANIFEST


def test_a_later_part_takes_the_place_of_an_earlier_one_and_nothing_else_is_left(tmp_path):
    write_manifest(tmp_path, MANIFEST)
    later = Manifest("vertical", MANIFEST.question, MANIFEST.target, (), ())
    write_manifest(tmp_path, later)
    assert read_manifest(tmp_path, "vertical") == later
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["vertical.json"]


def test_what_was_never_measured_is_none(tmp_path):
    assert read_manifest(tmp_path, "scale_out") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "vertical"}'])
def test_a_file_that_is_no_part_is_refused_and_says_what_to_do(tmp_path, text):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "vertical.json").write_text(text)
    with pytest.raises(
        RecordError, match="is not the manifest of a part of a run; remove it and run again"
    ):
        read_manifest(tmp_path, "vertical")


def test_settings_with_which_the_service_never_answered_come_back_too(tmp_path):
    manifest = replace(MANIFEST, never_ready=NEVER_READY)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path, "vertical") == manifest


def test_a_part_written_before_there_were_any_has_none(tmp_path):
    write_manifest(tmp_path, MANIFEST)
    path = tmp_path / FOLDER / "vertical.json"
    older = json.loads(path.read_text())
    del older["never_ready"]
    path.write_text(json.dumps(older))
    assert read_manifest(tmp_path, "vertical") == MANIFEST


def test_settings_with_which_the_service_never_answered_count_as_asked():
    manifest = replace(MANIFEST, never_ready=NEVER_READY)
    assert manifest.answers(MANIFEST.question, MANIFEST.target, [*ASKED, Setting(0.5, 6)])
    assert not manifest.answers(MANIFEST.question, MANIFEST.target, ASKED)


ASKED = [*MANIFEST.settings, Setting(4, 500)]
ANSWERS = [
    (MANIFEST.question, MANIFEST.target, ASKED, True, "the same"),
    (MANIFEST.question, MANIFEST.target, ASKED[::-1], True, "the same in another order"),
    (MANIFEST.question, MANIFEST.target, ASKED[:2], False, "fewer settings"),
    (MANIFEST.question, MANIFEST.target, [*ASKED, Setting(2, 500)], False, "one more setting"),
    (Question(Workload(users=200)), MANIFEST.target, ASKED, False, "more users"),
    (MANIFEST.question, Target("other"), ASKED, False, "another image"),
]


@pytest.mark.parametrize(("question", "target", "settings", "answers", "what"), ANSWERS)
def test_a_part_answers_only_what_it_was_asked(question, target, settings, answers, what):
    """Skipped settings count as asked."""
    assert MANIFEST.answers(question, target, settings) is answers, what
