"""The bare function, against which the service is measured."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service import bare
from service.training import Penguins


def test_it_answers_a_right_request_as_the_service_does(
    client: TestClient, penguins: Penguins, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What costs less must not say less."""
    monkeypatch.setenv("MODEL_DIR", str(model_dir))
    monkeypatch.setattr(bare, "spare_what_is_loaded", lambda: None)  # this process goes on
    other = TestClient(bare.app())
    for row in penguins.features.head(30).to_dict("records"):
        expected = client.post("/predict/", json=row)
        assert other.post("/predict/", json=row).json() == expected.json()
