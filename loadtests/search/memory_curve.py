"""The chance of not being killed for memory, over log memory, at one step of CPU."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from loadtests.search.curve import EDGES, Curve, edges, log_logistic
from loadtests.verdicts import Finding, Verdict

# What luck may amount to, in log memory, and how likely each was before any trial.
WIDTHS = ((0.005, 0.4), (0.01, 0.4), (0.02, 0.2))


def memory_curve(steps: Sequence[int], cpus: float, findings: Iterable[Finding]) -> Curve:
    """Return the curve at a limit of CPU (cores) over steps of memory (MiB).

    More CPU never takes more memory: who was killed with more of it is killed with less, and
    who lived with less lives with more.
    """
    edge = edges(steps)[:, None]
    widths = np.array([width for width, _ in WIDTHS])[None, :]
    log_belief = np.broadcast_to(
        np.log([share for _, share in WIDTHS])[None, :], (EDGES, len(WIDTHS))
    ).copy()
    for finding in findings:
        at = finding.setting
        killed = finding.oom_killed and at.cpus >= cpus
        lived = finding.trial_verdict is Verdict.HOLDS and at.cpus <= cpus
        if killed or lived:
            side = -1.0 if killed else 1.0
            log_belief += log_logistic(side * (math.log(at.memory_mib) - edge) / widths)
    belief = np.exp(log_belief - log_belief.max())
    return Curve(edge, widths, belief / belief.sum())
