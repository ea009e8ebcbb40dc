"""What held-out trials say of predictors, in sentences that tell where a goal is missed."""

import math
from collections.abc import Mapping, Sequence
from itertools import count

from loadtests.analysis import formats
from loadtests.analysis.calibration import UTILISATION
from loadtests.analysis.capacity_point import FEWEST_COUNTS
from loadtests.analysis.held_out import PARTS, HeldOut
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.prediction_score import FEWEST, Compared, Figure, Score
from loadtests.analysis.predictors import SCALABILITY_LAW

WHAT: Mapping[Figure, str] = {
    Figure.P95: "the p95 below the knee",
    Figure.CAPACITY: "capacity",
    Figure.MEMORY: "the memory peak",
}
KNEE = f"the knee is where {UTILISATION:.0%} of the CPU granted is used"


def sentences(found: HeldOut) -> list[str]:
    """Say how it was tested, what each predictor is worth, and of what nothing is said."""
    if not found.compared:
        return [nothing(found), *_left_out(found)]
    said = [_how(found)]
    for figure in Figure:
        scores = [score for score in found.scores() if score.figure is figure]
        said += [score_sentence(score) for score in scores]
        if not scores:
            said.append(f"No held-out trial was predicted for {WHAT[figure]}.")
        if figure is Figure.P95:
            said += [_repeats(found.repeats), *_beyond(found.of(figure))]
    return [*said, *_unfitted(found), *_left_out(found)]


def nothing(found: HeldOut) -> str:
    """Say why nothing could be held out."""
    return (
        f"No prediction was checked: {formats.count(len(found.trials), 'trial')} of "
        f"{formats.count(found.settings, 'setting')} leave none to fit to, or none to predict."
    )


def score_sentence(score: Score) -> str:
    """Say how far off a predictor was at the median, and whether that is what was aimed at."""
    name, trials, median = score.predictor, len(score.compared), score.median
    what = WHAT[score.figure]
    if median is None:
        return (
            f"{_capital(name)}: nothing is said of {what}; held-out trials that tell it: {trials}, "
            f"needed: {FEWEST}."
        )
    inside = sum(each.inside for each in score.compared)
    known = sum(each.has_interval for each in score.compared)
    met = f"in {inside} of {known}" if known else "in none, as it had none"
    return (
        f"{_capital(name)}: {what} of {trials} held-out trials was off by "
        f"{error(score.figure, median.estimate)} at the median ({CONFIDENCE:.0%} interval "
        f"{bare(score.figure, median.low)} to {bare(score.figure, median.high)}); its "
        f"{CONFIDENCE:.0%} interval met what was measured {met}.{_goal(score)}"
    )


def error(figure: Figure, value: float) -> str:
    """Write an error: "a factor of 1.25" of a p95, "25%" of all else."""
    return f"a factor of {bare(figure, value)}" if figure is Figure.P95 else bare(figure, value)


def bare(figure: Figure, value: float) -> str:
    """Write an error without its words: "1.25" of a p95, "25%" of all else."""
    return f"{1 + value:,.2f}" if figure is Figure.P95 else f"{value:.0%}"


def _goal(score: Score) -> str:
    if score.goal is None or score.met is None:
        return ""
    aimed = error(score.figure, score.goal)
    return f" Aimed at was {aimed} at most: {'met' if score.met else 'missed'}."


def _how(found: HeldOut) -> str:
    return (
        f"{formats.count(len(found.trials), 'trial').capitalize()} of "
        f"{formats.count(found.settings, 'setting')} were dealt by setting into {PARTS} parts "
        f"(seed {found.seed}). Each part was held out in turn, a third of the trials or more, and "
        "predicted from the rest, so no trial is predicted from one of its own setting. Of p95 "
        f"only trials below the knee count; {KNEE}."
    )


def _repeats(score: Score) -> str:
    """Say how far trials of one setting are apart, which no prediction can be nearer than."""
    trials, median = len(score.compared), score.median
    if median is None:
        return (
            "How far trials of one setting are apart by chance, which no prediction can foretell, "
            f"is not known below the knee; trials with others of their setting and load: {trials}, "
            f"needed: {FEWEST}."
        )
    return (
        "Trials of one setting and load are apart by chance, which no prediction can foretell: "
        f"below the knee the p95 of {trials} was off that of the others by "
        f"{error(Figure.P95, median.estimate)} at the median."
    )


def _beyond(compared: Sequence[Compared]) -> list[str]:
    """Say how far off p95 was beyond the knee, where no goal is set."""
    said = []
    for name in dict.fromkeys(each.predictor for each in compared):
        errors = sorted(
            each.error for each in compared if each.predictor == name and not each.counts
        )
        if not errors:
            continue
        least, most = bare(Figure.P95, errors[0]), bare(Figure.P95, errors[-1])
        by = f"a factor of {least}" if len(errors) == 1 else f"factors of {least} to {most}"
        said.append(
            f"{_capital(name)}, beyond the knee, which counts for no goal: "
            f"p95 of {formats.count(len(errors), 'held-out trial')} off by {by}."
        )
    return said


def _unfitted(found: HeldOut) -> list[str]:
    said = [
        f"{_capital(name)}: where it says nothing, it could not be fitted, as {_small(why)}."
        for name, why in found.unfitted.items()
    ]
    if SCALABILITY_LAW in found.unfitted:
        needed = next(n for n in count(FEWEST_COUNTS) if n - math.ceil(n / PARTS) >= FEWEST_COUNTS)
        said.append(f"With a third of them held out that takes the capacity of {needed} counts.")
    return said


def _left_out(found: HeldOut) -> list[str]:
    if not found.left_out:
        return []
    told = [f"{why} ({trials})" for why, trials in found.left_out.items()]
    return [f"Left out, as no evidence of a setting's latency or capacity: {'; '.join(told)}."]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
