"""What a request and an answer look like.

The ranges are wider than every penguin ever measured in the data set and narrower than a
mistaken unit (centimetres for millimetres, kilograms for grams), which is what they catch.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Penguin(BaseModel):
    """Four measurements of one penguin."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {
                "bill_length_mm": 39.1,
                "bill_depth_mm": 18.7,
                "flipper_length_mm": 181,
                "body_mass_g": 3750,
            }
        },
    )

    bill_length_mm: float = Field(
        ge=20, le=80, allow_inf_nan=False, description="Bill length in millimetres, 20 to 80."
    )
    bill_depth_mm: float = Field(
        ge=8, le=30, allow_inf_nan=False, description="Bill depth in millimetres, 8 to 30."
    )
    flipper_length_mm: float = Field(
        ge=120,
        le=300,
        allow_inf_nan=False,
        description="Flipper length in millimetres, 120 to 300.",
    )
    body_mass_g: float = Field(
        ge=1500, le=9000, allow_inf_nan=False, description="Body mass in grams, 1500 to 9000."
    )


class Prediction(BaseModel):
    """The predicted sex, how sure the forest is, and which model said so."""

    prediction: Literal["FEMALE", "MALE"]
    probability: float = Field(ge=0.0, le=1.0, description="Share of the forest that agrees.")
    model_version: str


class Health(BaseModel):
    """The service is up and its model is loaded."""

    status: Literal["ok"]
    engine: str
    model_version: str


class Problem(BaseModel):
    """One thing that is wrong with a request, and where."""

    loc: list[str | int]
    msg: str
    type: str


class Problems(BaseModel):
    """Everything that is wrong with a request."""

    detail: list[Problem]
