"""Loading the model: the right one, or none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from service import main
from service.model import CLASSES, ModelFileError, load_model
from service.settings import Engine, Settings
from service.training import Exported, Penguins


@pytest.fixture
def copied(model_dir: Path, tmp_path: Path) -> Path:
    """A copy of the model's files, to be damaged."""
    return Path(shutil.copytree(model_dir, tmp_path / "model"))


def sexes(engine: Engine, model_dir: Path, rows: np.ndarray) -> list[str]:
    """Ask an engine about many penguins, one at a time, as the service does."""
    model = load_model(Settings(engine, model_dir))
    answers = [model.predict((row[0], row[1], row[2], row[3])) for row in rows.tolist()]
    return [CLASSES[int(male > female)] for female, male in answers]


def test_both_engines_tell_the_same_sex_for_every_penguin(
    model_dir: Path, penguins: Penguins
) -> None:
    """The comparison arm differs in how it is served, not in what it says."""
    rows = penguins.features.to_numpy()
    onnx = sexes("onnx", model_dir, rows)
    assert onnx == sexes("sklearn", model_dir, rows)
    assert set(onnx) == set(CLASSES)


@pytest.mark.parametrize("engine", ["onnx", "sklearn"])
def test_probabilities_add_up_to_one(model_dir: Path, engine: Engine) -> None:
    """An engine gives one probability per class, female first."""
    answer = load_model(Settings(engine, model_dir)).predict((50.0, 16.0, 225.0, 5700.0))
    assert sum(answer) == pytest.approx(1, abs=1e-5)
    assert answer[1] > answer[0], "a heavy Gentoo is a male"


def test_the_version_is_the_one_in_model_json(model_dir: Path, exported: Exported) -> None:
    """An answer can be traced to the file that gave it."""
    assert load_model(Settings("onnx", model_dir)).version == exported.description["version"]


def flip_a_byte(path: Path) -> None:
    """Change one byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def cut_in_half(path: Path) -> None:
    """Keep the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("engine", "name"), [("onnx", "model.onnx"), ("sklearn", "random_forest_model.pkl")]
)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(flip_a_byte, r"has SHA-256 .*export the model again", id="altered"),
        pytest.param(cut_in_half, r"has SHA-256 .*export the model again", id="cut off"),
        pytest.param(Path.unlink, r"cannot be read", id="missing"),
    ],
)
def test_refuses_a_model_file_that_is_not_the_exported_one(
    copied: Path, engine: Engine, name: str, damage: Callable[[Path], None], message: str
) -> None:
    """A damaged or swapped file stops the service, and the message names it."""
    damage(copied / name)
    with pytest.raises(ModelFileError, match=rf"{name} {message}"):
        load_model(Settings(engine, copied))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "01_train_model", id="missing: says how to make one"),
        pytest.param(b"", "01_train_model", id="empty"),
        pytest.param(b"{", "01_train_model", id="cut off"),
        pytest.param(b"\xff", "01_train_model", id="not text"),
        pytest.param(b"[]", "01_train_model", id="no object"),
        pytest.param(b"{}", "features", id="names what is missing"),
    ],
)
def test_refuses_a_model_json_that_describes_no_model(
    copied: Path, content: bytes | None, message: str
) -> None:
    """Without a readable description nothing can be checked, so nothing is served."""
    described = copied / "model.json"
    described.unlink()
    if content is not None:
        described.write_bytes(content)
    with pytest.raises(ModelFileError, match=rf"model\.json cannot be read.*{message}"):
        load_model(Settings("onnx", copied))


@pytest.mark.parametrize("what", ["features", "classes"])
def test_refuses_a_model_with_another_order_of_features_or_classes(copied: Path, what: str) -> None:
    """It would answer, and be wrong."""
    path = copied / "model.json"
    described = json.loads(path.read_text())
    described[what].reverse()
    path.write_text(json.dumps(described))
    with pytest.raises(ModelFileError, match="is of a model for"):
        load_model(Settings("onnx", copied))


def test_refuses_an_engine_it_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt MODEL_ENGINE is not taken for the default."""
    monkeypatch.setenv("MODEL_ENGINE", "tensorflow")
    with pytest.raises(ValueError, match="MODEL_ENGINE is 'tensorflow'; use one of onnx, sklearn"):
        main.app()


def test_the_environment_names_engine_and_folder(
    monkeypatch: pytest.MonkeyPatch, model_dir: Path
) -> None:
    """What a container is started with is what it serves."""
    monkeypatch.setenv("MODEL_ENGINE", "sklearn")
    monkeypatch.setenv("MODEL_DIR", str(model_dir))
    assert Settings.from_environment() == Settings("sklearn", model_dir)


def test_without_an_environment_onnx_is_served_from_beside_the_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The defaults are those of the image."""
    monkeypatch.delenv("MODEL_ENGINE", raising=False)
    monkeypatch.delenv("MODEL_DIR", raising=False)
    assert Settings.from_environment() == Settings("onnx", Path(main.__file__).parent / "model")
