"""Do the endpoints that objectives name exist? Told before any load, as far as that can be told."""

import difflib
from collections.abc import Collection, Iterable

from loadtests.analysis import formats
from loadtests.question import ALL, SLO

_MOST = 8  # names that are listed


def unseen(slo: SLO, seen: Collection[str]) -> list[str]:
    """Return the endpoints that an SLO has objectives for, and of which no request was seen."""
    asked = dict.fromkeys(each.name for each in slo.objectives if each.name != ALL)
    return [name for name in asked if name not in seen]


def misnamed(slo: SLO, seen: Collection[str], script: Iterable[bytes]) -> str | None:
    """Say which endpoint of an objective there is none of; None: all are, or may yet be, asked for.

    A rare one need not be among the requests of one user; its name then stands in the users' script
    or beside it, as text between quotes.
    """
    texts = list(script)
    for name in unseen(slo, seen):
        if any(f"{quote}{name}{quote}".encode() in text for text in texts for quote in "\"'"):
            continue
        listed = list(seen)[:_MOST]
        near = difflib.get_close_matches(name, seen, 1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return (
            f"OBJECTIVES names {name!r}, but one user made no request of that name and the users' "
            f"script does not have it; names seen are {formats.listing(listed) or 'none'}{meant}"
        )
    return None
