"""Whole searches of one question, and all their trials, as tables of a Markdown page."""

from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.searches_table import SEARCH, SearchLine, TrialLine
from loadtests.question import Setting
from loadtests.report.markdown import row
from loadtests.report.plots.searches import band_text

NONE = "-"


def searches_table(searches: Sequence[SearchLine]) -> str:
    """Return a row for each search."""
    heads = (
        "search", "beside it", "least", "finished", "reliability", "band", "trials", "load",
        "speed", "voided", "size to deploy",
    )  # fmt: skip
    lines = [row(*heads), "| ---: | --- | --- | --- | ---: | --- |" + " ---: |" * 4 + " --- |"]
    lines += [
        row(
            line.number,
            line.neighbour,
            setting_label(line.least_cpus, line.least_memory_mib),
            "yes" if line.finished else "no",
            NONE if line.reliability is None else formats.share(line.reliability),
            NONE if line.band is None else band_text(line.band),
            line.trials,
            formats.duration(60 * line.load_min),
            _speeds(line),
            NONE if line.voided_by_speed is None else line.voided_by_speed,
            _deploy(line),
        )
        for line in searches
    ]
    return "\n".join(lines)


def _speeds(line: SearchLine) -> str:
    seen = (line.speed_min, line.speed_median, line.speed_max)
    return " ".join(f"{speed:.2f}" for speed in seen if speed is not None) or NONE


def _deploy(line: SearchLine) -> str:
    if line.deploy_verdict is None:
        return NONE
    return (
        f"{line.deploy_verdict}: p95 {formats.milliseconds(line.deploy_p95_ms)}, "
        f"{formats.quantity(line.deploy_cpu_used_cores, 'cores', 3)} used"
    )


def trials_table(trials: Sequence[TrialLine]) -> str:
    """Return a row for each trial, in raw figures."""
    heads = (
        "search", "setting", "verdict", "own", "speed", "beside", "p95", "error rate", "memory",
        "CPU used", "throttled",
    )  # fmt: skip
    lines = [row(*heads), "| ---: | --- | --- | --- |" + " ---: |" * 7]
    lines += [
        row(
            trial.search,
            setting_label(trial.cpus, trial.memory_mib)
            + (", to deploy" if trial.part != SEARCH else ""),
            formats.verdict(trial.verdict, trial.cause),
            trial.own_verdict,
            NONE if trial.speed is None else f"{trial.speed:.2f}",
            formats.share(trial.neighbour_share),
            formats.milliseconds(trial.p95_ms),
            formats.share(trial.error_rate),
            formats.quantity(trial.memory_peak_mib, "MiB"),
            formats.quantity(trial.cpu_used_cores, "cores", 3),
            formats.share(trial.throttled_ratio),
        )
        for trial in trials
    ]
    return "\n".join(lines)


def setting_label(cpus: float | None, memory_mib: int | None) -> str:
    """Write the setting of a line, "none" where there is none."""
    return "none" if cpus is None or memory_mib is None else Setting(cpus, memory_mib).label
