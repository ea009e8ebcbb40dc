"""The page on what analysing many trials costs."""

from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.analysis_cost import AnalysisCost
from loadtests.analysis.growth import BEND, Growth, Shape
from loadtests.question import Workload
from loadtests.report.markdown import row


@dataclass(frozen=True)
class MadeOf:
    """What the trials were made of, and where they were analysed."""

    workload: Workload
    templates: int  # recorded trials that they were made from
    requests: float  # of a trial, mean
    date: str
    cpus: int
    cpu_model: str


def page(found: AnalysisCost, made: MadeOf) -> str:
    """Return the whole page as Markdown."""
    largest = found.sizes[-1]
    steps = found.steps_s(largest)
    parts = [
        "# What analysis costs",
        f"Written by `make analysis-cost` on {made.date}, {made.cpus} CPUs ({made.cpu_model}): "
        "every figure comes out of it. The trials never ran: each is one of "
        f"{formats.count(made.templates, 'recorded trial')} of {made.workload.label} "
        f"({made.workload.steady_s:g} s of steady state), its latencies and times changed a little "
        f"by chance, in files of the form and size of a record: {made.requests:,.0f} requests a "
        f"trial, mean. A process each read, judged and drew so many of "
        "them, on one core; its time is from its start to its end, what it took of a CPU is told "
        "beside it, its memory is the most it ever had. Files had just been written, so the disk "
        "is not in it.",
        "![Time and memory against the number of trials](analysis-cost.png)",
        _against_goals(found),
        growth_sentence(found.growth),
        _sizes(found),
        "## Where the time goes",
        f"Of {largest:,} trials, seconds of CPU, median of its {len(found.of(largest))} processes:",
        _steps(steps),
        "Requests are read one trial at a time and let go of again. One trial of each of the "
        f"{found.of(largest)[0].pages} settings is drawn by itself, as the report does it, however "
        f"many trials there are: {_page_s(found, largest):.2f} s of CPU each, so that many "
        "settings cost more than many trials.",
    ]
    return "\n\n".join(parts) + "\n"


def _against_goals(found: AnalysisCost) -> str:
    goals = found.goals
    if found.met is None:
        return f"{goals.trials:,} trials were not measured, so nothing is said of the goal."
    wall, peak = found.wall_s(goals.trials), found.peak_mib(goals.trials)
    return (
        f"**{goals.trials:,} trials took {wall:.1f} s and {peak:,.0f} MiB**, where "
        f"{goals.wall_s:g} s and {goals.peak_mib:,.0f} MiB are the goal: "
        f"{'met' if found.met else 'not met'}."
    )


def growth_sentence(found: Growth) -> str:
    """Say how the time grows with the number of trials, and how sure that is."""
    bend = found.bend
    said = {
        Shape.LINEAR: "CPU time is linear in the number of trials",
        Shape.FASTER: "CPU time grows faster than the number of trials",
        Shape.SLOWER: "CPU time grows slower than the number of trials",
        Shape.UNKNOWN: "Whether CPU time is linear in the number of trials is not told",
    }[found.shape]
    return (
        f"{said}: {found.fixed_s:.1f} s, and {1000 * found.each_s:.1f} ms for each. A term of the "
        f"square would make {bend.estimate:+.1%} of the time at {found.largest:,} trials (95% "
        f"interval {bend.low:+.1%} to {bend.high:+.1%}); it is called linear where that lies "
        f"within {BEND:.0%}."
    )


def _sizes(found: AnalysisCost) -> str:
    lines = [
        row("trials", "processes", "time, s", "the slowest, s", "CPU, s", "memory at most, MiB"),
        row(*["---:"] * 6),
    ]
    for size in found.sizes:
        of = found.of(size)
        slowest = max(each.wall_s for each in of)
        lines.append(
            row(
                f"{size:,}",
                len(of),
                f"{found.wall_s(size):.1f}",
                f"{slowest:.1f}",
                f"{found.cpu_s(size):.1f}",
                f"{found.peak_mib(size):,.0f}",
            )
        )
    return "\n".join(lines)


def _steps(steps_s: dict[str, float]) -> str:
    lines = [row("part", "s"), row("---", "---:")]
    return "\n".join([*lines, *(row(name, f"{s:.2f}") for name, s in steps_s.items())])


def _page_s(found: AnalysisCost, size: int) -> float:
    """Return the CPU seconds of one trial's page: the last part, over how many there were."""
    return list(found.steps_s(size).values())[-1] / found.of(size)[0].pages
