"""The two engines: load once, check the file's hash, answer one row."""

import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.settings import Engine, Settings

FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
CLASSES = ("FEMALE", "MALE")

# One row of features in the order of FEATURES -> probability of each of CLASSES.
Predict = Callable[[tuple[float, float, float, float]], tuple[float, float]]


class ModelFileError(RuntimeError):
    """The model's files are missing or are not the ones that were exported."""


@dataclass(frozen=True)
class Model:
    """A loaded model."""

    version: str
    engine: Engine
    predict: Predict


def load_model(settings: Settings) -> Model:
    """Load the model that model.json describes with the engine the settings name.

    Raises ModelFileError when a file is missing or its SHA-256 is not the one in model.json,
    so that a truncated or swapped file stops the service at its start.
    """
    described = _read_description(settings.model_dir)
    name = described["files"][settings.engine]["name"]
    content = _read_checked(
        settings.model_dir / name, described["files"][settings.engine]["sha256"]
    )
    load = {"onnx": _onnx_engine, "sklearn": _sklearn_engine}[settings.engine]
    return Model(version=described["version"], engine=settings.engine, predict=load(content))


def _read_description(model_dir: Path) -> dict[str, Any]:
    path = model_dir / "model.json"
    try:
        described: dict[str, Any] = json.loads(path.read_text())
        order = (tuple(described["features"]), tuple(described["classes"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(
            f"{path} cannot be read ({error!r}); "
            "run notebooks/01_train_model.ipynb to export a model"
        ) from error
    if order != (FEATURES, CLASSES):
        raise ModelFileError(f"{path} is of a model for {order}, not {(FEATURES, CLASSES)}")
    return described


def _read_checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelFileError(
            f"{path} has SHA-256 {found}, model.json says {sha256}; export the model again"
        )
    return content


def _onnx_engine(content: bytes) -> Predict:
    import numpy as np
    import onnxruntime as ort

    options = ort.SessionOptions()
    # One request is one row: a thread pool would only contend for the container's CPU quota.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    # The graph reads and writes these two arrays in place: handing over new ones costs as much as
    # the forest. So one call has to end before the next begins, as it does in an event loop.
    features = np.zeros((1, len(FEATURES)), np.float32)
    probabilities = np.zeros((1, len(CLASSES)), np.float32)
    binding = session.io_binding()
    binding.bind_ortvalue_input("X", ort.OrtValue.ortvalue_from_numpy(features))
    binding.bind_ortvalue_output("probabilities", ort.OrtValue.ortvalue_from_numpy(probabilities))

    def predict(row: tuple[float, float, float, float]) -> tuple[float, float]:
        features[0] = row
        session.run_with_iobinding(binding)
        female, male = probabilities[0].tolist()
        return female, male

    return predict


def _sklearn_engine(content: bytes) -> Predict:
    import pandas as pd

    # Unpickling runs code: only a file whose hash was checked above comes here.
    forest = pickle.loads(content)  # noqa: S301

    def predict(row: tuple[float, float, float, float]) -> tuple[float, float]:
        frame = pd.DataFrame([row], columns=list(FEATURES))
        female, male = forest.predict_proba(frame)[0].tolist()
        return female, male

    return predict
