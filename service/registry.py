"""The model registry: MLflow with SQLite, in a folder.

A model is registered once. Training again from the same data with the same packages finds the
version that is already there, so model.json, and with it the image, stays the same.
"""

import hashlib
import json
import logging
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from service.training import Exported

NAME = "penguin-sex"
ALIAS = "champion"
# What it takes to load a registered model; named here, since MLflow would load it to find out.
REQUIREMENTS = ("numpy", "pandas", "scikit-learn", "skops")


@dataclass(frozen=True)
class Registered:
    """Where a model stands in the registry."""

    version: str
    run_id: str | None
    git_revision: str | None  # of the project, when the model was registered
    new: bool  # False when this very model was registered before

    def place(self) -> dict[str, Any]:
        """Return what model.json says of the revision and the registry."""
        place = {"name": NAME, "version": self.version, "run_id": self.run_id, "alias": ALIAS}
        return {"git_revision": self.git_revision, "mlflow": place}


def register(
    forest: RandomForestClassifier,
    exported: Exported,
    example: pd.DataFrame,
    parameters: dict[str, int],
    mlflow_dir: Path,
) -> Registered:
    """Make the forest the champion in the registry in `mlflow_dir`; log it first when it is new.

    `example` is a few rows of features. Tags carry the data's SHA-256, the git revision and a
    fingerprint of what was exported, by which the same model is known again.
    """
    description = exported.description
    known = json.dumps([description, parameters], sort_keys=True).encode()
    fingerprint = hashlib.sha256(known).hexdigest()
    with _quiet():
        import mlflow

        mlflow_dir.mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(f"sqlite:///{mlflow_dir.resolve()}/mlflow.db")
        client = mlflow.MlflowClient()
        for found in client.search_model_versions(f"name = '{NAME}'"):
            if found.tags.get("fingerprint") == fingerprint:
                client.set_registered_model_alias(NAME, ALIAS, found.version)
                revision = found.tags.get("git_revision")
                return Registered(str(found.version), found.run_id, revision, new=False)

        revision = git_revision()
        tags = {"fingerprint": fingerprint, "data_sha256": description["data_sha256"]}
        tags |= {"git_revision": revision} if revision else {}
        if mlflow.get_experiment_by_name(NAME) is None:
            mlflow.create_experiment(NAME, (mlflow_dir.resolve() / "artifacts").as_uri())
        mlflow.set_experiment(NAME)
        with mlflow.start_run(run_name=description["version"], tags=tags) as run:
            mlflow.log_params(parameters)
            mlflow.log_metrics(description["metrics"])
            with TemporaryDirectory() as folder:
                Path(folder, description["files"]["onnx"]["name"]).write_bytes(exported.onnx)
                mlflow.log_artifacts(folder)
            logged = mlflow.sklearn.log_model(
                forest,
                name="forest",
                registered_model_name=NAME,
                signature=mlflow.models.infer_signature(example, forest.predict(example)),
                input_example=example,
                pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
                skops_trusted_types=["sklearn.tree._tree.Tree"],
            )
        number = str(logged.registered_model_version)
        for key, value in tags.items():
            client.set_model_version_tag(NAME, number, key, value)
        client.set_registered_model_alias(NAME, ALIAS, number)
        return Registered(number, run.info.run_id, revision, new=True)


def git_revision() -> str | None:
    """Return the commit the project is at, None outside git or before the first commit."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        found = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return found.stdout.strip() or None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MLflow's telemetry, progress bars and notices off; its errors still raise."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"), redirect_stderr(StringIO()):
            yield
    finally:
        logging.disable(before)
