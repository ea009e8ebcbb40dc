"""Reads what a draft is made from: a file, or what a server answers."""

import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml

from loadtests.errors import QuestionError
from loadtests.units import MIB

TIMEOUT_S = 30.0
AT_MOST_MIB = 100  # a recording with pictures in it; documents are far smaller


def read_text(source: str) -> str:
    """Return the text of a file, or of what an http(s) URL answers.

    Raises QuestionError where there is none, or it is no text.
    """
    raw = _download(source) if source.startswith(("http://", "https://")) else _read_file(source)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionError(f"{source} is no text in UTF-8, so no document") from error


def shown(source: str) -> str:
    """Return a source as it may be written down: an address without log-in and query."""
    if "://" not in source:
        return source
    url = urlsplit(source)
    return url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl()


def parse(text: str, source: str) -> dict[str, Any]:
    """Return what a JSON or YAML document holds. Raises QuestionError where it is neither."""
    if text.lstrip()[:1] == "<":
        raise QuestionError(
            f"{source} is a page in HTML or XML, not the document itself; look there for its "
            "address, which often ends in openapi.json"
        )
    try:
        found = json.loads(text)
    except ValueError:
        found = _parse_yaml(text, source)
    if not isinstance(found, dict):
        raise QuestionError(f"{source} holds no object, as such a document is")
    return found


def _parse_yaml(text: str, source: str) -> Any:
    """Return what YAML holds, with the dates in it as the text they were, as JSON has them."""
    try:
        return yaml.load(text, Loader=_Texts)  # noqa: S506  (it is derived from the safe loader)
    except (yaml.YAMLError, ValueError) as error:
        raise QuestionError(
            f"{source} is neither JSON nor YAML: {' '.join(str(error).split())}"
        ) from error


class _Texts(yaml.SafeLoader):
    """Leaves dates as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (as the class it is derived from)
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _read_file(source: str) -> bytes:
    path = Path(source)
    try:
        if path.stat().st_size > AT_MOST_MIB * MIB:
            raise QuestionError(f"{source} is larger than {AT_MOST_MIB} MiB")
        return path.read_bytes()
    except OSError as error:
        raise QuestionError(f"{source} cannot be read: {error.strerror}") from error


def _download(url: str) -> bytes:
    try:
        with requests.get(url, timeout=TIMEOUT_S, stream=True) as answer:
            if not answer.ok:
                raise QuestionError(
                    f"{url} answered {answer.status_code} {answer.reason}; give the address of "
                    "the document itself, or a file"
                )
            content = b"".join(itertools.islice(answer.iter_content(MIB), AT_MOST_MIB + 1))
    except requests.RequestException as error:
        raise QuestionError(f"nothing answers {url}: {_cause(error)}") from error
    if len(content) > AT_MOST_MIB * MIB:
        raise QuestionError(f"{url} is larger than {AT_MOST_MIB} MiB")
    return content


def _cause(error: BaseException) -> str:
    """Return the last words of what lies beneath a failed request."""
    return str(error).rpartition(": ")[2].strip("')\" ") or type(error).__name__
