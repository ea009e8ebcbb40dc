"""What to say where nothing holds: that more of something may help, or that no size will."""

from collections.abc import Sequence

from loadtests.analysis import causes, formats
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.replica_limit import ReplicaLimit, replica_limit
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
# Of the rate of one replica alone, which each of several has to reach: so do they help.
AS_MANY = 0.8


def limit_of(trials: Sequence[Judged]) -> ReplicaLimit | None:
    """Return what a replica can answer whatever its CPU, by the last trial that failed for that."""
    failing = [evidence for evidence, judged in trials if judged.verdict is Verdict.FAILS]
    return replica_limit(failing[-1]) if failing else None


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
    no_more = "" if cause.name is CauseName.HELD_BACK else ", and neither more CPU nor memory helps"
    return f"No setting up to {ample} holds{no_more}: {_low(cause)}"


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


def _low(cause: causes.Cause) -> str:
    return f"{cause.sentence[0].lower()}{cause.sentence[1:]}"


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
