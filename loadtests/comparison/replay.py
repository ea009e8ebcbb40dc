"""What the page says of the recorded grid: each search on it, and trials stopped early."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.intervals import independent_bounds
from loadtests.comparison.recorded import RecordedGrid, RecordedTrial
from loadtests.comparison.score import Attempt
from loadtests.comparison.strategies import GRID, OURS
from loadtests.comparison.tables import emphasised, label, table
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Replay:
    """The recorded grid, and what each search made of it."""

    grid: RecordedGrid
    attempts: Mapping[str, Attempt]

    @property
    def least(self) -> str:
        """The least setting in truth, named."""
        return label(self.attempts[GRID.name].least)


def searches(replay: Replay) -> list[str]:
    """Return what each search made of the grid, as Markdown."""
    grid = replay.grid
    baseline_s = replay.attempts[GRID.name].outcome.load_s
    return [
        f"Real trials of this project's service under {grid.users:,} users: every one of "
        f"{len(grid.space.cells)} settings ({len(grid.every_trial)} trials) and a live staircase, "
        f"recorded on {grid.recorded} ({grid.host}). Each search is run on what was recorded; a "
        "trial counts with the seconds after which it would have been stopped early.",
        f"**The least that holds is {replay.least}**, by all trials of each setting. "
        + _contradictions(grid),
        table(
            ("search", "answer", "right", "trials", "time", "of the full grid"),
            [_row(name, made, baseline_s) for name, made in replay.attempts.items()],
            "---:::",
        ),
    ]


def _contradictions(grid: RecordedGrid) -> str:
    found = grid.contradictions
    if not found:
        return "No setting that holds lies below one that fails."
    pairs = [f"{small.label} holds, though {large.label} fails" for small, large in found]
    return (
        f"**The assumption is contradicted:** {formats.listing(pairs)}. Every search here assumes "
        "that more CPU and more memory never make a service worse. So near the edge it is noise "
        "that parts two trials, or the assumption is wrong here; which of the two, these trials "
        "cannot tell. What holds below a setting that fails does not count as holding."
    )


def _row(name: str, made: Attempt, baseline_s: float) -> tuple[str, ...]:
    right = "yes" if made.right else "no: too small" if made.too_small else "no: too large"
    row = (
        name,
        label(made.outcome.answer),
        right,
        str(made.outcome.trials),
        formats.duration(made.outcome.load_s),
        formats.share(made.outcome.load_s / baseline_s),
    )
    return emphasised(row) if name == OURS.name else row


def early_stops(trials: Sequence[RecordedTrial]) -> str:
    """Return how often stopping early is wrong, and what it saves."""
    ended = [t for t in trials if t.ended_early and not t.finding.oom_killed]
    false = [trial.own_verdict for trial in ended if trial.falsely_ended]
    full_s = sum(trial.full_load_s for trial in trials)
    saved_s = sum(trial.saved_s for trial in ended)
    which = formats.listing([f"{false.count(v)} {v}" for v in Verdict if v in false])
    told = f" (but: {which})" if which else ""
    at_most = formats.share(independent_bounds(len(false), len(ended))[1])
    return (
        "A trial is stopped early once so many of its requests have failed that no rest of it "
        "could make it hold. The recorded trials were run to their "
        f"end, so that this can be checked: {len(ended)} of {len(trials)} would have been stopped "
        f"early, those that were OOM-killed not counted. **{len(false)} of these would have been "
        f"stopped falsely**, as trials that do not fail when run to their end{told}: a rate of at "
        f"most {at_most} (upper end of a 95% interval, Clopper and Pearson 1934). Stopping early "
        f"saves {formats.duration(saved_s)} of {formats.duration(full_s)} under load "
        f"({formats.share(saved_s / full_s)})."
    )
