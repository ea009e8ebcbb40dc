"""Values to send: those the document gives, else the plainest that its schema accepts.

They are the same for every draft of a document, and each is checked against its schema: what
cannot be made valid is said, never sent.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadtests.drafts import scalars
from loadtests.drafts.schemas import NoValueError, Schema, Schemas

DEPTH_AT_MOST = 12  # of objects within objects that have to be there
OPTIONAL_ABOVE = 8  # what need not be there is left out deeper than four within each other
_TYPES = {
    "properties": "object", "additionalProperties": "object", "required": "object",
    "items": "array", "prefixItems": "array", "minItems": "array",
    "minimum": "number", "maximum": "number", "exclusiveMinimum": "number",
    "exclusiveMaximum": "number", "multipleOf": "number",
}  # fmt: skip


@dataclass(frozen=True)
class Samples:
    """Makes values by a document's schemas."""

    schemas: Schemas

    def value(self, schema: Schema, examples: Sequence[Any] = (), name: str = "text") -> Any:
        """Return the first valid one of the examples, else a value that the schema accepts.

        Raises NoValueError where no valid one is found.
        """
        for example in examples:
            if self.schemas.accept(schema, example):
                return example
        try:
            value = self._make(schema, name, DEPTH_AT_MOST)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise NoValueError(f"the schema of {name} is malformed") from error
        if not self.schemas.accept(schema, value):
            raise NoValueError(f"no valid value for {name} could be derived from its schema")
        return value

    def given(self, schema: Schema, examples: Sequence[Any] = ()) -> list[Any]:
        """Return the valid values that the document itself gives."""
        plain = self.schemas.resolve(schema)
        found = [*examples, *_given(plain)]
        return [value for value in found if value is not None and self.schemas.accept(plain, value)]

    def _make(self, schema: Any, name: str, depth: int) -> Any:
        if depth == 0:
            raise NoValueError(f"{name} has no end: it holds itself")
        if isinstance(schema, bool):
            schema = {}
        schema = self._merged(self.schemas.resolve(schema), depth)
        for value in _given(schema):
            if value is not None and self.schemas.accept(schema, value):
                return value
        for keyword in ("oneOf", "anyOf"):
            if isinstance(schema.get(keyword), list):
                return self._of_options(schema, keyword, name, depth)
        match _type_of(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case kind:
                return self._scalar(schema, kind, name)

    def _merged(self, schema: Schema, depth: int) -> Schema:
        """Return a schema with all parts of its allOf in one."""
        if not isinstance(schema.get("allOf"), list) or depth == 0:
            return schema
        own = {key: value for key, value in schema.items() if key != "allOf"}
        merged: dict[str, Any] = {}
        for part in [*schema["allOf"], own]:
            found = self._merged(self.schemas.resolve(part), depth - 1)
            both = {
                "properties": {**merged.get("properties", {}), **found.get("properties", {})},
                "required": [*merged.get("required", []), *found.get("required", [])],
            }
            merged |= {**found, **{key: value for key, value in both.items() if value}}
        return merged

    def _of_options(self, schema: Schema, keyword: str, name: str, depth: int) -> Any:
        """Return a value of the first option that has one; null only where there is no other."""
        own = {key: value for key, value in schema.items() if key != keyword}
        options = sorted(schema[keyword], key=lambda option: option == {"type": "null"})
        why = NoValueError(f"{name} has no option")
        for option in options:
            try:
                value = self._make({"allOf": [own, option]}, name, depth - 1)
            except NoValueError as error:
                why = error
                continue
            if self.schemas.accept(schema, value):
                return value
        raise why

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        """Return an object with what is required and what has an example.

        A schema that requires nothing says nothing of what is usual, so there it is everything.
        """
        properties, required = schema.get("properties", {}), schema.get("required", [])
        made = {}
        for name, item in properties.items():
            usual = depth > OPTIONAL_ABOVE and not required
            if name in required or usual or _named(self.schemas.resolve(item)):
                try:
                    made[name] = self._make(item, name, depth - 1)
                except NoValueError:
                    if name in required:
                        raise
        others = schema.get("additionalProperties", {})
        for number in range(int(schema.get("minProperties", 0)) - len(made)):
            made[f"name{number + 1}"] = self._make(others, "text", depth - 1)
        return made

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        first = [self._make(item, name, depth - 1) for item in schema.get("prefixItems", [])]
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems", math.inf)
        none = most == 0 or schema.get("items") is False
        if none or len(first) >= max(least, int(depth > OPTIONAL_ABOVE)):
            return first
        try:
            item = self._make(schema.get("items", {}), name, depth - 1)
        except NoValueError:
            if least:
                raise
            return first  # an empty one will do
        count = max(least, 1) - len(first)
        return first + [
            scalars.varied(item, turn) if schema.get("uniqueItems") else item
            for turn in range(count)
        ]

    def _scalar(self, schema: Schema, kind: str, name: str) -> Any:
        match kind:
            case "integer" | "number":
                return scalars.number(schema, whole=kind == "integer")
            case "boolean":
                return False
            case "null":
                return None
        if "pattern" in schema:
            return scalars.matching(schema, lambda text: self.schemas.accept(schema, text))
        return scalars.text(schema, name)


def _named(schema: Any) -> list[Any]:
    """Return the examples a schema has, and the one value it may have."""
    if not isinstance(schema, Mapping):
        return []
    examples = schema.get("examples")
    return [
        *([schema["const"]] if "const" in schema else []),
        *([schema["example"]] if "example" in schema else []),
        *(examples if isinstance(examples, list) else []),
    ]


def _given(schema: Any) -> list[Any]:
    """Return every value that a schema itself has, the best first."""
    found = _named(schema)
    if isinstance(schema, Mapping):
        found += [schema["default"]] if "default" in schema else []
        found += schema["enum"] if isinstance(schema.get("enum"), list) else []
    return found


def _type_of(schema: Schema) -> str:
    """Return a schema's type, null only where there is no other; from its keywords where unsaid."""
    said = schema.get("type")
    types = said if isinstance(said, list) else [said]
    for kind in types:
        if isinstance(kind, str) and kind != "null":
            return kind
    if "null" in types:
        return "null"
    return next((kind for keyword, kind in _TYPES.items() if keyword in schema), "string")
