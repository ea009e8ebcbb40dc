"""The table of all forecasts so far beside what trials found."""

from loadtests.analysis.forecast import CONFIDENCE
from loadtests.analysis.forecast_made import ForecastLog, ForecastMade
from loadtests.report.markup import Fragment, render
from loadtests.report.tables import Cell, Column, table

_COLUMNS = (
    Column("run"),
    Column("measured"),
    Column(f"forecast CPU ({CONFIDENCE:.0%} interval)", "number"),
    Column("found CPU", "number"),
    Column("error", "number"),
    Column("interval held"),
    Column("utilisation law", "number"),
)
_WITH_UNDER = '{{ value }}<br><small class="under">{{ under }}</small>'


def forecast_table(log: ForecastLog, caption: str = "Every forecast so far") -> Fragment:
    """Return one line per run: what was forecast, what trials found, and how far off it was."""
    lines = [(run, *_line(made)) for run, made in log.made]
    return table(caption, _COLUMNS, lines, empty="no run has one that trials were compared with")


def _line(made: ForecastMade) -> tuple[Cell, ...]:
    cpus, law = made.cpus, made.law_cpus
    return (
        made.started_at[:10],
        _with_under(f"{cpus.estimate:.2f}", f"{cpus.low:.2f} to {cpus.high:.2f}"),
        _with_under(f"{made.found_cpus:g}", made.below),
        f"{made.error:+.0%}" if made.error else "0%",
        "yes" if made.inside else "no",
        "not known"
        if law is None or made.law_error is None
        else _with_under(f"{law:.2f}", f"{made.law_error:+.0%}"),
    )


def _with_under(value: str, under: str) -> Cell:
    return render(_WITH_UNDER, value=value, under=under)
