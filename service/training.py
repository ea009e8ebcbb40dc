"""Train the penguin forest, score it, and export it as the files that model.py reads.

Runs on the host, from notebooks/01_train_model.ipynb; it is not part of the image. The same data
and the same packages give the same bytes, so a model's version is named after its content.
"""

import hashlib
import json
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from service.model import CLASSES, FEATURES

# Fixed, so that the exported bytes do not change with the default of a newer skl2onnx.
ONNX_OPSET = {"": 18, "ai.onnx.ml": 3}
# ONNX Runtime adds up the trees in float32, scikit-learn in float64.
PROBABILITY_TOLERANCE = 1e-5


class TrainingError(ValueError):
    """The data or the exported model is not what it must be."""


@dataclass(frozen=True)
class Penguins:
    """The penguins a model can learn from: those with their sex and all four measurements."""

    rows: pd.DataFrame  # every column of the file; sex is one of CLASSES
    dropped: int  # rows of the file left out because the sex or a measurement is missing
    sha256: str  # of the file

    @property
    def features(self) -> pd.DataFrame:
        """The four measurements, in the order of FEATURES: millimetres, and grams last."""
        return self.rows[list(FEATURES)]

    @property
    def sex(self) -> pd.Series:
        """FEMALE or MALE, one per row."""
        return self.rows["sex"]


@dataclass(frozen=True)
class CrossValidation:
    """How well forests tell the sex of penguins that they were not trained on."""

    folds: pd.DataFrame  # one row per fold: accuracy, roc_auc
    held_out: pd.DataFrame  # one row per penguin, in the order of Penguins.rows: fold, p_male

    def metrics(self) -> dict[str, float]:
        """Return the mean and the standard deviation over the folds, by name."""
        return {
            f"{name}_{statistic}": float(self.folds[name].agg(statistic))
            for name in self.folds
            for statistic in ("mean", "std")
        }


@dataclass(frozen=True)
class Exported:
    """The model's files in memory, and what model.json says of them."""

    onnx: bytes
    pickled: bytes
    description: dict[str, Any]  # version, files, features, classes, metrics, data_sha256


def load_penguins(csv: Path) -> Penguins:
    """Read and check the data set, dropping rows that lack the sex or a measurement.

    Raises TrainingError when a column is missing, a value is no number or a sex is unknown.
    """
    table = pd.read_csv(csv)
    needed = [*FEATURES, "sex"]
    if absent := [column for column in needed if column not in table]:
        raise TrainingError(f"{csv} lacks the columns {', '.join(absent)}")
    if text := [c for c in FEATURES if not pd.api.types.is_numeric_dtype(table[c])]:
        raise TrainingError(f"{csv} has values that are no numbers in {', '.join(text)}")
    rows = table.dropna(subset=needed).reset_index(drop=True)
    rows["sex"] = rows["sex"].astype(object).str.upper()
    if (found := tuple(sorted(set(rows["sex"])))) != CLASSES:
        raise TrainingError(f"{csv} has the sexes {found}; the service answers {CLASSES}")
    sha256 = hashlib.sha256(csv.read_bytes()).hexdigest()
    return Penguins(rows=rows, dropped=len(table) - len(rows), sha256=sha256)


def train(features: pd.DataFrame, sex: pd.Series, trees: int, seed: int) -> RandomForestClassifier:
    """Return a fitted forest of `trees` trees; the same arguments give the same forest."""
    return RandomForestClassifier(n_estimators=trees, random_state=seed).fit(features, sex)


def cross_validate(penguins: Penguins, trees: int, folds: int, seed: int) -> CrossValidation:
    """Score `folds` forests, each on the fold it was not trained on (stratified by sex)."""
    features, sex = penguins.features, penguins.sex
    scores, held_out = [], []
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(features, sex)
    for fold, (learn, test) in enumerate(splits):
        forest = train(features.iloc[learn], sex.iloc[learn], trees, seed)
        p_male = forest.predict_proba(features.iloc[test])[:, CLASSES.index("MALE")]
        scores.append(
            {
                "accuracy": accuracy_score(sex.iloc[test], forest.predict(features.iloc[test])),
                "roc_auc": roc_auc_score(sex.iloc[test] == "MALE", p_male),
            }
        )
        held_out.append(pd.DataFrame({"fold": fold, "p_male": p_male}, index=test))
    return CrossValidation(folds=pd.DataFrame(scores), held_out=pd.concat(held_out).sort_index())


def export(
    forest: RandomForestClassifier, penguins: Penguins, metrics: dict[str, float]
) -> Exported:
    """Return the forest as ONNX and as a pickle, after checking that the two agree.

    The ONNX graph reads `X`, float32 [rows, 4], and gives `label` and `probabilities`.
    Raises TrainingError when any penguin of the data set would get another answer from it.
    """
    graph = to_onnx(
        forest,
        initial_types=[("X", FloatTensorType([None, len(FEATURES)]))],
        options={id(forest): {"zipmap": False}},
        target_opset=ONNX_OPSET,
    )
    onnx, pickled = graph.SerializeToString(), pickle.dumps(forest, protocol=5)
    check_agreement(onnx, forest, penguins.features)
    onnx_sha256 = hashlib.sha256(onnx).hexdigest()
    pickled_sha256 = hashlib.sha256(pickled).hexdigest()
    description = {
        "version": f"rf-{onnx_sha256[:8]}",
        "files": {
            "onnx": {"name": "model.onnx", "sha256": onnx_sha256},
            "sklearn": {"name": "random_forest_model.pkl", "sha256": pickled_sha256},
        },
        "features": list(FEATURES),
        "classes": list(CLASSES),
        "metrics": metrics,
        "data_sha256": penguins.sha256,
    }
    return Exported(onnx=onnx, pickled=pickled, description=description)


def check_agreement(onnx: bytes, forest: RandomForestClassifier, features: pd.DataFrame) -> float:
    """Return the largest difference in probability between the ONNX graph and the forest.

    Raises TrainingError when a label differs or the difference is over PROBABILITY_TOLERANCE.
    """
    session = ort.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    labels, probabilities = session.run(
        ["label", "probabilities"], {"X": features.to_numpy(np.float32)}
    )
    other_label = int(np.sum(np.asarray(labels) != forest.predict(features)))
    difference = float(np.max(np.abs(probabilities - forest.predict_proba(features))))
    if other_label or difference > PROBABILITY_TOLERANCE:
        raise TrainingError(
            f"the ONNX model is not the forest: {other_label} of {len(features)} labels differ, "
            f"probabilities by up to {difference:.1e} (allowed {PROBABILITY_TOLERANCE:.0e})"
        )
    return difference


def write_model(exported: Exported, place: dict[str, Any] | None, model_dir: Path) -> None:
    """Write the two model files and then model.json, each whole or not at all.

    `place` is Registered.place(), None for a model that is in no registry. A service that starts
    in between refuses to, since model.json carries the files' hashes.
    """
    described = exported.description | (place or {"git_revision": None, "mlflow": None})
    model_dir.mkdir(parents=True, exist_ok=True)
    files = exported.description["files"]
    _replace(model_dir / files["onnx"]["name"], exported.onnx)
    _replace(model_dir / files["sklearn"]["name"], exported.pickled)
    _replace(model_dir / "model.json", json.dumps(described, indent=2).encode() + b"\n")


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.chmod(0o644)  # The image's user is not ours, whatever our umask.
    temporary.replace(path)
