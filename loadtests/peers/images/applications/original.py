"""The original exercise's way: the pickled forest, and a pandas DataFrame for every request."""

import pickle
from pathlib import Path

import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = pickle.loads(Path("service/model/random_forest_model.pkl").read_bytes())  # noqa: S301


class Penguin(BaseModel):
    """Four measurements."""

    bill_length_mm: float
    bill_depth_mm: float
    flipper_length_mm: float
    body_mass_g: float


@app.post("/predict/")
def predict(penguin: Penguin) -> dict[str, str]:
    """Tell a penguin's sex."""
    frame = pd.DataFrame([penguin.model_dump()])
    return {"prediction": str(model.predict(frame)[0])}


@app.get("/health")
def health() -> dict[str, str]:
    """Say that it is up."""
    return {"status": "ok"}
