"""The part of the page on repeatability that tells of ten whole searches of one question."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.analysis import formats
from loadtests.analysis.searches import (
    ALONE,
    SEARCHES,
    deployed,
    disturbed,
    shared_band,
    spread_s,
    steps_apart,
)
from loadtests.analysis.searches_table import (
    SEARCHES_CSV,
    TRIALS_CSV,
    SearchLine,
    TrialLine,
    read_lines,
)
from loadtests.report.markdown import row
from loadtests.report.plots.searches import band_text, searches_figure_alt
from loadtests.report.ten_searches_tables import searches_table, setting_label, trials_table
from loadtests.search.reliability import SURE
from loadtests.verdicts import Verdict

FIGURE = "searches.png"


@dataclass(frozen=True)
class TenSearches:
    """The searches made so far, at least one, with all their trials."""

    searches: Sequence[SearchLine]
    trials: Sequence[TrialLine]


def read_ten_searches(folder: Path) -> TenSearches | None:
    """Read what `make searches` wrote into a folder; None where there is none."""
    searches = read_lines(folder / SEARCHES_CSV, SearchLine)
    return TenSearches(searches, read_lines(folder / TRIALS_CSV, TrialLine)) if searches else None


def section(found: TenSearches) -> list[str]:
    """Return the paragraphs of this part."""
    searches = found.searches
    models = formats.listing(sorted({line.cpu_model for line in searches}))
    missing = SEARCHES - len(searches)
    parts = [
        "## Ten searches",
        f"Written by `make searches`: {SEARCHES} whole searches of one question, "
        f"{searches[0].users:,} users, each into a run of its own, so that none reuses what "
        f"another measured: {ALONE} alone, then {SEARCHES - ALONE} beside a neighbour that comes "
        "and goes, a busy loop or one that thrashes the caches, for some minutes at a time "
        "on the last CPU. After each, the size to deploy that the first one led to was measured "
        f"once, in fresh containers. From {searches[0].started_at} to "
        f"{max(trial.started_at for trial in found.trials)} on {models}.",
    ]
    if missing > 0:
        parts.append(f"**So far {len(searches)} of {SEARCHES} were made.**")
    return [
        *parts,
        _answers(found),
        f"![{searches_figure_alt(searches)}]({FIGURE})",
        "A band runs from the most CPU at which a trial with the memory of the answer is expected "
        f"to hold in at most {formats.share(1 - SURE)}, to the least at which it is in at least "
        f"{formats.share(SURE)}. Reliability is the chance of the answer to hold once more. "
        "Speed is that of the CPU in the search's trials, relative to the reference: least, "
        "median, most. Voided are trials that this speed made no evidence.",
        searches_table(searches),
        "### The trials of the searches",
        "Figures as measured, nothing scaled. *Own* is the verdict by the trial's own figures, "
        "whatever the speed of its CPU; *beside* is the share of its load during which the "
        "neighbour worked.",
        trials_table(found.trials),
    ]


def _answers(found: TenSearches) -> str:
    lines = [
        row("asked", "found"),
        "| --- | --- |",
        row("Do all bands overlap?", _overlap(found.searches)),
        row("Is the least setting the same, or one step away?", _least(found.searches)),
        row("Was a disturbed trial held against a setting?", _disturbed(found)),
        row("Did the size to deploy hold?", _deployed(found.searches)),
    ]
    return "\n".join(lines)


def _overlap(searches: Sequence[SearchLine]) -> str:
    bands = [line.band for line in searches if line.band is not None]
    if not bands:
        return "no band is known"
    shared = shared_band(searches)
    known = f"{len(bands)} of {len(searches)} bands"
    if shared is None:
        low, high = max(band[0] for band in bands), min(band[1] for band in bands)
        return (
            f"**no**: of {known} one says that {low:g} CPU is expected to fail nearly always, "
            f"another that {high:g} CPU is to hold so"
        )
    return f"**yes**: {known} share {band_text(shared)}"


def _least(searches: Sequence[SearchLine]) -> str:
    counted = Counter(setting_label(line.least_cpus, line.least_memory_mib) for line in searches)
    each = formats.listing([f"{setting} in {times}" for setting, times in sorted(counted.items())])
    apart = steps_apart(searches)
    if apart is None:
        return f"**no**, not every search found one: {each}"
    if apart == (0, 0):
        return f"**yes**, the same: {each}"
    said = (
        f"{formats.count(apart[0], 'step')} of CPU and {formats.count(apart[1], 'step')} of memory"
    )
    return f"**{'yes' if max(apart) <= 1 else 'no'}**, {said} apart at most: {each}"


def _disturbed(found: TenSearches) -> str:
    seen = disturbed(found.searches, found.trials)
    if not seen.beside:
        return "no trial ran beside the neighbour"
    told = (
        f"of {formats.count(seen.beside, 'trial')} beside the neighbour {seen.held} held, "
        f"{seen.killed} were OOM-killed or died, {seen.no_evidence} are no evidence, and "
        f"{seen.failed} were held against their setting"
    )
    if seen.contradicted is None:
        return told
    verdict = "yes" if seen.contradicted else "no"
    return (
        f"**{verdict}**: {told}, {seen.contradicted} of them against one that every search alone "
        "expects to hold nearly always"
    )


def _deployed(searches: Sequence[SearchLine]) -> str:
    made = deployed(searches)
    if not made:
        return "it was not measured"
    held = sum(line.deploy_verdict is Verdict.HOLDS for line in made)
    size = setting_label(made[0].deploy_cpus, made[0].deploy_memory_mib)
    return (
        f"**{held} of {len(made)}** trials of {size} held, the last begun "
        f"{formats.duration(spread_s(searches))} after the first"
    )
