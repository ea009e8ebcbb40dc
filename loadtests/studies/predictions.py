"""Predictors put to the test on a run's own trials."""

from collections import Counter
from collections.abc import Iterable, Sequence

from loadtests.analysis.held_out import HeldOut, hold_out
from loadtests.analysis.held_out_sentences import score_sentence
from loadtests.analysis.observed import Observed, observe, observe_climb
from loadtests.analysis.plan_basis import HeldOutError
from loadtests.analysis.prediction_score import Figure
from loadtests.analysis.predictors import Unfitted
from loadtests.analysis.replica_capacity import Climb
from loadtests.analysis.summary import Judged
from loadtests.analysis.throttled_curve import ThrottledCurve, throttled_curve
from loadtests.studies.study import Study

SEED = 20_261_127  # which settings are held out together: two reports of one run say the same


def predict_held_out(study: Study, seed: int = SEED, threads: int = 1) -> HeldOut:
    """Predict each trial of a study, and each capacity, from those of other settings.

    threads: how many requests one replica works on at a time; 1 is an event loop.
    """
    return predict_trials(study.every_trial, study.several.capacity.found.climbs, seed, threads)


def predict_trials(
    trials: Iterable[Judged], climbs: Sequence[Climb] = (), seed: int = SEED, threads: int = 1
) -> HeldOut:
    """Do the same with trials of one image and script, and live staircases of users."""
    once = {evidence.trial.key: (evidence, judgement) for evidence, judgement in trials}
    told = [observe(*pair) for pair in once.values()] + [observe_climb(climb) for climb in climbs]
    known = [each for each in told if isinstance(each, Observed)]
    left_out = Counter(each for each in told if isinstance(each, str))
    return hold_out(known, seed, threads, left_out)


def capacity_error(found: HeldOut) -> HeldOutError | None:
    """Return how far off capacity may be, by the predictor that was least so; None: too few.

    The upper bound of its median error, as the least of several medians is partly luck. For plans
    beyond what was measured.
    """
    known = [(score.median, score) for score in found.scores() if score.figure is Figure.CAPACITY]
    best = min(
        ((median, score) for median, score in known if median is not None),
        key=lambda each: each[0].estimate,
        default=None,
    )
    if best is None or best[0].high >= 1:
        return None
    taken = "Of that interval the upper end is taken."
    return HeldOutError(best[0].high, f"{score_sentence(best[1])} {taken}")


def latency_curve(study: Study, threads: int = 1) -> ThrottledCurve | Unfitted:
    """Return latency against the CPU limit, computed from the study's trials with CPU to spare."""
    told = (observe(*pair) for pair in study.every_trial)
    return throttled_curve([each for each in told if isinstance(each, Observed)], threads)
