"""The page on what makes trials of one setting differ: raw and divided by each speed gauge."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from loadtests.analysis import formats
from loadtests.analysis.speed import (
    FIXED_WORK,
    GENERATOR_CPU,
    NOBODY,
    PINNED_WORK,
    Explained,
    SpeedTrial,
    explain,
)
from loadtests.question import Question
from loadtests.report import markdown

GAUGES = (GENERATOR_CPU, FIXED_WORK, PINNED_WORK)
COLUMNS = {GENERATOR_CPU: "generator_cpu_ms", FIXED_WORK: "work_us", PINNED_WORK: "pinned_us"}


def read_trials(table: Path) -> list[SpeedTrial]:
    """Read the trials that were measured, from the table of `make repeatability`."""
    return [
        SpeedTrial(
            row["setting"],
            row["neighbour"],
            row["service_cpu_ms"],
            {gauge: row[column] for gauge, column in COLUMNS.items() if row[column] > 0},
        )
        for row in pd.read_csv(table).to_dict("records")
        if row["service_cpu_ms"] > 0
    ]


def page(
    trials: Sequence[SpeedTrial],
    table: pd.DataFrame,
    question: Question,
    searches: Sequence[str] = (),
) -> str:
    """Return the whole page as Markdown; `searches` are the paragraphs on whole searches."""
    models = formats.listing(sorted(set(table["cpu_model"])))
    every = _by_gauge(trials)
    workload = question.workload
    parts = [
        "# Does an answer repeat?",
        "Written by `make repeatability`: every figure comes out of a run. "
        f"{formats.count(len(table), 'trial')} from {min(table['started_at'])} to "
        f"{max(table['started_at'])} on {models}, in random order; {workload.users:,} users, "
        f"{workload.expected_rps():,.0f} requests/s, {workload.steady_s:g} s of steady state.",
        "The CPU that a service takes a request differs between two trials of the same setting, "
        "since a CPU second is not always worth the same. Three gauges were read in each trial: "
        "the CPU that the load generator took a request; a fixed piece of work in the generator; "
        "and the same work on each CPU of the host in turn. A neighbour, where there was one, was "
        "pinned to the last CPU.",
        "![The service's CPU per request against each gauge](repeatability.png)",
        "## What each gauge explains",
        f"**{conclusion(every)}**",
        "Spread is the standard deviation between trials of one setting, relative to their mean. "
        "Divided by a gauge that slows down as the service does, it falls. The ratio's interval "
        "is a bootstrap over trials, 95%; that it falls is shown where that lies below 1. A "
        "slope of 1 says that both slow down by one factor.",
        _explained("all trials", every),
        *_parts(trials),
        "## Where gauge and service part ways",
        "A gauge that tells how fast the CPU is says nothing of what else makes a request dearer. "
        "Medians over the trials of a setting, relative to the first one:",
        _apart(trials),
        *searches,
        "## Every trial",
        _every(table),
    ]
    return "\n\n".join(parts) + "\n"


def conclusion(found: Sequence[Explained]) -> str:
    """Say which gauge explains most, and whether any provably does."""
    proven = [each for each in found if each.proven]
    if not proven:
        return (
            "No gauge provably makes the spread smaller here, so nothing is to be scaled: raw "
            "figures stand alone."
        )
    best = min(proven, key=lambda each: each.normalised)
    return (
        f"The {best.gauge} explains most: the spread falls from {formats.share(best.raw)} to "
        f"{formats.share(best.normalised)}, {_times(best)}."
    )


def _times(found: Explained) -> str:
    ratio = found.ratio
    return f"{ratio.estimate:.2f} times ({ratio.low:.2f}-{ratio.high:.2f})"


def _parts(trials: Sequence[SpeedTrial]) -> list[str]:
    """One table for each part of the trials that may behave otherwise."""
    kept: dict[str, Callable[[SpeedTrial], bool]] = {
        "without a neighbour": lambda t: t.neighbour == NOBODY,
        "beside a neighbour": lambda t: t.neighbour != NOBODY,
        "one replica": lambda t: " x " not in t.setting,
        "several replicas": lambda t: " x " in t.setting,
    }
    return [_explained(name, _by_gauge([*filter(keep, trials)])) for name, keep in kept.items()]


def _by_gauge(trials: Sequence[SpeedTrial]) -> list[Explained]:
    return [explain(trials, gauge) for gauge in GAUGES]


def _explained(what: str, by_gauge: Sequence[Explained]) -> str:
    lines = [
        markdown.row(
            what, "trials", "raw spread", "divided by it", "ratio (95%)", "slope (95%)", "shown"
        ),
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for found in by_gauge:
        slope = found.slope
        lines.append(
            markdown.row(
                found.gauge,
                found.trials,
                formats.share(found.raw),
                formats.share(found.normalised),
                _times(found).replace(" times", ""),
                f"{slope.estimate:.2f} ({slope.low:.2f}-{slope.high:.2f})",
                "yes" if found.proven else "no",
            )
        )
    return "\n".join(lines)


def _apart(trials: Sequence[SpeedTrial]) -> str:
    frame = pd.DataFrame(
        [{"setting": t.setting, "service": t.service_cpu_ms, **t.gauges} for t in trials]
    )
    names = ["service", *GAUGES]
    medians = frame.groupby("setting")[names].median().iloc[::-1]
    relative = medians / medians.iloc[0]
    lines = [
        markdown.row("setting", "service CPU per request", *GAUGES),
        "| --- |" + " ---: |" * len(names),
        *(
            markdown.row(setting, *(f"{value:.2f}" for value in values))
            for setting, values in zip(relative.index, relative.to_numpy(), strict=True)
        ),
    ]
    return "\n".join(lines)


def _every(table: pd.DataFrame) -> str:
    heads = ("setting", "neighbour", "verdict", "p95", "service CPU per request", *GAUGES)
    lines = [markdown.row(*heads), "| --- | --- | --- |" + " ---: |" * (len(heads) - 3)]
    lines += [
        markdown.row(
            row["setting"],
            row["neighbour"],
            row["verdict"],
            formats.milliseconds(row["p95_ms"]),
            f"{row['service_cpu_ms']:.3f} ms",
            f"{row['generator_cpu_ms']:.3f} ms",
            f"{row['work_us']:.0f} us",
            f"{row['pinned_us']:.0f} us",
        )
        for row in table.to_dict("records")
    ]
    return "\n".join(lines)
