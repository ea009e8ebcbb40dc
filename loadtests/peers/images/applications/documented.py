"""FastAPI as its documentation has it, with ONNX Runtime as its own has it.

A model that is loaded in a lifespan event, a Pydantic model for the body, one for the answer
(fastapi.tiangolo.com, "Lifespan Events", "Request Body", "Response Model").
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI
from pydantic import BaseModel

sessions: dict[str, ort.InferenceSession] = {}


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Load the model before the first request; one row is no work for several threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    sessions["penguins"] = ort.InferenceSession(
        "service/model/model.onnx", options, providers=["CPUExecutionProvider"]
    )
    yield
    sessions.clear()


app = FastAPI(lifespan=lifespan)


class Penguin(BaseModel):
    """Four measurements."""

    bill_length_mm: float
    bill_depth_mm: float
    flipper_length_mm: float
    body_mass_g: float


class Prediction(BaseModel):
    """The sex, and how sure the forest is."""

    prediction: str
    probability: float


@app.post("/predict/")
async def predict(penguin: Penguin) -> Prediction:
    """Tell a penguin's sex."""
    row = [
        penguin.bill_length_mm,
        penguin.bill_depth_mm,
        penguin.flipper_length_mm,
        penguin.body_mass_g,
    ]
    labels, probabilities = sessions["penguins"].run(None, {"X": np.array([row], np.float32)})
    return Prediction(prediction=labels[0], probability=probabilities[0].max())


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that it is up."""
    return {"status": "ok"}
