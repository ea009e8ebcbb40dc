"""A belief about which step of an axis is the first that holds, halved trial by trial.

Generalised probabilistic bisection: a trial tells the side of the edge it is on, and errs with a
chance that is not known, differs from place to place, and is learned from the trials of each place
(Rodriguez and Ludkovski, "Generalized probabilistic bisection for stochastic root finding", 2017,
arXiv 1711.00843; the bisection itself after Horstein 1963 and Waeber, Frazier and Henderson 2013).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from loadtests.comparison.axes import margin
from loadtests.comparison.problem import SearchRun
from loadtests.question import Setting

SURE = 0.95  # of the first step that holds: then it ends
TRIALS_AT_MOST = 16  # of an axis


def bisection_edge(search_run: SearchRun, axis: Sequence[Setting]) -> Setting | None:
    """Return the step that is most believed to be the first that holds."""
    held = np.zeros(len(axis))
    trials = np.zeros(len(axis))
    belief = believed(held, trials)
    while belief.max() < SURE and trials.sum() < TRIALS_AT_MOST:
        # That the first is among the steps up to one: there it splits the belief most evenly.
        ask = int(np.abs(belief.cumsum()[:-1] - 0.5).argmin())
        trials[ask] += 1
        held[ask] += margin(search_run.trial(axis[ask])) > 0
        belief = believed(held, trials)
    first = int(belief.argmax())
    return axis[first] if first < len(axis) else None


def believed(
    held: npt.NDArray[np.float64], trials: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return how likely each step is the first that holds, and last, that none is.

    A step's trials err with a chance that is learned from how many of them agree (Laplace's rule of
    succession); before any trial all steps are as likely.
    """
    size = len(trials)
    failed = trials - held
    correct = (np.maximum(held, failed) + 1) / (trials + 2)
    if_it_holds = held * np.log(correct) + failed * np.log(1 - correct)
    if_it_fails = failed * np.log(correct) + held * np.log(1 - correct)
    holds = np.arange(size) >= np.arange(size + 1)[:, None]  # by the first step that holds
    log_belief = np.where(holds, if_it_holds, if_it_fails).sum(axis=1)
    belief = np.exp(log_belief - log_belief.max())
    return np.asarray(belief / belief.sum())
