"""What became of each replica: its state, and the kernel's counts, before it is removed."""

import signal
from collections.abc import Sequence
from dataclasses import replace

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.cgroup import OomCounts, oom_counts
from loadtests.bench.engine import is_local
from loadtests.bench.sampler import Sample, Sampler
from loadtests.record import ReplicaReport

# How much of a service's log is read for complaints: those at its end are what became of it.
LOG_LINES = 500
LAST_LINES = 5  # of it are shown to whoever wonders why it ended, or did not answer
SIGKILLED = 137  # the exit code of a process that was killed, for memory or by anybody
# In the words of the C library, Python, Node and Go.
_COMPLAINTS = {
    "open files": ("too many open files", "emfile", "enfile"),
    "processes": ("can't start new thread", "fork: resource temporarily unavailable"),
}


def report_replica(
    client: DockerClient, replica: Container, address: str, sampler: Sampler
) -> ReplicaReport:
    """Read what the engine and the kernel say about a replica that is not removed yet.

    `address` is the one it had while it ran; the engine forgets it when a container ends.
    """
    replica.reload()
    state, name = replica.attrs["State"], str(replica.name)
    running = bool(state["Running"])
    # The engine's flag misses a killed child, its event a kill it did not see, and a cgroup's
    # counter goes with the last process: the most that any of the three says.
    told = oom_events(name, sampler)
    here = running and is_local(client)
    now = oom_counts(str(replica.id), int(state["Pid"])) if here else None
    counted = now or sampler.oom_counts.get(name)
    exit_code = None if running else int(state["ExitCode"])
    return replace(
        seen_of(name, address, sampler),
        running_at_end=running,
        exit_code=exit_code,
        oom_kills=max(told, kills(counted, exit_code), int(state["OOMKilled"])),
        ooms_at_limit=at_limit(counted, sampler.ooms_at_limit.get(name, 0)),
        restarts=int(replica.attrs["RestartCount"]),
        limits_hit=limits_named(_log(replica, LOG_LINES)),
    )


def seen_of(name: str, address: str, sampler: Sampler) -> ReplicaReport:
    """Return what was seen of a replica while it ran, where nobody can say what became of it."""
    samples = [sample for sample in sampler.samples if sample.container == name]
    last = samples[-1] if samples else None
    return ReplicaReport(
        name=name,
        address=address,
        running_at_end=False,
        exit_code=None,
        oom_kills=oom_events(name, sampler),
        restarts=0,
        memory_peak_mib=_peak(samples),
        cpu_s=last.cpu_s if last else None,
        periods=last.periods if last else None,
        throttled_periods=last.throttled_periods if last else None,
        throttled_s=last.throttled_s if last else None,
    )


def oom_events(name: str, sampler: Sampler) -> int:
    """Return how often an engine told that memory ran out in a container."""
    return sum(event.action == "oom" and event.container == name for event in sampler.events)


def kills(counted: OomCounts | None, exit_code: int | None) -> int:
    """Return how many of a replica's processes the kernel is known to have killed for memory.

    A cgroup that goes with its last process may take the count of that kill with it.
    """
    if counted is None:
        return 0
    unseen = exit_code == SIGKILLED and counted.at_limit
    return max(counted.kills, 1 if unseen else 0)


def at_limit(counted: OomCounts | None, by_stats: int) -> int | None:
    """Return how often a replica met its own memory limit; None where nobody is known to know.

    Only a count of the kernel that has a kill in it may say never: what was read before the kill
    was read too early.
    """
    if counted is not None and counted.kills:
        return counted.at_limit
    return max(by_stats, (counted and counted.at_limit) or 0) or None


def _log(replica: Container, lines: int) -> str:
    """Return the last lines of a replica's log; none where its logging driver shows none."""
    try:
        return replica.logs(tail=lines).decode(errors="replace")
    except APIError:
        return ""


def limits_named(log: str) -> tuple[str, ...]:
    """Return the limits, none of them the setting's, that a service complains of in its log."""
    said = log.lower()
    return tuple(what for what, signs in _COMPLAINTS.items() if any(sign in said for sign in signs))


def _peak(samples: Sequence[Sample]) -> float | None:
    return round(max(sample.memory_mib for sample in samples), 1) if samples else None


def last_words_of(replica: Container) -> str:
    """Return what a replica printed last; "" where it printed nothing, or none is shown."""
    return _log(replica, LAST_LINES).strip()


def exit_code_of(replica: Container) -> int | None:
    """Return the code that a replica ended with; None while it runs."""
    replica.reload()
    state = replica.attrs["State"]
    return None if state["Running"] else int(state["ExitCode"])


def ended_with(exit_code: int) -> str:
    """Return how a process ended, by the code its container has: a signal's name where one did."""
    number = exit_code - 128
    if number in set(signal.Signals):
        return f"was ended by {signal.Signals(number).name} (exit code {exit_code})"
    return f"ended with exit code {exit_code}"
