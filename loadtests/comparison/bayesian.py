"""Bayesian search by Optuna: each next setting is drawn from where good ones have been found."""

import optuna

from loadtests.comparison.problem import Answer, SearchRun
from loadtests.question import Cost

SEED = 1
# More of them find more and cost more.
TRIALS_WITHOUT_GAIN = 20
_STARTUP_TRIALS = 5  # drawn at random before the estimator takes over


def bayesian(search_run: SearchRun, cost: Cost) -> Answer:
    """Let Optuna choose settings until enough of them in a row have gained nothing.

    A setting that fails counts for the cost of the largest on top of its own. One that is proposed
    again is not measured again.
    """
    space = search_run.space
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=SEED, n_startup_trials=_STARTUP_TRIALS)
    study = optuna.create_study(sampler=sampler)
    tops = {"cpu": len(space.cpus) - 1, "memory": len(space.memory_mib) - 1}
    study.enqueue_trial(tops)
    penalty = cost(space.ample)
    best, without_gain = float("inf"), 0
    while without_gain < TRIALS_WITHOUT_GAIN:
        trial = study.ask()
        cell = space.cell(*(trial.suggest_int(name, 0, top) for name, top in tops.items()))
        holds = search_run.holds(cell)
        value = cost(cell) if holds else cost(cell) + penalty
        study.tell(trial, value)
        gains = holds and value < best
        best = value if gains else best
        without_gain = 0 if gains else without_gain + 1
    return search_run.least_held(cost)
