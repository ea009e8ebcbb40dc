"""Services that are compared: how each is asked, and what it is made of."""

import ast
import json
from pathlib import Path

import pytest

from loadtests.peers.contenders import CONTENDERS, FIELDS, IMAGES, MLFLOW, NULL, OURS, PENGUINS
from loadtests.peers.crowd import ASKED, users_of
from loadtests.peers.service import SERVICE

ROOT = Path(__file__).parents[2]
LOCKS = sorted(IMAGES.glob("*/requirements.lock"))


def test_ours_comes_first_since_ratios_are_of_it():
    assert CONTENDERS[0] is OURS
    assert SERVICE.contenders[0] == OURS.name
    assert len({one.name for one in CONTENDERS}) == len(CONTENDERS)


def test_the_penguins_are_those_of_this_projects_own_users():
    source = ast.parse((ROOT / "loadtests" / "locustfile.py").read_text())
    own = {
        ast.unparse(node.targets[0]): node.value
        for node in source.body
        if isinstance(node, ast.Assign)
    }
    assert ast.literal_eval(own["PENGUINS"]) == PENGUINS
    assert ast.literal_eval(own["FIELDS"]) == FIELDS


def test_each_contender_is_asked_for_every_penguin_in_its_own_words():
    for one in CONTENDERS:
        rows = [json.loads(body) for body in one.bodies]
        if one is MLFLOW:
            rows = [
                dict(zip(table["columns"], table["data"][0], strict=True))
                for table in (row["dataframe_split"] for row in rows)
            ]
        assert [tuple(row[name] for name in FIELDS) for row in rows] == [row for row, _ in PENGUINS]


def test_an_answer_is_right_only_with_the_penguins_own_sex():
    """MALE is in FEMALE too; in quotes it is not."""
    for (_, sex), right in zip(PENGUINS, OURS.answers, strict=True):
        assert right in json.dumps({"prediction": sex})
        other = {"MALE": "FEMALE", "FEMALE": "MALE"}[sex]
        assert right not in json.dumps({"prediction": other})
    assert set(NULL.answers) == {'"MALE"'}


@pytest.mark.parametrize("contender", [one for one in CONTENDERS if one.lock], ids=lambda c: c.name)
def test_a_version_is_that_of_the_lock(contender):
    name, version = contender.version.split(" ")
    assert f"{name}=={version} \\" in contender.lock.read_text()


def test_users_of_a_contender_have_beside_their_script_what_they_ask():
    script = users_of(MLFLOW)
    asked = json.loads(script.files[ASKED])
    assert asked["path"] == "/invocations"
    told = [*zip(MLFLOW.bodies, MLFLOW.answers, strict=True)]
    assert [*map(tuple, asked["questions"])] == told


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_a_lock_is_hashed_and_has_what_its_image_asks_for(lock):
    text = lock.read_text()
    assert "://" not in text
    pinned = [line for line in text.splitlines() if line[:1].isalnum()]
    assert all("==" in line and line.endswith("\\") for line in pinned)
    lines = (lock.parent / "requirements.in").read_text().splitlines()
    wanted = [line for line in lines if not line.startswith("-c ")]
    names = {line.split("==")[0] for line in pinned}
    assert {name.split(">")[0].split("[")[0] for name in wanted} <= names


def test_all_who_answer_from_onnx_run_the_same_runtime():
    """Else its versions would be compared."""
    locks = [OURS.recipe.context / "requirements.lock", *LOCKS]
    runtimes = {
        line for lock in locks for line in lock.read_text().splitlines()
        if line.startswith("onnxruntime==")
    }  # fmt: skip
    assert len(runtimes) == 1
