"""The page that compares the searches; every number in it is computed."""

from collections.abc import Mapping, Sequence

from loadtests.analysis import formats
from loadtests.comparison import needs, simulated
from loadtests.comparison.replay import Replay, early_stops, searches
from loadtests.comparison.score import Attempt, Score, best_rival, pair
from loadtests.comparison.strategies import GRID, OURS, STRATEGIES
from loadtests.comparison.tables import emphasised, table
from loadtests.search.knowledge import TRIALS_PER_SETTING

Scores = Mapping[str, Score]


def page(
    attempts: Mapping[str, Sequence[Attempt]],
    by_noise: Mapping[float, Scores],
    replay: Replay | None,
) -> str:
    """Return the whole page as Markdown.

    `attempts` are those with the usual noise, `by_noise` the scores with so many times of it, once
    among them; `replay` is None where no grid is recorded.
    """
    parts = [
        "# Which search finds the least?",
        "Written by `make strategies`: every search below answers the same question, the cheapest "
        "setting of CPU and memory that meets the SLO under one workload, from the same evidence. "
        "The noise of a trial belongs to its setting and its number, so no search meets a better "
        "day than another. Every number on this page is computed.",
        "## The searches",
        table(("search", "how it goes"), [(s.name, s.how) for s in STRATEGIES], "--"),
        f"All of them ask an undecided or invalid setting again, up to {TRIALS_PER_SETTING} trials "
        "in all, and answer with the cheapest setting that holds by their own trials, unless by "
        "these a larger one fails.",
        "## Simulated services",
        *_simulated(attempts, by_noise[1.0]),
        "### With less noise and with more",
        *_noisy(by_noise),
        "### What is assumed",
        "\n".join(f"- {line}" for line in _assumptions()),
        "## A recorded grid",
        *(["Left out: no grid is recorded in `data/grid/`."] if not replay else searches(replay)),
    ]
    if replay:
        parts += ["## Trials stopped early", early_stops(replay.grid.every_trial)]
    parts += [
        "## To repeat it",
        "`make strategies` computes everything anew in about a minute and needs no engine. "
        "Noise is seeded: the same versions give the same numbers.",
    ]
    return "\n\n".join(parts) + "\n"


def _simulated(attempts: Mapping[str, Sequence[Attempt]], scores: Scores) -> list[str]:
    trials = [made.outcome.trials for made in attempts[GRID.name]]
    nothing = sum(made.least is None for made in attempts[GRID.name])
    head = ("search", "right (95% interval)", "near", "too small", "too large", "trials",
            "most trials", "time", "of the full grid")  # fmt: skip
    return [
        f"{len(trials)} invented services whose least setting is known (on {nothing} of them "
        f"nothing holds), in grids that take {min(trials)} to {max(trials)} trials to measure in "
        "full. *Right* is exactly the least setting, *near* at most one step away on each axis, "
        "*too small* an answer that in truth fails, *too large* one dearer than needed, or none "
        "where there is one. *Time* is the mean under load for one service, a staircase included.",
        "![Right answers against time under load, one point a search](strategies.png)",
        table(head, [_score_row(name, score) for name, score in scores.items()], "-::::::::"),
        _overlapping(scores),
        _paired(attempts),
    ]


def _overlapping(scores: Scores) -> str:
    """Say which searches may be right as often as ours, and what the quickest of them takes."""
    mine = scores[OURS.name]
    others = {name: score for name, score in scores.items() if name != OURS.name}
    near = [name for name, score in others.items() if score.right.high >= mine.right.low]
    rival = best_rival(scores)
    told = (
        f"the interval of {OURS.name} overlaps that of {formats.listing(near)}"
        if near
        else (f"no interval overlaps that of {OURS.name}")
    )
    return (
        f"On being right, {told}. In time, the nearest is {rival}: it takes "
        f"{formats.share(others[rival].share_of_grid)} of the full grid's time under load, "
        f"{OURS.name} {formats.share(mine.share_of_grid)}."
    )


def _score_row(name: str, score: Score) -> tuple[str, ...]:
    right = score.right
    interval = f"{formats.share(right.low)} to {formats.share(right.high)}"
    row = (
        name,
        f"{formats.share(right.estimate)} ({interval})",
        formats.share(score.near),
        str(score.too_small),
        str(score.too_large),
        f"{score.trials:.1f}",
        str(score.trials_most),
        formats.duration(score.load_s),
        formats.share(score.share_of_grid),
    )
    return emphasised(row) if name == OURS.name else row


def _paired(attempts: Mapping[str, Sequence[Attempt]]) -> str:
    found = pair(attempts[OURS.name], attempts[GRID.name])
    return (
        f"Service by service, only {OURS.name} was right on {found.only_one}, only the full grid "
        f"on {found.only_other}; chance alone parts two equally good searches at least so unevenly "
        f"in {formats.share(found.chance)} of comparisons (exact McNemar test)."
    )


def _noisy(by_noise: Mapping[float, Scores]) -> list[str]:
    head = ["search"]
    for noise in by_noise:
        head += [f"right, {noise:g} x noise", "time", "of the full grid"]
    rows = []
    for strategy in STRATEGIES:
        row = [strategy.name]
        for scores in by_noise.values():
            score = scores[strategy.name]
            row += [
                formats.share(score.right.estimate),
                formats.duration(score.load_s),
                formats.share(score.share_of_grid),
            ]
        rows.append(emphasised(row) if strategy.name == OURS.name else tuple(row))
    return [
        "The same services, where one trial of a setting differs from the next by other amounts "
        "than assumed below:",
        table(head, rows, "-" + ":" * 3 * len(by_noise)),
    ]


def _assumptions() -> list[str]:
    workload, slo = simulated.QUESTION.workload, simulated.QUESTION.slo
    shapes = [
        f"{formats.share(share)} {name} ({what})" for name, (share, what, _) in needs.SHAPES.items()
    ]
    used = " to ".join(formats.share(value) for value in simulated.CPU_USED_WHEN_AMPLE)
    more = " to ".join(formats.share(value) for value in simulated.COLD_START_MORE)
    return [
        f"Workload: ramp-up {workload.ramp_up_s:g} s, warm-up {workload.warm_up_s:g} s, steady "
        f"state {workload.steady_s:g} s. "
        f"SLO: {formats.slo(slo)}.",
        f"Grids: {_range(needs.CPU_STEPS)} steps of CPU and {_range(needs.MEMORY_STEPS)} of "
        "memory, 20 to 50% apart.",
        f"Needs: {'; '.join(shapes)}. In none of them do more CPU or more memory make a service "
        "worse, as every search here assumes; a real service may break that.",
        "Noise: the chance of a trial to hold is logistic in log CPU around the edge, with a width "
        f"of {simulated.EDGE_WIDTH:g}; within {formats.share(simulated.UNDECIDED_WITHIN)} of the "
        "edge it is undecided. The memory needed varies by "
        f"{formats.share(simulated.MEMORY_NOISE)} (standard deviation).",
        f"Invalid: {formats.share(simulated.INVALID_SHARE)} of trials, but for kills.",
        f"Time: {workload.duration_s:g} s for what holds, is undecided or invalid. An OOM kill "
        f"ends a trial after {simulated.KILLED_FROM_S:g} to {simulated.RAMP_UP_FAILURES_S:g} s, "
        f"time-outs end it after {simulated.RAMP_UP_FAILURES_S:g} s; one that is only slow lasts "
        f"{workload.duration_s:g} s too.",
        "Staircase: it sees every service's edge off by "
        f"{formats.share(simulated.STAIRCASE_BIAS)} (standard deviation), each level by another "
        f"{formats.share(simulated.LEVEL_NOISE)}, and the peak of memory by "
        f"{formats.share(simulated.PEAK_NOISE)}. With plenty of CPU a service uses {used} of what "
        f"it needs. {formats.share(simulated.COLD_START_SHARE)} of services need "
        f"{more} more memory in fresh containers than a staircase shows.",
    ]


def _range(bounds: tuple[int, int]) -> str:
    return f"{bounds[0]} to {bounds[1]}"
