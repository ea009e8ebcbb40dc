"""What sentences claim of settings, so that they can be held against what was measured."""

import re
from collections.abc import Mapping, Sequence

from loadtests.analysis.evidence import Row
from loadtests.analysis.weighed import Weighed
from loadtests.question import Setting, rank
from loadtests.verdicts import Finding, Verdict

_LABEL = r"(?P<label>(?<![\d.])(?:\d+ x )?[\d.]+ CPU / \d+ MiB)"
_DID = {
    "held": Verdict.HOLDS,
    "holds": Verdict.HOLDS,
    "failed": Verdict.FAILS,
    "fails": Verdict.FAILS,
    "stayed undecided": Verdict.UNDECIDED,
    "is undecided": Verdict.UNDECIDED,
    "was undecided": Verdict.UNDECIDED,
}
_CLAIM = re.compile(rf"{_LABEL} (?P<did>{'|'.join(_DID)})\b(?! for)")
_ASKED = re.compile(rf"If {_LABEL} fails")  # a supposition
_MEASURED = re.compile(rf"{_LABEL} is the least (?:of these steps|measured)[^.]* measured to hold")
_TOO_LITTLE = re.compile(r"(?P<cpus>[\d.]+) CPU was too little")


def wrong_claims(text: str, found: Mapping[Setting, Verdict]) -> list[str]:
    """Return what a text says of settings by their verdict that is not what was found."""
    by_label = {setting.label: verdict for setting, verdict in found.items()}
    said = _ASKED.sub("", text)
    wrong = [
        match[0]
        for match in _CLAIM.finditer(said)
        if by_label[match["label"]] != _DID[match["did"]]
    ]
    wrong += [
        match[0] for match in _MEASURED.finditer(said) if by_label[match["label"]] != Verdict.HOLDS
    ]
    failed = {f"{s.cpus:g}" for s, verdict in found.items() if verdict is Verdict.FAILS}
    return wrong + [match[0] for match in _TOO_LITTLE.finditer(said) if match["cpus"] not in failed]


def own_verdicts(findings: Sequence[Finding]) -> dict[Setting, Verdict]:
    """Return the verdict of each setting's own trials."""
    return {finding.setting: finding.verdict for finding in findings}


def cheaper_that_hold(rows: Sequence[Row], weighed: Weighed) -> list[Row]:
    """Return what holds by its own trials, costs less than the answer, and is not the answer."""
    least, cost = weighed.least, weighed.prices.per_hour
    return [
        row
        for row in rows
        if row.verdict is Verdict.HOLDS
        and least is not None
        and rank(row.setting, cost) < rank(least.setting, cost)
    ]
