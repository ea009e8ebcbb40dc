"""How fast the CPU is while a search goes on, what a gauge reads of it, and what that takes back.

The speed drifts. It belongs to the service that is simulated and to the search's own clock, its
seconds under load: whoever begins a trial after so many seconds meets the same speed then, and a
search that takes longer meets more of the drift.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from loadtests.analysis.cpu_speed import NEAR_THE_LIMIT, SPEED_TOLERANCE
from loadtests.verdicts import Verdict

# Standard deviation of log speed. CPU use of eleven trials of one image under one load varied by
# 18.5% (standard deviation over mean) on hosts of one kind, of seven on two kinds by 21.5%; on one
# host within twenty minutes by 13% (docs/repeatability.md).
SPREAD = 0.18
# In so many seconds it forgets all but 1/e: two of these trials, three minutes apart, differed by
# a quarter.
MEMORY_S = 300.0
# What is left of the spread when CPU use is divided by the gauge, a fixed piece of work: 6.5%
# (docs/repeatability.md).
GAUGE_ERROR = 0.065

_STEP_S = 10.0
_DRIFT = 2_000_000  # seeds it apart from the noise of trials and staircases


def log_speed(seed: int, from_s: float, to_s: float) -> float:
    """Return the mean of log speed over a time of the clock; 0 is the reference speed."""
    first, end = int(from_s // _STEP_S), int(to_s // _STEP_S) + 1
    return float(_path(seed, 1 << end.bit_length())[first:end].mean())


@lru_cache(maxsize=1024)
def _path(seed: int, steps: int) -> npt.NDArray[np.float64]:
    """Return log speed step by step: autoregressive of first order, as likely at its begin."""
    kept = np.exp(-_STEP_S / MEMORY_S)
    shocks = SPREAD * np.random.default_rng((seed, _DRIFT)).standard_normal(steps)
    shocks[1:] *= np.sqrt(1 - kept**2)
    path: npt.NDArray[np.float64] = lfilter([1.0], [1.0, -kept], shocks)
    return path


def is_voided(own: Verdict, speed: float, used: float) -> bool:
    """Say whether the speed of the CPU takes a verdict back, as it does in real trials.

    `used` is the CPU that would be used at the reference speed, as a share of what is granted. What
    fails on a slow CPU stands if even that is clearly more than there is; what holds on a fast one
    stands unless that is nearly all there is.
    """
    if own is Verdict.FAILS:
        return speed < 1 - SPEED_TOLERANCE and used <= 1 + SPEED_TOLERANCE
    return own is Verdict.HOLDS and speed > 1 + SPEED_TOLERANCE and used > NEAR_THE_LIMIT
