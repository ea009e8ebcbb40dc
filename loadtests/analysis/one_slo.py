"""What the requests of a trial say of one SLO: certain failure, then an interval.

Both are weighed against the checks that tripped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadtests.analysis import causes
from loadtests.analysis.cpu_speed import cpu_speed
from loadtests.analysis.evidence import CauseName, Check, Evidence, Interval, Judgement, Voids
from loadtests.analysis.failings import Failing
from loadtests.analysis.trial_length import ended_early, many_long_stuck
from loadtests.verdicts import Verdict

CPU_SPEED = cpu_speed.__name__


@dataclass(frozen=True)
class Shown:
    """What a trial shows, before it is asked what disturbed it."""

    evidence: Evidence  # with the SLO that it is held to
    slow: Interval  # share of the steady state's requests
    errors: Interval  # of the whole trial
    failings: Sequence[Failing]
    # What to say of it where nothing certain decides.
    told: Callable[[Evidence, Interval, Interval, Verdict], list[str]]


@dataclass(frozen=True)
class _Weighed:
    """What of that stands against the checks that tripped."""

    verdict: Verdict
    reasons: tuple[str, ...]
    cause: CauseName | None = None
    pooled: bool = False
    sound: bool = False  # the same, whatever the speed of the CPU


def judge_by_one(shown: Shown, checks: tuple[Check, ...]) -> Judgement:
    """Judge what is shown by its SLO, with the validity checks of its trial."""
    tripped = [check for check in checks if not check.ok]
    found = _weigh(shown, tripped)
    others = [check for check in tripped if check.name != CPU_SPEED]
    at_its_speed = found if others == tripped else _weigh(shown, others)
    return Judgement(
        found.verdict,
        found.reasons,
        found.cause,
        checks,
        shown.slow,
        shown.errors.estimate,
        found.pooled,
        at_its_speed=at_its_speed.verdict,
        is_sound=at_its_speed.sound or at_its_speed.verdict.decides,
    )


def _weigh(shown: Shown, tripped: Sequence[Check]) -> _Weighed:
    """Return the verdict of what is shown, with the checks that tripped."""
    evidence, against = shown.evidence, _taking(Verdict.FAILS, tripped)
    standing = [finding for finding in shown.failings if not finding.voided_by(against)]
    if standing:
        why = causes.diagnose(evidence)
        reasons = [*(finding.reason for finding in standing), why.sentence]
        return _Weighed(Verdict.FAILS, (*reasons, *_noted(tripped)), why.name, pooled=True)
    if shown.failings:
        voided = [f"Not held against the setting: {failing.reason}" for failing in shown.failings]
        return _voided(against, voided, tripped)
    if both := [check for check in tripped if check.voids is Voids.BOTH]:
        return _voided(both, [], tripped)
    verdict = _by_interval(shown)
    reasons = shown.told(evidence, shown.slow, shown.errors, verdict)
    if verdict is Verdict.HOLDS and (by := _taking(verdict, tripped)):
        return _voided(by, [f"Not held in its favour: {reasons[0]}"], tripped)
    whole = not ended_early(evidence) and not many_long_stuck(evidence)
    # At another speed it is another share.
    pooled = whole and all(check.name != CPU_SPEED for check in tripped)
    return _Weighed(verdict, (*reasons, *_noted(tripped)), pooled=pooled, sound=whole)


def _taking(verdict: Verdict, tripped: Sequence[Check]) -> list[Check]:
    return [check for check in tripped if check.voids.takes(verdict)]


def _voided(by: Sequence[Check], voided: Sequence[str], tripped: Sequence[Check]) -> _Weighed:
    """Return what some checks leave, the gravest of them first, and what they void."""
    said = [f"{check.seen}. {check.advice}" for check in sorted(by, key=_order)]
    rest = _noted([check for check in tripped if check not in by])
    verdict = max((check.leaves for check in by), key=_severity)
    return _Weighed(verdict, (*said, *voided, *rest))


def _noted(tripped: Sequence[Check]) -> list[str]:
    return [f"Noted: {check.seen}" for check in tripped if check.voids is not Voids.NEITHER]


def _severity(verdict: Verdict) -> int:
    return (Verdict.UNDECIDED, Verdict.INVALID).index(verdict)


def _order(check: Check) -> int:
    return -_severity(check.leaves)


def _by_interval(shown: Shown) -> Verdict:
    evidence, slo = shown.evidence, shown.evidence.trial.question.slo
    within = shown.slow.high <= slo.slow_share and shown.errors.estimate <= slo.error_rate
    if within and not ended_early(evidence) and not many_long_stuck(evidence):
        return Verdict.HOLDS
    return Verdict.UNDECIDED
