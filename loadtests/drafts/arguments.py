"""What a call carries: path, query, headers and body, with values for each."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from loadtests.drafts.samples import Samples
from loadtests.drafts.schemas import NoValueError

Parameter = Mapping[str, Any]
_SET_BY_OTHERS = {"accept", "authorization", "content-type"}  # as OpenAPI says of headers


def parameters_of(samples: Samples, *lists: Any) -> list[Parameter]:
    """Return the parameters of a path and of an operation, whose own come last and win."""
    found = {}
    for items in lists:
        for item in items or ():
            parameter = samples.schemas.resolve(item)
            found[parameter["name"], parameter["in"]] = parameter
    return [*found.values()]


def path_of(samples: Samples, template: str, parameters: Sequence[Parameter]) -> str:
    """Return a path with its parameters filled in.

    Raises NoValueError where the document gives no value for one: an invented id is nobody's, and
    what is answered then says nothing of the service.
    """
    known = {item["name"]: item for item in parameters if item["in"] == "path"}
    names = dict.fromkeys(re.findall(r"{([^{}]+)}", template))
    given = {name: _given(samples, known[name]) for name in names if name in known}
    unknown = [name for name in names if not given.get(name)]
    if unknown:
        raise NoValueError(
            f"it needs {' and '.join(unknown)} that the service knows, and the document gives no "
            "example"
        )
    path = template
    for name, values in given.items():
        path = path.replace(f"{{{name}}}", quote(_plain(values[0]), safe=""))
    return path


def query_of(samples: Samples, parameters: Sequence[Parameter]) -> str:
    """Return the query string, with its "?", of what is required and what has an example."""
    pairs: list[tuple[str, str]] = []
    for parameter in _sent(samples, parameters, "query"):
        pairs += _pairs(parameter, _value(samples, parameter))
    return f"?{urlencode(pairs)}" if pairs else ""


def headers_of(samples: Samples, parameters: Sequence[Parameter]) -> dict[str, str]:
    """Return headers, cookies among them, that are required or have an example."""
    headers = {
        item["name"]: _plain(_value(samples, item))
        for item in _sent(samples, parameters, "header")
        if item["name"].lower() not in _SET_BY_OTHERS
    }
    cookies = [
        f"{item['name']}={_plain(_value(samples, item))}"
        for item in _sent(samples, parameters, "cookie")
    ]
    return headers | ({"Cookie": "; ".join(cookies)} if cookies else {})


def body_of(samples: Samples, request: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a body, as the client's arguments, and the headers it needs.

    Raises NoValueError for one of a kind that a document cannot describe, such as a file.
    """
    content = samples.schemas.resolve(request).get("content") if request else None
    if not content:
        return {}, {}
    for kind, media in content.items():
        plain = kind.partition(";")[0].strip().lower()
        if plain == "application/json" or plain.endswith("+json") or plain == "*/*":
            value = samples.value(media.get("schema", {}), _examples(samples, media), "body")
            as_said = {} if plain in {"application/json", "*/*"} else {"Content-Type": kind}
            return {"json": value}, as_said
        if plain == "application/x-www-form-urlencoded":
            value = samples.value(media.get("schema", {}), _examples(samples, media), "body")
            return {"data": urlencode(value, doseq=True)}, {"Content-Type": plain}
    kind, media = next(iter(content.items()))
    texts = [example for example in _examples(samples, media) if isinstance(example, str)]
    if not texts:
        raise NoValueError(f"its body is {kind}, of which the document gives no example")
    return {"data": texts[0]}, {"Content-Type": kind}


def _sent(samples: Samples, parameters: Sequence[Parameter], place: str) -> Iterator[Parameter]:
    for item in parameters:
        if item["in"] == place and (item.get("required") or _examples(samples, item)):
            yield item


def _value(samples: Samples, parameter: Parameter) -> Any:
    return samples.value(_schema(parameter), _examples(samples, parameter), parameter["name"])


def _given(samples: Samples, parameter: Parameter) -> list[Any]:
    return samples.given(_schema(parameter), _examples(samples, parameter))


def _schema(parameter: Parameter) -> Mapping[str, Any]:
    """Return a parameter's schema, which may stand within the kind of its content."""
    for media in parameter.get("content", {}).values():
        return media.get("schema", {})  # type: ignore[no-any-return]
    return parameter.get("schema", {})  # type: ignore[no-any-return]


def _examples(samples: Samples, holder: Mapping[str, Any]) -> list[Any]:
    """Return the examples that stand beside a schema."""
    several = holder.get("examples")
    named = several.values() if isinstance(several, Mapping) else ()
    found = [samples.schemas.resolve(example) for example in named]
    return [
        *([holder["example"]] if "example" in holder else []),
        *(example["value"] for example in found if "value" in example),
    ]


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Return a query parameter as pairs of name and text, in the style that it has."""
    name, style = parameter["name"], parameter.get("style", "form")
    if parameter.get("content"):
        return [(name, json.dumps(value))]
    if isinstance(value, Mapping):
        inner = "{name}[{key}]" if style == "deepObject" else "{key}"
        return [(inner.format(name=name, key=key), _plain(item)) for key, item in value.items()]
    if isinstance(value, list):
        if parameter.get("explode", style == "form"):
            return [(name, _plain(item)) for item in value]
        between = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
        return [(name, between.join(map(_plain, value)))]
    return [(name, _plain(value))]


def _plain(value: Any) -> str:
    """Return a value as it stands in an address."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return ",".join(map(_plain, value)) if isinstance(value, list) else str(value)
