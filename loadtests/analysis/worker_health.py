"""Were all workers of the load there to the end, where did they run, and which fared worst?

Where several workers send a load, what it says of its generator's health is that of the worst of
them in each respect; here it gets its name.
"""

from loadtests.analysis import formats
from loadtests.analysis.evidence import Check, Evidence, Reading, Voids
from loadtests.record import Trial, WorkerReport


def workers(evidence: Evidence) -> Check | None:
    """Check that no worker of the load was lost: its container died, or it fell silent.

    What goes on without it is a lighter load, in which its users broke off, and voids both. None
    where one process sent the load.
    """
    there = evidence.trial.workers
    if not there:
        return None
    lost = [worker for worker in there if worker.lost]
    reading = Reading(f"{len(there) - len(lost)}")
    if not lost:
        seen = f"{reading.text} workers sent the load to its end{_where(evidence.trial)}"
        return Check("workers", True, seen, reading)
    named = "; ".join(f"{called(worker)} was lost: {worker.lost}" for worker in lost)
    return Check(
        "workers",
        False,
        f"{reading.text} of {len(there)} workers sent the load to its end; {named}",
        reading,
        Voids.BOTH,
        "See in generator.log what it printed last, and that nothing ends containers or takes "
        "their memory or CPU; then repeat",
    )


def of_worst(trial: Trial, figure: str) -> str:
    """Name the worker with the highest of its figures: " of worker 2"; "" where there was none."""
    worst = max(_known(trial), key=lambda worker: abs(getattr(worker, figure)), default=None)
    return "" if worst is None else f" of {called(worst)}"


def least_known_clock(trial: Trial) -> WorkerReport | None:
    """Return the worker of whose wall clock it is known the least how far it is ahead."""
    return max(_known(trial), key=lambda worker: worker.clock_offset_within_ms, default=None)


def called(worker: WorkerReport) -> str:
    """Name a worker, and its node where the load came from several."""
    return f"worker {worker.number}" + (f" on {worker.node}" if worker.node else "")


def workers_on(trial: Trial, node: str) -> str:
    """Name the workers on a node: "workers 1 and 3"; "" where there were none."""
    numbers = [str(worker.number) for worker in trial.workers if worker.node == node]
    return f"worker{'s' * (len(numbers) > 1)} {formats.listing(numbers)}" if numbers else ""


def _where(trial: Trial) -> str:
    """Say on which nodes they ran, and with how many replicas they shared its CPUs."""
    nodes = dict.fromkeys(worker.node for worker in trial.workers if worker.node)
    told = []
    for node in nodes:
        replicas = sum(replica.node == node for replica in trial.replicas)
        beside = f" on the CPUs of {formats.count(replicas, 'replica')}" if replicas else ""
        told.append(f"{workers_on(trial, node)} on {node}{beside}")
    return f": {', '.join(told)}" if told else ""


def _known(trial: Trial) -> list[WorkerReport]:
    return [worker for worker in trial.workers if not worker.lost]
