"""A small forest, trained and exported once, and the application that answers with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sklearn.ensemble import RandomForestClassifier
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.training import Exported, Penguins, export, load_penguins, train, write_model

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def csv() -> Path:
    """The data set of the project."""
    return PROJECT / "data" / "penguins.csv"


@pytest.fixture(scope="session")
def penguins(csv: Path) -> Penguins:
    """Every penguin a model can learn from."""
    return load_penguins(csv)


@pytest.fixture(scope="session")
def forest(penguins: Penguins) -> RandomForestClassifier:
    """A forest small enough to train in every test run."""
    return train(penguins.features, penguins.sex, trees=10, seed=0)


@pytest.fixture(scope="session")
def exported(forest: RandomForestClassifier, penguins: Penguins) -> Exported:
    """The small forest as files in memory."""
    return export(forest, penguins, {"accuracy_mean": 0.9})


@pytest.fixture(scope="session")
def model_dir(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small forest as files, read-only by agreement."""
    folder = tmp_path_factory.mktemp("model")
    write_model(exported, None, folder)
    return folder


@pytest.fixture(scope="session")
def client(model_dir: Path) -> Iterator[TestClient]:
    """A client of the application; an exception in the application fails the test."""
    with TestClient(create_app(Settings("onnx", model_dir))) as client:
        yield client
