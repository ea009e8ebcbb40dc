"""Predictors put to the test: each trial is predicted from trials of other settings only.

Settings are dealt into parts by a seed. Each part in turn is held out, at least a third of the
trials, and predicted by what was fitted to the rest; so every trial is predicted once, and never
from one of its own setting.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.analysis.evidence import Interval
from loadtests.analysis.observed import Observed
from loadtests.analysis.plan_basis import further_trial
from loadtests.analysis.prediction_score import Compared, Figure, Score
from loadtests.analysis.predictors import (
    MEMORY_LINE,
    SCALABILITY_LAW,
    THROTTLED_QUEUE,
    UTILISATION_LAW,
    MemoryLine,
    Predictor,
    Unfitted,
    memory_line,
    scalability_law,
    utilisation_law,
)
from loadtests.analysis.throttled_prediction import throttled_queue
from loadtests.question import Setting

PARTS = 3
REPEATS = "other trials of the same setting"


@dataclass(frozen=True)
class HeldOut:
    """All that was predicted of held-out trials, and what could not be."""

    seed: int
    trials: tuple[Observed, ...]
    compared: tuple[Compared, ...]
    unfitted: Mapping[str, str]  # predictor: why it was fitted to no part, or not to all
    left_out: Mapping[str, int]  # why trials are no evidence, and how many

    @property
    def settings(self) -> int:
        """How many settings the trials are of."""
        return len({trial.setting for trial in self.trials})

    def of(self, figure: Figure) -> list[Compared]:
        """Return what was predicted of one figure."""
        return [each for each in self.compared if each.figure is figure]

    @property
    def repeats(self) -> Score:
        """How far each p95 below the knee is from those of its own setting's other trials.

        None of them was held out: it is what a predictor would miss by that knew all but chance.
        """
        alike: dict[object, list[Observed]] = {}
        for trial in self.trials:
            if trial.p95_ms is not None and trial.below_knee:
                alike.setdefault((trial.setting, trial.workload), []).append(trial)
        found = []
        for trials in alike.values():
            for trial in trials:
                others = [t.p95_ms.estimate for t in trials if t is not trial and t.p95_ms]
                if others and trial.p95_ms is not None:
                    told = further_trial(others)
                    found.append(Compared(REPEATS, Figure.P95, trial, told, trial.p95_ms))
        return Score(REPEATS, Figure.P95, tuple(found))

    def scores(self) -> list[Score]:
        """Return a score for each predictor and figure that it speaks of."""
        pairs = dict.fromkeys((each.predictor, each.figure) for each in self.compared)
        return [
            Score(
                predictor,
                figure,
                tuple(
                    each
                    for each in self.compared
                    if (each.predictor, each.figure) == (predictor, figure) and each.counts
                ),
            )
            for figure in Figure
            for predictor, of in pairs
            if of is figure
        ]


def deal(trials: Mapping[Setting, int], seed: int) -> list[tuple[set[Setting], set[Setting]]]:
    """Deal settings into parts, as pairs: all that are held out, and of these the part's own.

    `trials` says how many each setting has. Settings of one size are spread over the parts. Each
    part holds out at least a third of the trials; where its own are fewer, settings of the next
    part are held out along with them. Empty where no setting would be left to fit to.
    """
    rng = np.random.default_rng(seed)
    sizes: dict[tuple[float, int], list[Setting]] = {}
    for setting in sorted(trials):
        sizes.setdefault((setting.cpus, setting.memory_mib), []).append(setting)
    groups = [*sizes.values()]
    shuffled = [groups[place] for place in rng.permutation(len(groups))]
    ordered = [group[place] for group in shuffled for place in rng.permutation(len(group))]
    parts = [ordered[begin::PARTS] for begin in range(PARTS)]
    dealt = []
    for number, part in enumerate(parts):
        others = [each for later in range(1, PARTS) for each in parts[(number + later) % PARTS]]
        held = list(part)
        while others and PARTS * sum(trials[each] for each in held) < sum(trials.values()):
            held.append(others.pop(0))
        if part and others:
            dealt.append((set(held), set(part)))
    return dealt


def hold_out(
    trials: Sequence[Observed],
    seed: int,
    threads: int = 1,
    left_out: Mapping[str, int] | None = None,
) -> HeldOut:
    """Predict every trial from those of other settings, by every predictor.

    At the speed that its CPU had: that is known of a trial without a look at its service.
    threads: how many requests a replica works on at once; 1 is an event loop.
    """
    counts: dict[Setting, int] = {}
    for trial in trials:
        counts[trial.setting] = counts.get(trial.setting, 0) + 1
    compared: list[Compared] = []
    unfitted: dict[str, str] = {}
    for held, own in deal(counts, seed):
        rest = [trial for trial in trials if trial.setting not in held]
        asked = [trial for trial in trials if trial.setting in own]
        fitted: dict[str, Predictor | Unfitted] = {
            UTILISATION_LAW: utilisation_law(rest),
            SCALABILITY_LAW: scalability_law(rest),
            THROTTLED_QUEUE: throttled_queue(rest, threads),
        }
        for name, predictor in fitted.items():
            if isinstance(predictor, Unfitted):
                unfitted[name] = predictor.why
            else:
                compared += _compare(name, predictor, asked)
        line = memory_line(rest)
        if isinstance(line, Unfitted):
            unfitted[MEMORY_LINE] = line.why
        else:
            compared += _compare_memory(line, asked)
    return HeldOut(seed, tuple(trials), tuple(compared), unfitted, left_out or {})


def _compare(name: str, predictor: Predictor, asked: Sequence[Observed]) -> list[Compared]:
    """Ask about each setting and load once, however many trials it has."""
    found = []
    p95 = _remembered(lambda trial: predictor.p95_ms(trial.setting, trial.workload, _at(trial)))
    capacity = _remembered(
        lambda trial: predictor.capacity_rps(trial.setting, trial.slo, speed=_at(trial))
    )
    for trial in asked:
        if trial.p95_ms is not None and (said := p95(trial)) is not None:
            found.append(Compared(name, Figure.P95, trial, said, trial.p95_ms))
        if trial.capacity_rps is not None and (said := capacity(trial)) is not None:
            found.append(Compared(name, Figure.CAPACITY, trial, said, trial.capacity_rps))
    return found


def _compare_memory(line: MemoryLine, asked: Sequence[Observed]) -> list[Compared]:
    return [
        Compared(
            MEMORY_LINE,
            Figure.MEMORY,
            trial,
            line.peak_mib(trial.connections),
            Interval(trial.memory_mib, trial.memory_mib, trial.memory_mib),
        )
        for trial in asked
        if trial.memory_mib is not None and trial.connections is not None
    ]


def _at(trial: Observed) -> float:
    """Return the speed that a prediction is asked for: to a hundredth, finer than a gauge tells."""
    return round(trial.speed, 2)


def _remembered(
    ask: Callable[[Observed], Interval | None],
) -> Callable[[Observed], Interval | None]:
    known: dict[object, Interval | None] = {}

    def asked(trial: Observed) -> Interval | None:
        key = trial.setting, trial.workload, trial.slo, _at(trial)
        if key not in known:
            known[key] = ask(trial)
        return known[key]

    return asked
