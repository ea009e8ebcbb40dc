"""Training, scoring, exporting and registering the forest."""

import hashlib
import json
import os
import stat
import sys
from pathlib import Path

import onnxruntime as ort
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from service.model import CLASSES, FEATURES
from service.registry import ALIAS, NAME, git_revision, register
from service.training import (
    PROBABILITY_TOLERANCE,
    Exported,
    Penguins,
    TrainingError,
    check_agreement,
    cross_validate,
    export,
    load_penguins,
    train,
    write_model,
)


def test_keeps_the_penguins_with_sex_and_all_measurements(csv: Path, penguins: Penguins) -> None:
    """Rows that lack a value are left out and counted; nothing else is."""
    assert len(pd.read_csv(csv)) == 344
    assert penguins.dropped == 11
    assert len(penguins.rows) == 333
    assert not penguins.features.isna().any(axis=None)
    assert penguins.sex.value_counts().to_dict() == {"MALE": 168, "FEMALE": 165}
    assert penguins.sha256 == hashlib.sha256(csv.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("sex", "gender", "lacks the columns sex", id="no column with the sex"),
        pytest.param("body_mass_g", "mass", "lacks the columns body_mass_g", id="no body mass"),
        pytest.param("3750", "heavy", "no numbers in body_mass_g", id="a word for a number"),
        pytest.param(",male", ",drake", "has the sexes", id="a sex the service cannot answer"),
        pytest.param(",male", ",NA", "has the sexes", id="no males"),
    ],
)
def test_refuses_a_data_set_it_cannot_learn_from(
    csv: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    """The message names what is wrong."""
    damaged = tmp_path / "penguins.csv"
    damaged.write_text(csv.read_text().replace(old, new))
    with pytest.raises(TrainingError, match=message):
        load_penguins(damaged)


def test_every_penguin_is_judged_once_by_a_forest_that_never_saw_it(penguins: Penguins) -> None:
    """Scores are those of held-out penguins: good, and not perfect."""
    scores = cross_validate(penguins, trees=10, folds=4, seed=0)
    assert scores.held_out.index.equals(penguins.rows.index)
    assert set(scores.held_out.fold) == {0, 1, 2, 3}
    metrics = scores.metrics()
    assert set(metrics) == {"accuracy_mean", "accuracy_std", "roc_auc_mean", "roc_auc_std"}
    assert 0.8 < metrics["accuracy_mean"] < 1
    assert 0.9 < metrics["roc_auc_mean"] < 1
    assert metrics["accuracy_std"] == pytest.approx(scores.folds.accuracy.std())


def test_a_fold_has_as_many_of_each_sex_as_the_whole(penguins: Penguins) -> None:
    """Folds are stratified."""
    scores = cross_validate(penguins, trees=2, folds=4, seed=1)
    males = (penguins.sex == "MALE").groupby(scores.held_out.fold).mean()
    assert males.tolist() == pytest.approx([168 / 333] * 4, abs=0.02)


def test_training_twice_gives_the_same_bytes(csv: Path, exported: Exported) -> None:
    """The same data gives the same model, so the version may be named after its content."""
    again = load_penguins(csv)
    forest = train(again.features, again.sex, trees=10, seed=0)
    twin = export(forest, again, {"accuracy_mean": 0.9})
    assert twin.onnx == exported.onnx
    assert twin.pickled == exported.pickled
    assert twin.description == exported.description


def test_another_seed_gives_another_version(penguins: Penguins, exported: Exported) -> None:
    """Versions tell models apart."""
    forest = train(penguins.features, penguins.sex, trees=10, seed=1)
    assert export(forest, penguins, {}).description["version"] != exported.description["version"]


def test_the_graph_has_the_names_that_the_service_asks_for(exported: Exported) -> None:
    """`X`, float32, any number of rows of four; `label` and `probabilities`."""
    session = ort.InferenceSession(exported.onnx, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    assert (entry.name, entry.type, entry.shape) == ("X", "tensor(float)", [None, 4])
    assert [out.name for out in session.get_outputs()] == ["label", "probabilities"]


def test_forest_and_graph_agree(
    exported: Exported, forest: RandomForestClassifier, penguins: Penguins
) -> None:
    """The conversion costs no more than rounding."""
    difference = check_agreement(exported.onnx, forest, penguins.features)
    assert difference <= PROBABILITY_TOLERANCE


def test_a_graph_of_another_forest_is_refused(exported: Exported, penguins: Penguins) -> None:
    """A conversion that changes answers stops the export, and says how many."""
    other = train(penguins.features, penguins.sex, trees=10, seed=1)
    with pytest.raises(TrainingError, match=r"not the forest: \d+ of 333 labels differ"):
        check_agreement(exported.onnx, other, penguins.features)


def test_a_written_model_is_complete_and_readable_by_the_image(
    exported: Exported, tmp_path: Path
) -> None:
    """Three files with the hashes that model.json says, for any user, and nothing left behind."""
    umask = os.umask(0o077)
    try:
        write_model(exported, None, tmp_path / "model")
    finally:
        os.umask(umask)
    described = json.loads((tmp_path / "model" / "model.json").read_text())
    assert described == exported.description | {"git_revision": None, "mlflow": None}
    assert described["features"] == list(FEATURES)
    assert described["classes"] == list(CLASSES)
    names = {"model.json"}
    for file in described["files"].values():
        content = (tmp_path / "model" / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        names.add(file["name"])
    written = list((tmp_path / "model").iterdir())
    assert {path.name for path in written} == names
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o644}


def test_the_revision_is_a_commit_or_unknown() -> None:
    """Outside git, or before the first commit, a model still can be trained."""
    revision = git_revision()
    assert revision is None or len(revision) == 40


def test_a_model_is_registered_once_and_can_be_loaded_by_its_alias(
    exported: Exported,
    forest: RandomForestClassifier,
    penguins: Penguins,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """MLflow keeps parameters, metrics, tags and the forest; the same model stays one version."""
    example, parameters = penguins.features.head(3), {"trees": 10, "seed": 0}
    first = register(forest, exported, example, parameters, tmp_path)
    again = register(forest, exported, example, parameters, tmp_path)
    other = register(forest, exported, example, parameters | {"seed": 1}, tmp_path)
    back = register(forest, exported, example, parameters, tmp_path)
    assert [r.new for r in (first, again, other, back)] == [True, False, True, False]
    assert [r.version for r in (first, again, other, back)] == ["1", "1", "2", "1"]
    assert first.place() == again.place() == back.place()
    assert capfd.readouterr() == ("", ""), "a reader of the notebook would see it"

    mlflow = sys.modules["mlflow"]
    champion = mlflow.MlflowClient().get_model_version_by_alias(NAME, ALIAS)
    assert (str(champion.version), champion.run_id) == (back.version, back.run_id)
    run = mlflow.get_run(back.run_id).data
    assert run.params == {"trees": "10", "seed": "0"}
    assert run.metrics == {"accuracy_mean": 0.9}
    assert run.tags["data_sha256"] == penguins.sha256
    assert list((tmp_path / "artifacts").rglob("model.onnx"))
    info = mlflow.models.get_model_info(f"models:/{NAME}@{ALIAS}")
    assert info.signature.inputs.input_names() == list(FEATURES)
    loaded = mlflow.sklearn.load_model(f"models:/{NAME}@{ALIAS}")
    assert (loaded.predict(penguins.features) == forest.predict(penguins.features)).all()
