"""Values that are sent are valid, plain, and the same every time."""

import pytest

from loadtests.drafts.samples import Samples
from loadtests.drafts.schemas import NoValueError, Schemas

NODE = {
    "type": "object",
    "required": ["next"],
    "properties": {"next": {"$ref": "#/components/schemas/Node"}},
}
DOCUMENT = {
    "components": {
        "schemas": {
            "Kind": {"type": "string", "enum": ["book", "game"]},
            "Named": {"required": ["name"], "properties": {"name": {"type": "string"}}},
            "Node": NODE,
            "Round": {"$ref": "#/components/schemas/Trip"},
            "Trip": {"$ref": "#/components/schemas/Round"},
            "Tree": {
                "type": "object",
                "properties": {
                    "leaf": {"type": "integer"},
                    "branches": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            },
            "a/b~c": {"type": "integer", "example": 7},
        }
    }
}


def value(schema, *examples, document=DOCUMENT):
    """Return what is sent by a schema of a document."""
    samples = Samples(Schemas.of({**document, "asked": {"schema": schema}}))
    return samples.value(samples.schemas.document["asked"]["schema"], examples)


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 3}, "tex"),
        ({"type": "string", "minLength": 6}, "texttt"),
        ({"type": "string", "format": "date"}, "2026-01-15"),
        ({"type": "string", "format": "email"}, "user@example.com"),
        ({"type": "string", "format": "of-our-own"}, "text"),
        ({"type": "string", "enum": ["a", "b"]}, "a"),
        ({"type": "string", "default": "d", "enum": ["a", "d"]}, "d"),
        ({"const": 5}, 5),
        ({"type": "integer", "example": 4, "default": 3}, 4),
        ({"type": "integer", "examples": [6, 7]}, 6),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": ["null", "integer"]}, 1),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 1, "maximum": 100}, 50),
        ({"type": "integer", "minimum": 0, "maximum": 2**31}, 0),
        ({"type": "integer", "exclusiveMinimum": 4}, 5),
        ({"type": "integer", "maximum": -3}, -4),
        ({"type": "integer", "minimum": 10, "multipleOf": 7}, 14),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "minimum": 1500.0, "maximum": 9000.0}, 5250),
        ({"type": "array", "items": {"type": "integer"}}, [1]),
        ({"items": {"type": "integer"}, "minItems": 2, "uniqueItems": True}, [1, 2]),
        ({"type": "array", "maxItems": 0}, []),
        ({"prefixItems": [{"type": "integer"}, {"const": "b"}], "items": False}, [1, "b"]),
        ({"type": "object"}, {}),
        ({"properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"additionalProperties": {"type": "integer"}, "minProperties": 1}, {"name1": 1}),
        ({"$ref": "#/components/schemas/Kind"}, "book"),
        ({"$ref": "#/components/schemas/a~1b~0c"}, 7),
        ({"allOf": [{"$ref": "#/components/schemas/Kind"}]}, "book"),
        ({"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]}, "2026-01-15"),
        ({}, "text"),
    ],
)  # fmt: skip
def test_a_value_is_the_plainest_that_is_valid(schema, sent):
    assert value(schema) == sent
    assert type(value(schema)) is type(sent) or isinstance(sent, float | int)


def test_parts_of_one_object_are_put_together():
    whole = {
        "allOf": [
            {"$ref": "#/components/schemas/Named"},
            {"required": ["size"], "properties": {"size": {"type": "integer"}}},
        ],
        "unevaluatedProperties": False,
    }
    assert value(whole) == {"name": "name", "size": 1}


def test_a_text_fits_its_pattern_and_is_the_same_every_time():
    schema = {"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$"}
    assert value(schema) == value(schema)
    assert len(value(schema)) == 8


def test_of_what_may_be_left_out_only_what_has_an_example_is_sent():
    properties = {
        "a": {"type": "integer"},
        "b": {"type": "integer"},
        "c": {"type": "string", "example": "see"},
        "d": {"type": "integer", "default": 3},
    }
    assert value({"required": ["a"], "properties": properties}) == {"a": 1, "c": "see"}


def test_an_example_that_is_not_valid_is_not_sent():
    schema = {"type": "integer", "example": "seven"}
    assert value(schema) == 1
    assert value(schema, "eight", 8) == 8


def test_what_only_answers_have_is_not_sent():
    schema = {
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
        "additionalProperties": False,
    }
    assert value(schema) == {"name": "name"}


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        ({"type": "integer", "minimum": 4, "exclusiveMinimum": True}, 5),
        ({"type": "integer", "minimum": 4, "exclusiveMinimum": False}, 4),
        ({"type": "string", "nullable": True}, "text"),
        ({"allOf": [{"$ref": "#/components/schemas/Kind"}], "nullable": True}, "book"),
        ({"type": "string", "enum": ["a", None], "nullable": True}, "a"),
    ],
)
def test_schemas_of_3_0_are_understood(schema, sent):
    assert value(schema) == sent


def test_what_may_hold_itself_ends():
    sent = value({"$ref": "#/components/schemas/Tree"})
    assert sent["leaf"] == 1
    assert len(str(sent)) < 200


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "#/components/schemas/Node"}, "next has no end: it holds itself"),
        ({"$ref": "#/components/schemas/Round"}, "its references lead in a circle"),
        ({"$ref": "#/components/schemas/None"}, "#/components/schemas/None, which is not there"),
        ({"oneOf": [{"$ref": "b.json"}, {"type": "integer"}]}, "b.json, which is outside"),
        ({"$ref": "http://127.0.0.1:9/a.json"}, "a.json, which is outside of the document"),
        ({"type": "string", "pattern": "^(?<=x)y$"}, "no text for the pattern"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "no valid value"),
        ({"type": "object", "required": ["a"], "not": {"required": ["a"]}}, "no valid value"),
        ({"type": "array", "items": [1], "minItems": "two"}, "is malformed"),
        ({"type": "nonsense"}, "no valid value"),
        ({"type": "integer", "multipleOf": 0}, "no valid value"),
    ],
)  # fmt: skip
def test_where_there_is_no_valid_value_that_is_said(schema, said):
    with pytest.raises(NoValueError, match=said):
        value(schema)


def test_nothing_is_sent_that_json_has_not():
    assert value({"type": "number"}, float("nan"), float("inf"), b"bytes") == 1


def test_an_example_with_nothing_in_it_is_valid_where_3_0_says_so():
    schema = {"required": ["a"], "properties": {"a": {"type": "string", "nullable": True}}}
    assert value(schema, {"a": None}) == {"a": None}
    schema["properties"]["a"]["nullable"] = False
    assert value(schema, {"a": None}) == {"a": "a"}
