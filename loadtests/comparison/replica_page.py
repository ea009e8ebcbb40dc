"""The section on three axes of the page that compares the searches; every number is computed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from loadtests.analysis import formats
from loadtests.comparison import sharing
from loadtests.comparison.score import Attempt, pair
from loadtests.comparison.strategies import GRID
from loadtests.comparison.tables import score_table, table
from loadtests.comparison.three_axes import (
    ON_THE_PLANE,
    ON_THREE_AXES,
    THREE_AXES,
    ReplicaConditions,
    scores_of,
)
from loadtests.search.replica_axis import ReplicaBudget

ReplicaAttempts = Mapping[ReplicaConditions, Mapping[str, Sequence[Attempt]]]


def replica_section(made: ReplicaAttempts) -> list[str]:
    """Return the section's parts, as Markdown."""
    first = next(iter(made.values()))
    trials = [attempt.outcome.trials for attempt in first[GRID.name]]
    budget = ReplicaBudget()
    return [
        "## How many replicas?",
        f"The same services with 1 to {sharing.MOST_REPLICAS} replicas of every size: "
        f"{len(trials)} of them, in grids that take {min(trials)} to {max(trials)} trials to "
        "measure in full. What is looked for is the cheapest setting of CPU, memory and replicas "
        "that is as reliable as asked. *One replica to spare* is a question of its own: one "
        "replica more is paid for than carries the load, so that one may be lost.",
        table(("search", "how it goes"), [(s.name, s.how) for s in THREE_AXES], "--"),
        f"Several replicas may take {budget.load_s / 60:g} minutes under load beyond the search of "
        f"one; of these, {budget.long_s:.0f} s are kept for the long trial of an answer of "
        "several, which is left out here as above.",
        *[part for under, tried in made.items() for part in _under(under, tried)],
        "### What is assumed of replicas",
        "\n".join(f"- {line}" for line in _assumptions()),
    ]


def _under(under: ReplicaConditions, made: Mapping[str, Sequence[Attempt]]) -> list[str]:
    return [
        f"### {under.label[0].upper()}{under.label[1:]}, up to {sharing.MOST_REPLICAS} replicas",
        score_table(scores_of(made)),
        f"{_counts(made)} {_compared(made)}",
    ]


def _counts(made: Mapping[str, Sequence[Attempt]]) -> str:
    """Say how many replicas the right answers have."""
    counted = Counter(
        attempt.least.replicas for attempt in made[GRID.name] if attempt.least is not None
    )
    told = [f"{counted[replicas]} of {replicas}" for replicas in sorted(counted)]
    return f"The right answers by their number of replicas: {formats.listing(told)}."


def _compared(made: Mapping[str, Sequence[Attempt]]) -> str:
    """Say how ours does against the full grid, and what it costs beyond one replica."""
    ours, plane, grid = (made[s.name] for s in (ON_THREE_AXES, ON_THE_PLANE, GRID))
    found, scores = pair(ours, grid), scores_of(made)
    mine, whole = scores[ON_THREE_AXES.name], scores[GRID.name]
    more_s = [a.outcome.load_s - b.outcome.load_s for a, b in zip(ours, plane, strict=True)]
    return (
        f"{ON_THREE_AXES.name} is right on {formats.share(mine.right.estimate)}, the full grid on "
        f"{formats.share(whole.right.estimate)}, for {mine.share_of_grid:.1%} of its load; service "
        f"by service, only {ON_THREE_AXES.name} was right on {found.only_one}, only the full grid "
        f"on {found.only_other} (exact McNemar test: {formats.share(found.chance)}). Beyond one "
        f"replica it took {formats.duration(sum(more_s) / len(more_s))} of load on average and "
        f"{formats.duration(max(more_s))} at most."
    )


def _assumptions() -> list[str]:
    overheads = "; ".join(
        f"{formats.share(share)} of services {low:+.0%} to {high:+.0%}"
        for low, high, share in sharing.OVERHEADS
    )
    (low, high), (even, uneven) = sharing.BENDS, sharing.UNEVEN
    least, most = sharing.BASE_SHARES
    return [
        f"CPU: a second replica changes what the same load takes in all: {overheads}. Further ones "
        f"add to that with a power of {low:g} to {high:g} of their number; the search takes it to "
        "be a straight line.",
        f"Balance: the busiest replica has {even:g} to {uneven:g} times an even share, which the "
        "search is not told.",
        f"Memory: {formats.share(least)} to {formats.share(most)} of what one replica needs is "
        "there without users, in every replica; the rest is shared with the connections. The "
        "ramp-up tells that share with an error of "
        f"{formats.share(sharing.BASE_SEEN)} (standard deviation). Caches are no smaller for being "
        "several.",
    ]
