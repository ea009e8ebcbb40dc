"""What one user's calls tell of objectives by endpoint, before any load."""

import math

from scipy import stats

from loadtests.analysis import formats
from loadtests.analysis.by_objective import allowed_share
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.smoke_test import Endpoint, SmokeTest
from loadtests.question import Objective


def slow_alone(seen: SmokeTest) -> list[str]:
    """Say which endpoints were slower than their own objective allows, with one user already."""
    by_name = {endpoint.name: endpoint for endpoint in seen.endpoints}
    return [
        f"{each.name} took {formats.milliseconds(by_name[each.name].median_ms)} in the median with "
        f"one user already, where {formats.limits(each)} is asked: more users will hardly be "
        "answered faster."
        for each in seen.slo.objectives
        if each.name in by_name and _is_slow(by_name[each.name], each)
    ]


def _is_slow(endpoint: Endpoint, objective: Objective) -> bool:
    """Say whether the half of the calls that took the median or longer are too many to be slow."""
    allowed = allowed_share(objective)
    if allowed is None or objective.latency_ms is None or endpoint.requests == 0:
        return False
    slow = math.ceil(endpoint.requests / 2)
    surely = stats.binomtest(slow, endpoint.requests).proportion_ci(CONFIDENCE, "exact").low
    return endpoint.median_ms > objective.latency_ms and surely > allowed
