"""What to say where nothing holds: that more of something may help, or that no size will."""

from collections.abc import Sequence

from loadtests.analysis import causes, formats
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.replica_limit import ReplicaLimit, replica_limit, seeming_limit
from loadtests.analysis.summary import Judged
from loadtests.verdicts import Verdict

# What a service does that has all the CPU and memory there is, and would do with more of them.
_NO_SIZE = (
    CauseName.REPLICA_DIED,
    CauseName.SLOW,
    CauseName.QUEUEING,
    CauseName.HELD_BACK,
    CauseName.REFUSED,
    CauseName.RESET,
    CauseName.WRONG_ANSWERS,
    CauseName.SCRIPT_RAISED,
    CauseName.ERRORS,
)
# Disturbances under which a service was still asked for as much as it should.
_OF_THE_HOST = frozenset({"steal_time", "crowded_host", "cpu_speed", "steady"})
# Of the rate of one replica alone, which each of several has to reach: so do they help.
AS_MANY = 0.8
SEVERAL = 3  # trials, disturbed each, of which most have to show the same


def limit_of(trials: Sequence[Judged]) -> ReplicaLimit | None:
    """Return what a replica can answer whatever its CPU, by the last trial that failed for that.

    Where none was undisturbed, what most of them showed.
    """
    failing = [evidence for evidence, judged in trials if judged.verdict is Verdict.FAILS]
    return replica_limit(failing[-1]) if failing else _seems_held_back(trials)


def _seems_held_back(trials: Sequence[Judged]) -> ReplicaLimit | None:
    """Return the median limit of trials of which none decides, where most of several show one.

    Only of trials whose load was as asked: another tells nothing of a service.
    """
    if len(trials) < SEVERAL or any(judged.verdict.decides for _, judged in trials):
        return None
    tripped = {check.name for _, judged in trials for check in judged.checks if not check.ok}
    if not tripped <= _OF_THE_HOST:
        return None
    found = [limit for evidence, _ in trials if (limit := seeming_limit(evidence)) is not None]
    if 2 * len(found) <= len(trials):
        return None
    return sorted(found, key=lambda limit: limit.rps)[len(found) // 2]


def not_measured_well(trials: Sequence[Judged]) -> str | None:
    """Say of an ample setting, disturbed in every trial, what it seems to be held back by.

    None where a trial decides, or too few show the same. Smaller settings would show no more, and
    nothing is concluded: who takes the CPU from a service holds it back as well.
    """
    limit = _seems_held_back(trials)
    if limit is None:
        return None
    evidence, judged = trials[-1]
    seems = f"Unless that is what holds it back, it seems that {_clause(limit.sentence)}"
    return (
        f"{evidence.trial.setting.label}, the largest there is, could not be measured well in "
        f"{len(trials)} trials ({_clause(judged.reasons[0])}). {seems}"
    )


def no_size_holds(trials: Sequence[Judged]) -> str | None:
    """Say why the ample setting fails where more CPU and memory would not help; else None.

    `trials` are those of the ample setting, judged.
    """
    failing = [evidence for evidence, judged in trials if judged.verdict is Verdict.FAILS]
    if not failing:
        return None
    cause = causes.diagnose(failing[-1])
    if cause.name not in _NO_SIZE:
        return None
    ample = failing[-1].trial.setting.label
    told = cause.name is CauseName.HELD_BACK or cause.may_be_size
    no_more = "" if told else ", and neither more CPU nor memory helps"
    return f"No setting up to {ample} holds{no_more}: {_clause(cause.sentence)}"


def short_of_memory(trials: Sequence[Judged]) -> str | None:
    """Say that the ample setting has too little memory where that is why it fails; else None."""
    failing = [evidence for evidence, judged in trials if judged.verdict is Verdict.FAILS]
    if not failing or causes.diagnose(failing[-1]).name != CauseName.OUT_OF_MEMORY:
        return None
    ample = failing[-1].trial.setting.label
    return (
        f"No setting up to {ample} holds: its memory limit kills it, which more CPU does not "
        "change. Ask with more memory (MEMORY_STEPS)."
    )


def _clause(sentence: str) -> str:
    """Return a sentence as a part of another."""
    return f"{sentence[0].lower()}{sentence[1:]}".rstrip(".")


def with_replicas(limit: ReplicaLimit, row: Row) -> str:
    """Say what several replicas did, beside what one could answer."""
    setting, needed = row.setting, limit.replicas_needed
    if row.verdict is Verdict.HOLDS:
        return f"{setting.label} was measured to hold."
    did = f"{setting.label} {formats.says(row.verdict)}"
    if row.rps is None or not row.verdict.decides:
        return f"{did}, so whether replicas help is open."
    each = row.rps / setting.replicas
    rate = f"it answered {row.rps:,.0f} requests/s, {each:,.1f} a replica"
    if each < AS_MANY * limit.rps:
        return (
            f"{did}: {rate}. So replicas do not help either: what holds it back is one for all of "
            "them, such as a database or a lock, or this host is full."
        )
    if setting.replicas < needed:
        return (
            f"{did}: {rate}. So replicas help, each as much as the first; {needed} of them, which "
            "the load takes, have no room here."
        )
    return f"{did}: {rate}. So replicas help, and it takes more than {setting.replicas}."


def no_room(limit: ReplicaLimit) -> str:
    """Say that this host could not show it."""
    return (
        f"This host has no room for two replicas, each of which uses {limit.cores:.1f} cores, so "
        f"whether {limit.replicas_needed} of them hold is not measured."
    )
