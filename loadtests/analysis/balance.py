"""Whether users were spread evenly over the replicas."""

from loadtests.analysis.evidence import Evidence

# A replica with half as many users again as its share carries the curve alone.
UNEVEN = 1.5


def busiest_share(evidence: Evidence) -> float | None:
    """Return the requests of the busiest replica over an even share (1: even).

    None where the record does not say which replica answered.
    """
    counts = evidence.requests.replica.value_counts()
    if counts.sum() == 0:
        return None
    return float(counts.max() / counts.sum() * evidence.trial.setting.replicas)


def is_uneven(evidence: Evidence) -> bool:
    """Say whether one replica had far more than its share, so that others stood by."""
    busiest = busiest_share(evidence)
    return busiest is not None and busiest > UNEVEN
