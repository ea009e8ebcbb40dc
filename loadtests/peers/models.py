"""The trained model, put where the images of other frameworks take it from."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from loadtests.bench.images import ROOT
from loadtests.errors import ImageError
from loadtests.peers.contenders import IMAGES

MODEL = ROOT / "service" / "model"
REGISTRY = ROOT / "data" / "mlflow" / "mlflow.db"
ONNX = "model.onnx"
ONNX_FRAMEWORKS = ("bentoml", "litserve")
MLFLOW = "mlflow"


def place_onnx(images: Path = IMAGES, model: Path = MODEL) -> None:
    """Give each framework that runs ONNX the file that the service answers from."""
    for name in ONNX_FRAMEWORKS:
        folder = images / name / "app" / "model"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model / ONNX, folder / ONNX)


def place_registered(images: Path = IMAGES, model: Path = MODEL, registry: Path = REGISTRY) -> None:
    """Give `mlflow models serve` the forest as notebook 01 logged it.

    Raises ImageError where the model is in no registry, with MLflow's last lines.
    """
    place = json.loads((model / "model.json").read_text())["mlflow"]
    if place is None:
        raise ImageError("the model is in no registry; train it with `make model`")
    folder = images / MLFLOW / "app" / "model"
    marker = folder / ".registered"
    uri = f"models:/{place['name']}/{place['version']}"
    identity = f"{uri} {place['run_id']}"
    if marker.exists() and marker.read_text() == identity:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # A program of its own: MLflow in this process would take half a minute's worth of imports.
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", "artifacts", "download", "-u", uri, "-d", str(folder)],
        env=os.environ
        | {"MLFLOW_TRACKING_URI": f"sqlite:///{registry}", "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-3:])
        raise ImageError(f"MLflow did not hand out {uri}:\n{tail}")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # The image's user is not ours.
    marker.write_text(identity)
