"""From an OpenAPI document to a draft: which operations users call, how often, with what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from loadtests.drafts.arguments import body_of, headers_of, parameters_of, path_of, query_of
from loadtests.drafts.draft import Call, Draft
from loadtests.drafts.samples import Samples
from loadtests.drafts.schemas import NoValueError, Schemas
from loadtests.drafts.security import credentials_of
from loadtests.errors import QuestionError

READ_WEIGHT, WRITE_WEIGHT = 3, 1  # most of what users do is to look
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_CHANGES = {
    "put": "it replaces what is there",
    "patch": "it changes what is there",
    "delete": "it deletes what is there, and could do so once only",
    "head": "it is asked by programs, not by users",
    "options": "it is asked by programs, not by users",
    "trace": "it is asked by programs, not by users",
}
# What orchestrators and monitoring ask, by itself or below what frameworks put before it.
_PROBE = re.compile(
    r"(/(api|v\d+|actuator|management|internal))*"
    r"/(_?(health(z|[_-]?checks?)?|livez?|liveness|readyz?|readiness)(/\w+)?"
    r"|ping|metrics|prometheus|status|version|info|docs|redoc|swagger|openapi\.(json|ya?ml))/?",
    re.IGNORECASE,
)
_PROBED = "it is asked by orchestrators and monitoring, not by users"


def draft_of(document: Mapping[str, Any], source: str) -> Draft:
    """Return a draft of what a document describes.

    Raises QuestionError for a document of another kind or version, or one without operations.
    """
    _require_openapi_3(document, source)
    samples = Samples(Schemas.of(document))
    calls = [_call(samples, one, source) for one in _operations(samples.schemas)]
    if not calls:
        raise QuestionError(f"{source} names no operation: its paths are empty")
    info = document.get("info")
    title = str(info.get("title", "")) if isinstance(info, Mapping) else ""
    return Draft(title or "an API without a title", source, tuple(_some_made(calls)))


def _require_openapi_3(document: Mapping[str, Any], source: str) -> None:
    if "swagger" in document:
        raise QuestionError(
            f"{source} is of Swagger {document['swagger']}; convert it to OpenAPI 3 first, as "
            "editor.swagger.io does, then ask with that file"
        )
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        what = f"of OpenAPI {version}" if version else "no OpenAPI document: it names no version"
        raise QuestionError(f"{source} is {what}; 3.0 and 3.1 are understood")
    if not isinstance(document.get("paths") or {}, Mapping):
        raise QuestionError(f"{source} has paths that are no object, so names no operation")


@dataclass(frozen=True)
class _Operation:
    method: str
    path: str
    item: Mapping[str, Any]  # of its path
    itself: Mapping[str, Any]


def _operations(schemas: Schemas) -> Iterator[_Operation]:
    for path, found in (schemas.document.get("paths") or {}).items():
        try:
            item = schemas.resolve(found)
        except NoValueError:
            continue
        for method in _METHODS:
            if isinstance(item, Mapping) and isinstance(item.get(method), Mapping):
                yield _Operation(method, path, item, item[method])


def _call(samples: Samples, one: _Operation, source: str) -> Call:
    """Return an operation as a call; left out, with the reason, where it cannot be made."""
    template = _base(samples.schemas.document, one, source) + one.path
    summary = str(one.itself.get("summary") or one.itself.get("description") or "")
    probed = _PROBE.fullmatch(one.path)
    weight = READ_WEIGHT if one.method == "get" and not probed else WRITE_WEIGHT
    call = Call(one.method.upper(), template, template, summary, weight)
    reasons = [_CHANGES[one.method]] if one.method in _CHANGES else []
    reasons += [_PROBED] if probed else []
    reasons += ["it is deprecated"] if one.itself.get("deprecated") is True else []
    parts: dict[str, Any] = {}
    try:
        parameters = parameters_of(
            samples, one.item.get("parameters"), one.itself.get("parameters")
        )
        parts["credentials"] = credentials_of(one.itself, samples.schemas)
        body, headers = body_of(samples, one.itself.get("requestBody"))
        parts |= {"body": body, "headers": headers_of(samples, parameters) | headers}
        parts["url"] = path_of(samples, template, parameters) + query_of(samples, parameters)
    except NoValueError as error:
        reasons.append(str(error))
    except (AttributeError, KeyError, TypeError) as error:
        reasons.append(f"it is not described as OpenAPI asks for ({type(error).__name__}: {error})")
    return replace(call, **parts, left_out="; ".join(reasons))


def _base(document: Mapping[str, Any], one: _Operation, source: str) -> str:
    """Return the path that the API lies under, by the first server that an operation has."""
    for holder in (one.itself, one.item, document):
        if holder.get("servers"):
            try:
                return _path_of_server(holder["servers"][0], source)
            except (AttributeError, KeyError, TypeError, ValueError):
                return ""  # it is described as no server is
    return ""


def _path_of_server(server: Mapping[str, Any], source: str) -> str:
    url = str(server.get("url", "/"))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return urlsplit(urljoin(source if "://" in source else "http://localhost/", url)).path.rstrip(
        "/"
    )


def _some_made(calls: list[Call]) -> list[Call]:
    """Return the calls; what is only probed is made where there is nothing else to make."""
    if any(not call.left_out for call in calls):
        return calls
    return [replace(call, left_out="") if call.left_out == _PROBED else call for call in calls]
