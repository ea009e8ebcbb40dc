"""Write a first locustfile from an OpenAPI document or a HAR file (`make locustfile`)."""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from loadtests.drafts.draft import Draft
from loadtests.drafts.openapi import draft_of
from loadtests.drafts.placing import Placed, place
from loadtests.drafts.recording import recorded
from loadtests.drafts.source import parse, read_text
from loadtests.drafts.writing import locustfile
from loadtests.errors import QuestionError
from loadtests.jobs.console import ANSWERED, say, tells_refusals
from loadtests.studies.parameters import ROOT

LOCUSTFILES = ROOT / "data" / "locustfiles"
_HOW = (
    "say where it is described, OPENAPI=http://127.0.0.1:8000/openapi.json or a file, or give what "
    "a browser recorded of it, HAR=visit.har"
)


@dataclass(frozen=True)
class Written:
    """A locustfile's text, what it is of, and what is to be said of it."""

    title: str
    text: str
    notes: tuple[str, ...]
    variables: tuple[str, ...] = ()  # that have its secrets


def from_openapi(source: str) -> Written:
    """Return the locustfile of what an OpenAPI document describes."""
    draft = draft_of(parse(read_text(source), source), source)
    return Written(draft.title, locustfile(draft), tuple(_told(draft)), _variables(draft))


def from_har(source: str, host: str = "") -> Written:
    """Return the locustfile of what a browser recorded."""
    found = recorded(parse(read_text(source), source), source, host)
    return Written(found.host, found.text, found.notes, found.variables)


def _told(draft: Draft) -> list[str]:
    made, left = len(draft.made), len(draft.calls) - len(draft.made)
    notes = [
        f"Of {made + left} operations it makes {made}"
        if made
        else f"It makes none of the {left} operations yet: take what is to be called out of the "
        "comments, with values that the service knows"
    ]
    reasons = Counter(call.left_out for call in draft.calls if call.left_out)
    return notes + [f"Left out: {count}, as {reason}" for reason, count in reasons.most_common(5)]


def _variables(draft: Draft) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.variable for call in draft.made for one in call.credentials))


def show(written: Written, placed: Placed) -> None:
    """Print a locustfile, what is to be known of it and how it is used."""
    path = _short(placed.path)
    say(written.text)
    if placed.instead_of is not None:
        say(f"{_short(placed.instead_of)} is another one, and was left as it is.")
    say(f"{'Written to' if placed.is_new else 'It is there already:'} {path}")
    for note in written.notes:
        say(f"- {note}.")
    for variable in written.variables:
        say(f"- Put the secret {variable} into {_short(placed.path.with_name(variable))}.txt.")
    say(
        "Read it and mend it, then give it with your image, port and health path:\n"
        f"  make report LOCUSTFILE={path} IMAGE=… PORT=… HEALTH_PATH=…"
    )


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


@tells_refusals
def main(arguments: list[str] | None = None) -> int:
    """Write a locustfile and show it; the exit code says whether that could be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openapi", default="", help="URL or file of an OpenAPI document")
    parser.add_argument("--har", default="", help="file that a browser recorded")
    parser.add_argument("--har-host", default="", help="the host of it that is meant")
    given = parser.parse_args(arguments)
    if bool(given.openapi) == bool(given.har):
        raise QuestionError(f"{'give one of them' if given.har else 'nothing is given'}: {_HOW}")
    written = from_openapi(given.openapi) if given.openapi else from_har(given.har, given.har_host)
    show(written, place(written.text, written.title, LOCUSTFILES))
    return ANSWERED


if __name__ == "__main__":
    sys.exit(main())
