"""What counts as a plausible penguin."""

import json

import pytest
from pydantic import ValidationError

from service.model import CLASSES, FEATURES
from service.schemas import Penguin, Prediction
from service.training import Penguins


def test_the_fields_are_the_features_in_their_order() -> None:
    """The model is given its features by position."""
    assert tuple(Penguin.model_fields) == FEATURES


def test_the_example_is_a_valid_penguin() -> None:
    """What the documentation shows can be sent."""
    assert Penguin.model_validate(Penguin.model_json_schema()["example"])


def test_every_penguin_ever_measured_is_plausible(penguins: Penguins) -> None:
    """The ranges are wider than the data set."""
    for row in penguins.features.to_dict("records"):
        assert Penguin.model_validate_json(json.dumps(row)).model_dump() == row


@pytest.mark.parametrize(
    ("field", "factor"),
    [
        pytest.param("bill_length_mm", 0.1, id="bill length in centimetres"),
        pytest.param("bill_depth_mm", 0.1, id="bill depth in centimetres"),
        pytest.param("flipper_length_mm", 0.1, id="flipper length in centimetres"),
        pytest.param("body_mass_g", 0.001, id="body mass in kilograms"),
        pytest.param("body_mass_g", 0.00220462, id="body mass in pounds"),
    ],
)
def test_a_mistaken_unit_is_never_plausible(penguins: Penguins, field: str, factor: float) -> None:
    """The ranges are narrower than the step to the next unit."""
    for row in penguins.features.to_dict("records"):
        with pytest.raises(ValidationError, match=field):
            Penguin.model_validate(row | {field: row[field] * factor})


def test_a_penguin_cannot_be_changed() -> None:
    """What was validated is what is predicted for."""
    penguin = Penguin.model_validate(Penguin.model_json_schema()["example"])
    with pytest.raises(ValidationError, match="frozen"):
        penguin.body_mass_g = 1.0


def test_a_prediction_is_one_of_the_classes() -> None:
    """The documented answers are the model's."""
    assert tuple(Prediction.model_json_schema()["properties"]["prediction"]["enum"]) == CLASSES
