"""From a recording of a browser (a HAR file) to a locustfile: har2locust with a template of ours.

What it is handed is sorted out first: one host's calls that went well, without what only a
browser sends and without secrets.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loadtests.drafts.recorded_calls import handed_on, left_out_for, redirect_of
from loadtests.drafts.writing import formatted, plain
from loadtests.errors import AguantaError, QuestionError

TEMPLATE = Path(__file__).with_name("recording.jinja2")
TOGETHER_S = 1.0  # calls that begin so soon after each other are one step; a person takes longer
_ABOUT = '''"""Users of {host}.

Drafted from the recording {source}
Every user does the same with the same values: look through what differs from user to user, what
was made for one session alone, and what was typed, which stands here as it was.
"""
'''


@dataclass(frozen=True)
class Recorded:
    """A locustfile from a recording, and what it kept and left out, in sentences."""

    host: str
    text: str
    notes: tuple[str, ...]
    variables: tuple[str, ...]  # that have its secrets


def recorded(recording: Mapping[str, Any], source: str, host: str = "") -> Recorded:
    """Return the locustfile of what was recorded of one host; "": the one that was called most.

    Raises QuestionError where this is no recording, or nothing in it can be called again.
    """
    entries = _entries(recording, source)
    redirected = {redirect_of(entry) for entry in entries} - {""}
    why = [left_out_for(entry, redirected) for entry in entries]
    again = [entry for entry, reason in zip(entries, why, strict=True) if not reason]
    useful = Counter(_host(entry) for entry in again)
    host = host or max(useful, key=lambda one: useful[one], default="")
    kept = [entry for entry in again if _host(entry) == host]
    if not kept:
        raise QuestionError(_nothing(source, host, useful, why))
    calls = [handed_on(entry, step) for entry, step in zip(kept, _steps(kept), strict=True)]
    _tell_methods_apart(calls)
    variables = calls[0]["request"]["variables"] = _variables(calls)
    about = _ABOUT.format(host=plain(host), source=plain(source))
    text = formatted(about + _har2locust(calls))
    notes = _notes(host, kept, useful, why)
    return Recorded(host, text, tuple(notes), tuple(variables))


def _entries(recording: Mapping[str, Any], source: str) -> list[dict[str, Any]]:
    """Return a recording's entries, in the order of time. Raises QuestionError for another file."""
    log = recording.get("log")
    entries = log.get("entries") if isinstance(log, Mapping) else None
    if not isinstance(entries, list):
        raise QuestionError(
            f"{source} is no recording: it has no log of entries; save one as HAR from the network "
            "page of a browser's developer tools"
        )
    for number, entry in enumerate(entries, 1):
        try:
            _began(entry)
            str.upper(entry["request"]["method"])
            urlsplit(entry["request"]["url"])
            int(entry["response"]["status"])
        except (KeyError, TypeError, ValueError) as error:
            raise QuestionError(
                f"{source} is no whole recording: entry {number} has no proper method, url, status "
                f"or startedDateTime ({type(error).__name__}: {error})"
            ) from error
    return sorted(entries, key=_began)


def _began(entry: Mapping[str, Any]) -> datetime:
    began = datetime.fromisoformat(entry["startedDateTime"])
    return began if began.tzinfo else began.replace(tzinfo=UTC)


def _host(entry: Mapping[str, Any]) -> str:
    return str(urlsplit(entry["request"]["url"]).netloc)


def _steps(kept: list[dict[str, Any]]) -> list[int]:
    """Return the step of each call; between two steps a user thinks."""
    steps, step, last = [], 1, None
    for entry in kept:
        began = _began(entry)
        step += last is not None and began - last > timedelta(seconds=TOGETHER_S)
        steps.append(step)
        last = began
    return steps


def _tell_methods_apart(calls: list[dict[str, Any]]) -> None:
    """Put the method into the labels of paths that are called by several."""
    methods: dict[str, set[str]] = {}
    for call in calls:
        methods.setdefault(call["request"]["label"], set()).add(call["request"]["method"])
    for call in calls:
        if len(methods[call["request"]["label"]]) > 1:
            call["request"]["label"] = f"{call['request']['method']} {call['request']['label']}"


def _variables(calls: list[dict[str, Any]]) -> list[str]:
    """Return the variables that have what is secret in the calls."""
    requests = [call["request"] for call in calls]
    parts = [part for one in requests for part in (*one["headers"], *one["address"])]
    return sorted({part["variable"] for part in parts if part.get("variable")})


def _har2locust(entries: list[dict[str, Any]]) -> str:
    """Return what har2locust makes of entries, run in a folder without settings of anybody's."""
    scripts = str(Path(sys.executable).parent)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.har"
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
        done = subprocess.run(
            [sys.executable, "-m", "har2locust", "--template", str(TEMPLATE), str(path)],
            cwd=folder,
            env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise AguantaError(f"har2locust could not make a locustfile of the recording: {last}")
    return done.stdout


def _notes(
    host: str, kept: list[dict[str, Any]], useful: Counter[str], why: list[str]
) -> list[str]:
    others = {other: count for other, count in useful.items() if other != host}
    steps = _steps(kept)[-1]
    in_steps = f"in {steps} steps, between which users think" if steps > 1 else "in one step"
    notes = [f"Of {len(why)} calls, {len(kept)} to {host} are kept, {in_steps}"]
    if others:
        told = ", ".join(f"{count} to {other}" for other, count in others.items())
        notes.append(f"Left out are calls to other hosts: {told}; HAR_HOST=… drafts one of them")
    reasons = Counter(reason for reason in why if reason)
    notes += [f"Left out: {count} that {reason}" for reason, count in reasons.items()]
    changes = [e for e in kept if e["request"]["method"].upper() in {"PUT", "PATCH", "DELETE"}]
    if changes:
        notes.append(
            f"{len(changes)} of them change or delete what is there, and may fail the second time"
        )
    return notes


def _nothing(source: str, host: str, useful: Counter[str], why: list[str]) -> str:
    if useful:
        return f"{source} has no calls to {host} to do again; it has some to {', '.join(useful)}"
    if not why:
        return f"{source} is empty: nothing was recorded"
    reasons = ", ".join(f"{count} that {reason}" for reason, count in Counter(why).items())
    return f"{source} has nothing that can be done again: {reasons}"
