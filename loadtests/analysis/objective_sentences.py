"""What is said of one objective: sentences with the endpoint's name before them."""

import math
from collections.abc import Sequence

from loadtests.analysis import formats, sentences
from loadtests.analysis.evidence import Evidence, Interval
from loadtests.analysis.intervals import CONFIDENCE, independent_bounds, minimum_requests
from loadtests.analysis.latency import steady_sample
from loadtests.analysis.trial_length import ended_early, is_measured, many_long_stuck
from loadtests.question import Objective
from loadtests.verdicts import Verdict

# Of a longer steady state: so many times longer is looked ahead, in steps of a fifth.
_STEP, _MOST_TIMES = 1.2, 50.0
_ROUND_S = 10  # and rounded up to
_NAMES = 8  # of endpoints that are listed
NOTED = "Noted: "


def named(objective: Objective, sentence: str) -> str:
    """Put what the sentence is about before it."""
    about = formats.endpoint(objective.name)
    if sentence.startswith(NOTED):
        return f"{NOTED}{about}: {sentence.removeprefix(NOTED)}"
    return f"{about}: {sentence}"


def by_interval(
    objective: Objective,
    seen: Sequence[str],
    part: Evidence,
    share: Interval,
    errors: Interval,
    verdict: Verdict,
) -> list[str]:
    """Say what the intervals of an objective's requests show, where nothing certain decides.

    `seen` are the names of all requests that were made.
    """
    if not len(part.requests):
        made = formats.listing(list(seen[:_NAMES])) or "none"
        more = f" and {len(seen) - _NAMES} more" if len(seen) > _NAMES else ""
        return [f"no request to {objective.name} was made; names seen are {made}{more}"]
    if verdict is Verdict.UNDECIDED:
        few = too_few(objective, part)
        if few is not None:
            return [few]
    if objective.latency_ms is None and errors.estimate <= part.trial.question.slo.error_rate:
        ended = f"{formats.share(errors.estimate)} of its requests failed"
        if verdict is Verdict.HOLDS:
            return [f"{ended}, within {formats.share(objective.error_rate)}"]
        return [f"{ended}, which its steady state does not make sure of; repeat"]
    return sentences.by_interval(part, share, errors, verdict)


def too_few(objective: Objective, part: Evidence) -> str | None:
    """Say that so few requests cannot tell, and how long a steady state could; None: they can.

    They cannot where as many independent ones leave it open.
    """
    if not is_measured(part) or ended_early(part) or many_long_stuck(part):
        return None
    sample, workload = steady_sample(part), part.trial.question.workload
    requests, slow = len(sample.latency_ms), int(sample.slow.sum())
    allowed = part.trial.question.slo.slow_share
    if _decided(slow, requests, allowed):
        return None
    times = _times_longer(slow, requests, allowed)
    tell = "whether they hold" if objective.percentile is None else f"p{objective.percentile:g}"
    some = f", {slow:,} of them slow or failed," if slow else ""
    few = (
        f"{requests:,} request{'' if requests == 1 else 's'} in the steady state{some} "
        f"{'is' if requests == 1 else 'are'} too few to tell {tell}"
    )
    if times is None:
        return f"{few}; ask for a longer steady state (steady_s)"
    needed_s = _ROUND_S * math.ceil(times * workload.steady_s / _ROUND_S)
    return f"{few}; ask for a steady state of {needed_s:,} s or longer (steady_s)"


def _times_longer(slow: int, requests: int, allowed: float) -> float | None:
    """Return how many times as many requests would tell, with as many slow among them."""
    if requests == 0:
        return None
    if slow == 0:
        return minimum_requests(0, 1 - allowed, (1 + CONFIDENCE) / 2) / requests
    times = _STEP
    while times < _MOST_TIMES:
        if _decided(slow * times, requests * times, allowed):
            return times
        times *= _STEP
    return None


def _decided(slow: float, requests: float, allowed: float) -> bool:
    low, high = independent_bounds(slow, requests)
    return low > allowed or high <= allowed
