"""Do the endpoints that objectives name exist? Told before any load, or after one trial."""

import difflib
from collections.abc import Collection, Mapping

from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.narrowing import names
from loadtests.analysis.trial_length import ended_early
from loadtests.question import ALL, SLO
from loadtests.verdicts import Verdict

_MOST = 8  # names that are listed


def unseen(slo: SLO, seen: Collection[str]) -> list[str]:
    """Return the endpoints that an SLO has objectives for, and of which no request was seen."""
    asked = dict.fromkeys(each.name for each in slo.objectives if each.name != ALL)
    return [name for name in asked if name not in seen]


def misnamed(slo: SLO, seen: Collection[str], files: Mapping[str, bytes]) -> str | None:
    """Say which endpoint of an objective there is none of; None: all are, or may yet be, asked for.

    A rare one need not be among the requests of one user. `files` are the users' script and what
    lies beside it, by name: there its name stands between quotes, or anywhere in a file of data.
    """
    for name in unseen(slo, seen):
        if any(_has(name, file, content) for file, content in files.items()):
            continue
        listed = list(seen)[:_MOST]
        near = difflib.get_close_matches(name, seen, 1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return (
            f"OBJECTIVES names {name!r}, but one user made no request of that name and the users' "
            f"script does not have it; names seen are {formats.listing(listed) or 'none'}{meant}"
        )
    return None


def never_made(evidence: Evidence, judgement: Judgement) -> str | None:
    """Say which endpoint of an objective nobody asked for in a whole trial; None: all were.

    None too where calls failed, or the load ended early: what comes after those may be missing.
    """
    slo, seen = evidence.trial.question.slo, names(evidence)
    if judgement.verdict is not Verdict.UNDECIDED or ended_early(evidence):
        return None
    absent = unseen(slo, seen) if judgement.error_rate <= slo.error_rate else []
    if not absent:
        return None
    return (
        f"OBJECTIVES names {absent[0]!r}, but none of the {len(evidence.requests):,} requests of a "
        f"whole trial had that name; names seen are {formats.listing(seen[:_MOST]) or 'none'}: "
        "mend the name, or ask for a longer steady state (steady_s)"
    )


def _has(name: str, file: str, content: bytes) -> bool:
    written = (f'"{name}"', f"'{name}'") if file.endswith(".py") else (name,)
    return any(text.encode() in content for text in written)
