"""The schemas of an OpenAPI document, as a request has to meet them: references and validity."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, UnknownType
from referencing import Registry
from referencing.exceptions import Unresolvable

Schema: TypeAlias = Mapping[str, Any]

_NAMED = {"properties", "patternProperties", "$defs", "schemas"}  # hold names, then schemas
_DATA = {"example", "examples", "default", "enum", "const"}  # hold values, no schemas
_SHARED = ("components", "paths")  # what references lead into
REFERENCES_AT_MOST = 100  # from one to the next


class NoValueError(Exception):
    """There is no value to send, with the reason, as a clause."""


@dataclass(frozen=True)
class Schemas:
    """A document's schemas, all as those of OpenAPI 3.1 and as requests have to meet them."""

    document: Schema
    _shared: Schema = field(repr=False, default_factory=dict)

    @classmethod
    def of(cls, document: Schema) -> "Schemas":
        """Return a document's schemas."""
        plain = _of_requests(document)
        return cls(plain, {name: plain[name] for name in _SHARED if name in plain})

    def resolve(self, node: Any) -> Any:
        """Return what a node is, or refers to, within the document.

        Raises NoValueError where that is elsewhere or nowhere.
        """
        for _ in range(REFERENCES_AT_MOST):
            if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
                return node
            target = self._target(node["$ref"])
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**target, **beside} if isinstance(target, Mapping) else target
        raise NoValueError("its references lead in a circle")

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise NoValueError(f"it refers to {reference}, which is outside of the document")
        target: Any = self.document
        for part in reference[2:].split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                target = target[int(name)] if isinstance(target, list) else target[name]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                raise NoValueError(f"it refers to {reference}, which is not there") from error
        return target

    def accept(self, schema: Schema, value: Any) -> bool:
        """Say whether a value is valid JSON by a schema; where that cannot be told, it is not."""
        validator = Draft202012Validator(
            {**schema, **self._shared},
            registry=Registry(),  # an empty one: nothing is fetched from anywhere
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        try:
            json.dumps(value, allow_nan=False)
            return bool(validator.is_valid(value))
        except (SchemaError, UnknownType, Unresolvable):
            return False
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
            return False  # the schema is malformed, or the value no JSON


def _of_requests(node: Any, names: bool = False) -> Any:
    """Return a document without what is only answered, and with 3.0's schemas as 3.1's."""
    if isinstance(node, list):
        return [_of_requests(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if names:
        return {str(name): _of_requests(item) for name, item in node.items()}
    plain = {
        str(key): value if key in _DATA else _of_requests(value, names=key in _NAMED)
        for key, value in node.items()
    }
    return _nullable(_bounds(_without_answers(plain)))


def _without_answers(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out properties that only answers have."""
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict):
        return schema
    answers = {
        name
        for name, item in properties.items()
        if isinstance(item, Mapping) and item.get("readOnly") is True
    }
    kept = {name: item for name, item in properties.items() if name not in answers}
    found = {**schema, "properties": kept}
    if isinstance(required, list):
        found["required"] = [name for name in required if name not in answers]
    return found


def _bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """Write 3.0's `minimum` with `exclusiveMinimum: true` as 3.1 does."""
    for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        is_flag = isinstance(schema.get(exclusive), bool)
        if is_flag and schema.pop(exclusive) and plain in schema:
            schema[exclusive] = schema.pop(plain)
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Write 3.0's `nullable: true` as 3.1 does."""
    if schema.get("nullable") is not True:
        return schema
    del schema["nullable"]
    return {"anyOf": [schema, {"type": "null"}]}
