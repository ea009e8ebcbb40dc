"""Every forecast so far, read from the runs: nothing is kept of them but the runs themselves."""

from collections.abc import Iterator
from pathlib import Path

from loadtests.analysis.forecast_made import ForecastLog, ForecastMade
from loadtests.errors import RecordError
from loadtests.studies.minimum_search import read_minimum_search
from loadtests.studies.parameters import EXAMPLE, RUNS


def read_forecasts(runs: Path = RUNS, example: Path = EXAMPLE) -> ForecastLog:
    """Read what each run forecast and found, judged anew; what cannot be compared is left out."""
    made: dict[tuple[str, str], tuple[str, ForecastMade]] = {}
    left_out = []
    for run in _folders(runs, example):
        try:
            key, found = _read(run)
        except RecordError as why:
            left_out.append((run.name, str(why)))
            continue
        if isinstance(found, str):
            left_out.append((run.name, found))
        elif (known := (key, found.started_at)) in made:
            left_out.append((run.name, f"the same as {made[known][0]}"))
        else:
            made[known] = run.name, found
    in_order = sorted(made.values(), key=lambda each: each[1].started_at)
    return ForecastLog(tuple(in_order), tuple(left_out))


def _folders(runs: Path, example: Path) -> Iterator[Path]:
    """Yield the example first: a run that it was made of is the same once more."""
    yield example
    if runs.is_dir():
        yield from sorted(run for run in runs.iterdir() if run.is_dir())


def _read(run: Path) -> tuple[str, ForecastMade | str]:
    """Return the staircase's key with what was forecast, or why there is none to compare."""
    search = read_minimum_search(run)
    if search is None or search.staircase is None:
        return "", "no search for the least"
    made = search.forecast_made
    return search.staircase.trial.key, "no least above a step that fails" if made is None else made
