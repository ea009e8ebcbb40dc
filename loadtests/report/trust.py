"""The page that says why the verdicts can be trusted: what was put in, what was said of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import formats, validity
from loadtests.analysis.aa_comparison import Agreement
from loadtests.report.markdown import row
from loadtests.report.mended import not_shown, place
from loadtests.report.same_twice import SameTwice, told

# Kinds of cases in the order of the page: title, and why somebody would want to know.
KINDS = {
    "truth": (
        "Services whose truth is known",
        "Small services that do exactly as they are told, on both sides of each edge, measured and "
        "judged like any other. What must be said of them is known beforehand.",
    ),
    "recount": (
        "The same requests, counted again",
        "Every trial of those services that was said to hold, judged a second time from its raw "
        "requests by plain loops that share no code with the analysis. Said is what they object.",
    ),
    "search": (
        "Searches whose answer is known",
        "The search for the least setting, and for the most users, of a service whose needs of CPU "
        "and memory arithmetic gives. Whether one question is answered alike ten times, five of "
        "them beside a neighbour, is told on the page on [repeatability](repeatability.md).",
    ),
    "synthetic": (
        "Invented trials of a known truth, disturbed",
        "Whole records that a model of users, service, host and generator left: each truth, far "
        "from the edge and near it, under each disturbance, from hardly any to much. No trial far "
        "from the edge may be said to be what it is not. Near the edge (hardly healthy, hardly "
        "failing, hardly too slow) a 95% interval is wrong in 2.5 of 100 trials on one side; no "
        "more are allowed than chance explains (binomial, at 99%). A trial may be undecided or "
        "invalid. One that holds with more failures to come than its sample had is right where it "
        "says that so few requests show no less.",
    ),
    "mended": (
        "Wrong words, and what is said now",
        "What was said wrongly about somebody's service, found by review and by trying, and mended "
        "with a test each: of verdicts, of records that answered another question, of the world "
        "around a trial. What was said before comes from the code of that time, what is said now "
        "from this run.",
    ),
    "check": (
        "Each validity check, tripped on purpose",
        "Invented records in which one thing went wrong, or stayed just within what is allowed. "
        "A check must speak in the first case and be silent in the second.",
    ),
    "fault": (
        "Faults injected while a trial ran",
        "Real trials that were disturbed: what was done to them, and what became of the verdict.",
    ),
    "security": (
        "Abuse of the service",
        "Files and requests that nobody should send, and what the service made of them.",
    ),
}
NONE_SAID = "nothing"


@dataclass(frozen=True)
class Case:
    """Something put in on purpose, and what was said of it."""

    kind: str
    name: str
    injected: str
    said: str
    right: bool
    before: str = ""  # what was said of it until a wrong word was mended


def read_cases(folder: Path) -> list[Case]:
    """Read every case the tests have logged; raises ValueError for a line that is none."""
    return [
        Case(**json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]


def page(cases: Sequence[Case], same: SameTwice | None, conditions: str) -> str:
    """Return the whole page as Markdown; `same` is the A/A comparison, None if not measured."""
    parts = [
        "# Can the verdicts be trusted?",
        f"Written by `make trust`: every figure and every word of the tables comes out of a run. "
        f"{conditions}",
        _summary(cases, None if same is None else same.found),
    ]
    for kind, mine in _by_kind(cases).items():
        title, why = KINDS.get(kind, (kind.capitalize(), ""))
        parts += [f"## {title}", *([why] if why else []), _tally(mine)]
        parts += SECTIONS.get(kind, _table)(mine)
    if same is not None:
        parts += ["## One setting measured twice", *told(same)]
    return "\n\n".join(parts) + "\n"


def _by_kind(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return the cases of each kind that has any, those of KINDS first."""
    kinds = dict.fromkeys((*KINDS, *(case.kind for case in cases)))
    found = {kind: [case for case in cases if case.kind == kind] for kind in kinds}
    return {kind: mine for kind, mine in found.items() if mine}


def _summary(cases: Sequence[Case], same: Agreement | None) -> str:
    lines = [
        row("tried", "right", "wrong"),
        "| --- | ---: | ---: |",
        *(
            row(
                KINDS.get(kind, (kind.capitalize(), ""))[0],
                sum(case.right for case in mine),
                sum(not case.right for case in mine),
            )
            for kind, mine in _by_kind(cases).items()
        ),
    ]
    if same is not None:
        wrong = same.share_claims
        title = "One setting measured twice: no difference in what the verdict rests on"
        lines.append(row(title, len(same.pairs) - wrong, wrong))
    return "\n".join(lines)


def _tally(cases: Sequence[Case]) -> str:
    wrong = [case.name for case in cases if not case.right]
    tally = f"**{len(cases) - len(wrong)} of {len(cases)} right.**"
    return f"{tally} Wrong: {formats.listing(wrong)}." if wrong else tally


def _table(cases: Sequence[Case]) -> list[str]:
    lines = [row("case", "put in", "said", "right"), "| --- | --- | --- | --- |"]
    lines += [row(c.name, c.injected, c.said or NONE_SAID, _mark(c)) for c in cases]
    return ["\n".join(lines)]


def _mended(cases: Sequence[Case]) -> list[str]:
    """What was said before beside what is said now, and what this run did not show."""
    lines = [
        row("case", "put in", "said before", "said now", "right"),
        "| --- | --- | --- | --- | --- |",
        *(
            row(c.name, c.injected, c.before, c.said or NONE_SAID, _mark(c))
            for c in sorted(cases, key=lambda case: place(case.name))
        ),
    ]
    missing = not_shown([case.name for case in cases])
    left_out = [f"**Not shown by this run:** {formats.listing(missing)}."] if missing else []
    return ["\n".join(lines), *left_out]


def _checks(cases: Sequence[Case]) -> list[str]:
    """One table a check, under what the check is for."""
    parts = []
    for name in dict.fromkeys(case.name for case in cases):
        mine = [case for case in cases if case.name == name]
        lines = [row("put in", "said", "right"), "| --- | --- | --- |"]
        lines += [row(c.injected, c.said or NONE_SAID, _mark(c)) for c in mine]
        parts += [f"### {name}", purpose(name), "\n".join(lines)]
    return parts


# Kinds that are told in a form of their own.
SECTIONS = {"check": _checks, "mended": _mended}


def purpose(check: str) -> str:
    """Return what a validity check is for: the first sentence its function says of itself."""
    first = validity.CHECKS[check].__doc__ or "" if check in validity.CHECKS else ""
    return first.split("\n", maxsplit=1)[0]


def _mark(case: Case) -> str:
    return "right" if case.right else "**wrong**"
