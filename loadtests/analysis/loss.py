"""A replica that was gone before a live staircase was over, and what that says of more load."""

from dataclasses import dataclass

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.memory_kills import SIGKILLED, was_killed_by_limit, was_taken_by_host
from loadtests.record import ReplicaReport

_SIZE_UNTOLD = "whether this size carries more users was not seen"


@dataclass(frozen=True)
class Loss:
    """When a replica was lost, how, and what that says of its size."""

    at_s: float  # since the first user
    users: int  # there were by then
    how: str  # "was OOM-killed", "ended with exit code 3"
    so: str  # a clause

    @property
    def sentence(self) -> str:
        """Say how it was lost, and what follows."""
        return f"With {self.users:,} users a replica {self.how}: {self.so}."


def first_loss(stairs: Evidence) -> Loss | None:
    """Return the first loss of a replica on a staircase; None: all stayed."""
    replicas = {replica.name: replica for replica in stairs.trial.replicas}
    # A record has the events of its load, and none of its end.
    gone = [each for each in stairs.trial.events if each.action == "die"]
    gone = [each for each in gone if each.container in replicas]
    if not gone:
        return None
    first = min(gone, key=lambda each: each.time_s)
    seconds = stairs.generator
    by_then = seconds.loc[seconds["time_s"] <= first.time_s, "users"]
    users = int(by_then.max()) if len(by_then) else 0
    return Loss(first.time_s, users, *_told(stairs, replicas[first.container]))


def _told(stairs: Evidence, replica: ReplicaReport) -> tuple[str, str]:
    """Return how a replica ended, and what that says of its size: something for memory alone."""
    if was_killed_by_limit(stairs, replica):
        return "was OOM-killed", "its memory carries no more users, whatever the CPU"
    if was_taken_by_host(stairs, replica):
        return (
            "was killed below its memory limit",
            f"perhaps the host ran out of memory; {_SIZE_UNTOLD}",
        )
    if replica.restarts:
        return "was restarted", f"its log may tell why; {_SIZE_UNTOLD}"
    if replica.exit_code is None:
        return "ended", f"its exit code was not reported; {_SIZE_UNTOLD}"
    how = f"ended with exit code {replica.exit_code}"
    if replica.exit_code == SIGKILLED:
        return how, f"who killed it is not known; {_SIZE_UNTOLD}"
    return how, f"it was not OOM-killed, so its log has to tell why; {_SIZE_UNTOLD}"
