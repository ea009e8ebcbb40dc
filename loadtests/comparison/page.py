"""The page that compares the searches; every number in it is computed."""

from collections.abc import Mapping

from loadtests.analysis import formats
from loadtests.analysis.cpu_speed import NEAR_THE_LIMIT, SPEED_TOLERANCE
from loadtests.comparison import drift, lengths, needs, simulated
from loadtests.comparison.conditions import EVEN, USUAL, Attempts, Conditions, Scores
from loadtests.comparison.problem import ASKED, Begun
from loadtests.comparison.replay import Replay, early_stops, searches
from loadtests.comparison.replica_page import ReplicaAttempts, replica_section
from loadtests.comparison.score import TOSS, WITHIN, best_rival, pair
from loadtests.comparison.strategies import GRID, OURS, STRATEGIES
from loadtests.comparison.tables import score_table, table
from loadtests.search.knowledge import TRIALS_PER_SETTING


def page(
    made: Attempts,
    scores: Mapping[Conditions, Scores],
    replay: Replay | None,
    replicas: ReplicaAttempts | None = None,
) -> str:
    """Return the whole page as Markdown.

    `made` are the attempts under usual conditions, which are among those of `scores`; `replay` is
    None where no grid is recorded; `replicas` are the attempts on three axes; None: left out.
    """
    asked = formats.share(ASKED)
    parts = [
        "# Which search finds the least?",
        "Written by `make strategies`: every search below answers the same question, the cheapest "
        f"setting of CPU and memory that holds in {asked} of its trials, from the same evidence. "
        "The noise of a trial belongs to its setting and its number, and the speed of the CPU to "
        "the seconds that the search has put the service under load, so no search meets a better "
        "day than another. Every number on this page is computed.",
        "## The searches",
        table(("search", "how it goes"), [(s.name, s.how) for s in STRATEGIES], "--"),
        "Those that go by verdicts ask an undecided or invalid setting again, up to "
        f"{TRIALS_PER_SETTING} trials in all, and answer with the cheapest setting that holds by "
        "their own trials, unless by these a larger one fails. Those that go by margins, how far "
        "the share of slow requests was from what the SLO allows, make an invalid trial again as "
        "often, and answer with what they conclude. All see the plain verdict of each trial; only "
        f"{OURS.name} has a gauge of the CPU's speed, which belongs to it.",
        "## Simulated services",
        *_simulated(made),
        *_conditions(scores),
        _overlapping(scores[USUAL]),
        *([_drift_costs(scores)] if EVEN in scores else []),
        _paired(made),
        "### What is assumed",
        "\n".join(f"- {line}" for line in (*_assumptions(), *_drift())),
        *([] if replicas is None else replica_section(replicas)),
        "## A recorded grid",
        *(["Left out: no grid is recorded in `data/grid/`."] if not replay else searches(replay)),
    ]
    if replay:
        parts += ["## Trials stopped early", early_stops(replay.grid.every_trial)]
    parts += [
        "## To repeat it",
        "`make strategies` computes everything anew in a few minutes and needs no engine. "
        "Noise is seeded: the same versions give the same numbers.",
    ]
    return "\n\n".join(parts) + "\n"


def _simulated(made: Attempts) -> list[str]:
    trials = [attempt.outcome.trials for attempt in made[GRID.name]]
    nothing = sum(attempt.least is None for attempt in made[GRID.name])
    asked, toss = formats.share(ASKED), formats.share(TOSS)
    long_s = lengths.full_s(Begun(0.0, is_long=True))
    return [
        f"{len(trials)} invented services whose least setting is known (on {nothing} of them "
        f"nothing is so reliable), in grids that take {min(trials)} to {max(trials)} trials to "
        "measure in full.",
        f"*Right* is exactly the least setting that holds in {asked} of its trials at the "
        f"reference speed, *within {100 * WITHIN:g} points* the least of a reliability that is no "
        "farther from that (a few trials can hardly tell more), *near* at most one step away on "
        "each axis. *Too small* is an answer that "
        f"holds in fewer than {toss} of its trials, *less reliable* one that holds in {toss} to "
        f"{asked}, *too large* one dearer than needed, or none where there is one. *Cost regret* "
        "is what answers cost beyond the right ones, on average, below zero where they are too "
        "cheap. *Stated* is the mean reliability of its answers as a search has it, where it "
        "states one, *in truth* the mean as it is. *Time* is the mean under load for one service, "
        "a staircase included.",
        f"Left out is the long last trial of an answer, {long_s:.0f} s: that of any search would "
        "get one.",
        "![Right answers against time under load, one point a search](strategies.png)",
    ]


def _conditions(scores: Mapping[Conditions, Scores]) -> list[str]:
    return [
        part
        for under, by_name in scores.items()
        for part in (
            f"### {under.label[0].upper()}{under.label[1:]}",
            score_table(by_name),
        )
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
        f"On being right, with {USUAL.label}, {told}. In time, the nearest is {rival}: it takes "
        f"{formats.share(others[rival].share_of_grid)} of the full grid's time under load, "
        f"{OURS.name} {formats.share(mine.share_of_grid)}."
    )


def _drift_costs(scores: Mapping[Conditions, Scores]) -> str:
    """Say what keeps a search from being right more often."""
    drifting, even = (scores[under][OURS.name].right.estimate for under in (USUAL, EVEN))
    return (
        f"What drift takes from {OURS.name}, {formats.share(even)} right with a CPU of even speed "
        f"and {formats.share(drifting)} with one that drifts, is the gauge's error of "
        f"{formats.share(drift.GAUGE_ERROR)}: beside steps of 20% to 50%, a handful of trials "
        "cannot say on which side of the edge a setting lies that is so near to it."
    )


def _paired(made: Attempts) -> str:
    found = pair(made[OURS.name], made[GRID.name])
    return (
        f"Service by service, only {OURS.name} was right on {found.only_one}, only the full grid "
        f"on {found.only_other}; chance alone parts two equally good searches at least so unevenly "
        f"in {formats.share(found.chance)} of comparisons (exact McNemar test)."
    )


def _assumptions() -> list[str]:
    workload, slo = lengths.QUESTION.workload, lengths.QUESTION.slo
    shapes = [
        f"{formats.share(share)} {name} ({what})" for name, (share, what, _) in needs.SHAPES.items()
    ]
    used = _shares(simulated.CPU_USED_WHEN_AMPLE)
    more = _shares(simulated.COLD_START_MORE)
    slow = " to ".join(f"{width:g}" for width in simulated.SLOW_WIDTHS)
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
        f"edge it is undecided. A trial with a steady state of {lengths.LONG_STEADY_S:g} s has "
        f"{formats.share(simulated.LONG_LUCK)} of that noise. The memory needed varies by "
        f"{formats.share(simulated.MEMORY_NOISE)} (standard deviation).",
        f"Slow requests: their odds fall e-fold in {slow} of log CPU, from service to service.",
        f"Invalid: {formats.share(simulated.INVALID_SHARE)} of trials, but for kills.",
        f"Time: {workload.duration_s:g} s for what holds, is undecided or invalid. An OOM kill "
        f"ends a trial after {lengths.KILLED_FROM_S:g} to {lengths.RAMP_UP_FAILURES_S:g} s, "
        f"time-outs end it after {lengths.RAMP_UP_FAILURES_S:g} s; one that is only slow lasts "
        f"{workload.duration_s:g} s too.",
        "Staircase: it sees every service's edge off by "
        f"{formats.share(simulated.STAIRCASE_BIAS)} (standard deviation), each level by another "
        f"{formats.share(simulated.LEVEL_NOISE)}, and the peak of memory by "
        f"{formats.share(simulated.PEAK_NOISE)}. With plenty of CPU a service uses {used} of what "
        f"it needs. {formats.share(simulated.COLD_START_SHARE)} of services need "
        f"{more} more memory in fresh containers than a staircase shows.",
    ]


def _drift() -> list[str]:
    return [
        f"Drift: log speed of the CPU is an autoregressive process of first order around the "
        f"reference speed, with a standard deviation of {drift.SPREAD:g} and a memory of "
        f"{drift.MEMORY_S:g} s under load; a trial meets its mean over the steady state, and so "
        "does each level of the staircase. The spread is that of the CPU use of eleven trials of "
        "one image under one load.",
        f"Gauge: it reads the speed of each trial off by {drift.GAUGE_ERROR:.1%} (standard "
        "deviation), what is left of the spread of CPU use when divided by a fixed piece of "
        "work ([docs/repeatability.md](repeatability.md)).",
        "What the speed takes back, as in real trials: a *fails* on a CPU more than "
        f"{formats.share(SPEED_TOLERANCE)} slower than the reference, unless the service would use "
        "clearly more CPU than it was granted at the reference speed too; a *holds* on one as "
        f"much faster, where it would use more than {formats.share(NEAR_THE_LIMIT)} of what was "
        "granted. A service that just holds uses "
        f"{_shares(simulated.USED_AT_EDGE)} of its CPU. Kills for memory stand.",
    ]


def _shares(bounds: tuple[float, float]) -> str:
    return " to ".join(formats.share(bound) for bound in bounds)


def _range(bounds: tuple[int, int]) -> str:
    return f"{bounds[0]} to {bounds[1]}"
