"""Where a drafted locustfile goes: a folder of its own, and never over one that is there."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

NAME = "locustfile.py"


@dataclass(frozen=True)
class Placed:
    """A locustfile in its folder."""

    path: Path
    is_new: bool  # else the same was there already
    instead_of: Path | None  # one of other content, which was left as it is


def place(text: str, title: str, folder: Path) -> Placed:
    """Write a locustfile into a folder named for its service; a number is added where one is there.

    What a person has mended is theirs: it is never written over.
    """
    name = re.sub(r"\W+", "-", title.lower(), flags=re.ASCII).strip("-")[:60] or "service"
    first = folder / name / NAME
    numbered = (folder / f"{name}-{number}" / NAME for number in itertools.count(2))
    for path in itertools.chain([first], numbered):
        same = path.exists() and path.read_text() == text
        if same or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            return Placed(path, is_new=not same, instead_of=None if path == first else first)
    raise AssertionError("numbers have no end")
