"""Single calls of a recording: whether users make them again, and what they send then."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from loadtests.drafts.security import variable_of

Entry = Mapping[str, Any]

SERVICE = "http://service"  # whatever it was called when it was recorded
_STATIC = {"image", "font", "stylesheet", "script", "media", "texttrack", "manifest"}
_STATIC_KINDS = re.compile(r"^(image|font|audio|video)/|javascript|^text/css|font-|wasm")
# What a browser decides by itself, and what was true for one session or one copy in its cache.
_OF_THE_BROWSER = re.compile(
    r"^(:.*|host|connection|cookie|content-length|origin|referer|dnt|te|priority|pragma"
    r"|cache-control|if-.*|accept-encoding|upgrade-insecure-requests|sec-.*|user-agent)$",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"authorization|token|secret|api[-_]?key|^key$|password|session|signature", re.IGNORECASE
)
_ID = re.compile(
    r"^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|(?=.*\d)[\w-]{20,})$", re.IGNORECASE
)


def left_out_for(entry: Entry, redirected: Collection[str]) -> str:
    """Return why users do not make a call again, as a clause after "that"; "" where they do.

    `redirected` are the addresses that answers led to.
    """
    request, response = entry["request"], entry["response"]
    status, kind = int(response["status"]), _kind(response)
    is_static = entry.get("_resourceType") in _STATIC or bool(_STATIC_KINDS.search(kind))
    reasons = {
        "are no HTTP calls": urlsplit(request["url"]).scheme not in {"http", "https"},
        "only browsers make": request["method"].upper() in {"OPTIONS", "CONNECT", "TRACE"},
        "are pictures, styles, scripts and the like": is_static,
        "were not answered when they were recorded": status < 200,
        "failed when they were recorded": status >= 400,
        "follow a redirect, as users do by themselves": request["url"] in redirected,
        "sent a form or a file that was not recorded": _lacks_body(request),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def handed_on(entry: Entry, step: int) -> dict[str, Any]:
    """Return a call as har2locust gets it: with its step and label, and without secrets."""
    request, response = entry["request"], entry["response"]
    url = urlsplit(request["url"])
    headers = [
        _header(item["name"], item["value"])
        for item in request.get("headers", ())
        if not _OF_THE_BROWSER.match(item["name"])
    ]
    body = {"postData": _body(request["postData"])} if _sends(request) else {}
    return {
        "_resourceType": "other",  # they are sorted out already
        "request": {
            "method": request["method"],
            "url": f"{SERVICE}{url.path or '/'}",
            "address": _address(url.path or "/", url.query),
            "headers": headers,
            "step": step,
            "label": label(url.path),
            "variables": [],
            **body,
        },
        # By this it tells answers that have to be JSON.
        "response": {"headers": [{"name": "content-type", "value": _kind(response)}]},
    }


def label(path: str) -> str:
    """Return a path with what looks like an id left open, so that each is no kind of its own."""
    return "/".join("{id}" if _ID.match(part) else part for part in path.split("/")) or "/"


def _header(name: str, value: str) -> dict[str, Any]:
    """Return a header; of a secret one the variable that has its value."""
    if _SECRET.search(name):
        return {"name": name.lower(), "value": "", "variable": variable_of(name)}
    return {"name": name.lower(), "value": value, "variable": None}


def _address(path: str, query: str) -> list[dict[str, str]]:
    """Return path and query in parts: a text each, or the variable that has what is secret."""
    parts, text = [], path
    for number, pair in enumerate(query.split("&") if query else ()):
        name, equals, value = pair.partition("=")
        text += f"{'&' if number else '?'}{name}{equals}"
        if value and _SECRET.search(name):
            parts += [{"text": text}, {"variable": variable_of(name)}]
            text = ""
        else:
            text += value
    return [*parts, {"text": text}] if text or not parts else parts


def _kind(response: Mapping[str, Any]) -> str:
    """Return the media type of an answer, "" where it is not told."""
    return str((response.get("content") or {}).get("mimeType") or "")


def redirect_of(entry: Entry) -> str:
    """Return the address that an answer led to, "" where it led nowhere."""
    target = entry["response"].get("redirectURL") or ""
    is_one = 300 <= int(entry["response"]["status"]) < 400
    return urljoin(entry["request"]["url"], target) if is_one and target else ""


def _body(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent, as JSON only where it is."""
    kind = str(sent.get("mimeType", "")).partition(";")[0].strip().lower()
    if kind == "application/json" and not _is_json(sent.get("text", "")):
        kind = "text/plain"
    return {**sent, "mimeType": kind}


def _is_json(text: str) -> bool:
    try:
        json.dumps(json.loads(text), allow_nan=False)
    except ValueError:
        return False
    return True


def _sends(request: Mapping[str, Any]) -> bool:
    sent = request.get("postData") or {}
    return bool(sent.get("text") or sent.get("params"))


def _lacks_body(request: Mapping[str, Any]) -> bool:
    """Say whether something was sent of which the recording has no text."""
    sent = request.get("postData") or {}
    is_form = str(sent.get("mimeType")).startswith("application/x-www-form-urlencoded")
    return bool(sent.get("params")) and not sent.get("text") and not is_form
