"""Were all workers of the load there to the end, and which of them fared worst?

Where several workers send a load, what it says of its generator's health is that of the worst of
them in each respect; here it gets its name.
"""

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
        return Check("workers", True, f"{reading.text} workers sent the load to its end", reading)
    named = "; ".join(f"worker {worker.number} was lost: {worker.lost}" for worker in lost)
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
    return "" if worst is None else f" of worker {worst.number}"


def farthest_clock(trial: Trial) -> WorkerReport | None:
    """Return the worker whose wall clock is certainly the farthest from its master's."""
    return max(_known(trial), key=certain_offset_ms, default=None)


def certain_offset_ms(worker: WorkerReport) -> float:
    """Return by how much a worker's clock is off at least, whatever the way to it took (ms)."""
    return max(0.0, abs(worker.clock_offset_ms) - worker.clock_offset_within_ms)


def _known(trial: Trial) -> list[WorkerReport]:
    return [worker for worker in trial.workers if not worker.lost]
