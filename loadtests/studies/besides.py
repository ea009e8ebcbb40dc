"""What is asked of a run that neither its question, its target nor its settings tell.

The part of a run that it is asked of keeps it, so that whoever repeats the run asks it too.
"""

import hashlib
from typing import Any

from loadtests.studies.manifest import SCALE_OUT, VERTICAL
from loadtests.studies.parameters import ROOT, Parameters

_OF_TRIALS = (
    "container_user",
    "ready_s",
    "script_options",
    "workers",
    "early_stop",
    "reference_us",
)
KEPT = {
    VERTICAL: (*_OF_TRIALS, "trials_at_most", "minutes_at_most", "replica_minutes_at_most"),
    SCALE_OUT: (
        *_OF_TRIALS,
        "replicates",
        "splits",
        "users_beyond",
        "capacity_size",
        "capacity_counts",
        "capacity_repeats",
        "cpu_headroom",
        "memory_headroom",
        "replicas_lost",
    ),
}
_OF_PLAN = (
    "architecture",
    "machines_lost",
    "replicas_lost",
    "cpu_ratio",
    "cpu_reserve",
    "memory_reserve",
)
# What the notebooks ask for where the parameters themselves leave it open.
USUAL: dict[str, Any] = {
    "splits": [1, 4],
    "capacity_size": [0.05, 100],
    "capacity_counts": [1, 2, 3, 4, 5, 6],
    "plan_users": [100_000, 1_000_000, 10_000_000],
}


def asked_of_part(part: str, asked: Parameters) -> dict[str, Any]:
    """Return what a part keeps of what was asked, a value for each parameter.

    Of variables that go before those of a compose file, that there were some.
    """
    kept = {name: getattr(asked, name) for name in KEPT.get(part, ())}
    if kept and asked.compose and (asked.env_file or asked.environment):
        kept["env_file"] = "<your file with variables in place of those in the compose file>"
    return kept


def is_usual(name: str, value: Any) -> bool:
    """Say whether a value is what is asked where nothing is given."""
    return bool(value == USUAL.get(name, getattr(Parameters, name)))


def asked_of_plan(asked: Parameters) -> dict[str, Any]:
    """Return what a plan was asked, by parameter; a table of one's own only by its hash."""
    given = {name: getattr(asked, name) for name in _OF_PLAN}
    given["plan_users"] = [*asked.plan_request.targets]
    if asked.machines:
        digest = hashlib.sha256((ROOT / asked.machines).read_bytes()).hexdigest()
        given["machines"] = f"<your table, SHA-256 {digest[:12]}...>"
    return given
