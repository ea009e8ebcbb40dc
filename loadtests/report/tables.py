"""Tables for notebooks and the report, in numbers a person reads; every text is escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from loadtests.analysis import formats
from loadtests.analysis.evidence import Row, Skipped
from loadtests.report.markup import Fragment, badge, render

Cell = str | Fragment

_TABLE = """\
<div class="table-scroll" role="region" aria-label="{{ caption }}" tabindex="0">
<table class="data">
<caption>{{ caption }}</caption>
<thead><tr>
{% for column in columns %}
<th scope="col" class="{{ column.kind }}">{{ column.name }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for row in rows %}
<tr>
{% for column, cell in zip(columns, row) %}
{% if loop.first %}
<th scope="row" class="{{ column.kind }}">{{ cell }}</th>
{% else %}
<td class="{{ column.kind }}">{{ cell }}</td>
{% endif %}
{% endfor %}
</tr>
{% else %}
<tr><td class="text" colspan="{{ columns | length }}">{{ empty }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>"""

_VERDICT = '{{ badge }}{% if why %}<br><small class="under">{{ why }}</small>{% endif %}'
_WITH_UNDER = '{{ value }}<br><small class="under">{{ under }}</small>'
_TOTAL = "{{ cpus }}<br>{{ memory }}"
_MISSING = '<span class="missing">{{ text }}</span>'

EFFORT = {
    "trials_run": "trials run",
    "trials_reused": "trials read from the store",
    "trials_invalid": "invalid trials",
    "load_seconds": "time under load",
    "wall_seconds": "total time",
}


class Decided(Protocol):
    """A decision as it was kept."""

    @property
    def asked(self) -> str:
        """What was measured next; empty where the search ended."""

    @property
    def why(self) -> str:
        """The reason."""

    @property
    def found(self) -> str:
        """What came of it."""


@dataclass(frozen=True)
class Column:
    """A column's heading, and what its cells hold, by which the style sheet sets them."""

    name: Cell
    kind: Literal["text", "number", "prose", "step"] = "text"


_MEASURED = (
    Column("verdict"),
    Column("p50", "number"),
    Column("p95 in steady state (95% interval)", "number"),
    Column("p99", "number"),
    Column("error rate (whole trial)", "number"),
    Column("throughput (requests/s)", "number"),
    Column("CPU used (cores)", "number"),
    Column("memory peak (MiB)", "number"),
    Column("throttled periods", "number"),
    Column("trials", "number"),
)


def table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], empty: str = "none"
) -> Fragment:
    """Return an HTML table that scrolls on a narrow screen; the first cell names its row."""
    return render(_TABLE, caption=caption, columns=columns, rows=rows, empty=empty, zip=zip)


def vertical_table(
    rows: Sequence[Row], caption: str = "Settings of one replica, as measured"
) -> Fragment:
    """Return one line per setting: verdict, cause, latencies, error rate and resources used."""
    columns = (Column("setting"), *_MEASURED)
    return table(
        caption, columns, [(kept_together(row.setting.label), *_measured(row)) for row in rows]
    )


def loads_table(rows: Mapping[float, Row], noun: str = "users") -> Fragment:
    """Return one line per load (users, or arrivals/s) that one setting was measured with."""
    columns = (Column(noun, "number"), *_MEASURED)
    lines = [(f"{load:,g}", *_measured(row)) for load, row in rows.items()]
    return table(f"{noun[:1].upper()}{noun[1:]}, as measured", columns, lines)


def log_table(log: Sequence[Decided], caption: str = "How it was found") -> Fragment:
    """Return one line per decision: what was measured next, why, and with what result."""
    columns = (
        Column("step", "step"),
        Column("measured next"),
        Column("why", "prose"),
        Column("result", "prose"),
    )
    lines = [
        (str(number), kept_together(line.asked) or "none: the search ends", line.why, line.found)
        for number, line in enumerate(log, 1)
    ]
    return table(caption, columns, lines, empty="the settings were given by name")


def replicas_table(rows: Sequence[Row], caption: str = "Replica counts, as measured") -> Fragment:
    """Return one line per setting with its replica count and totals beside the measurements."""
    columns = (
        Column("each replica"),
        Column("replicas", "number"),
        Column("total", "number"),
        *_MEASURED,
    )
    lines = [
        (
            kept_together(f"{row.setting.cpus:g} CPU / {row.setting.memory_mib} MiB"),
            str(row.setting.replicas),
            render(
                _TOTAL,
                cpus=f"{row.setting.total_cpus:g} CPU",
                memory=formats.quantity(row.setting.total_memory_mib, "MiB"),
            ),
            *_measured(row),
        )
        for row in rows
    ]
    return table(caption, columns, lines)


def skipped_table(
    skipped: Sequence[Skipped], caption: str = "Settings that were not measured"
) -> Fragment:
    """Return one line per skipped setting, with the reason."""
    columns = (Column("setting"), Column("reason"))
    lines = [(kept_together(each.setting.label), each.reason) for each in skipped]
    return table(caption, columns, lines, empty="none was skipped")


def effort_table(effort: Mapping[str, float], caption: str = "Effort") -> Fragment:
    """Return what the run cost: counts of trials, and times given in seconds."""
    columns = (Column("effort"), Column("amount", "number"))
    lines = [
        (
            EFFORT.get(name, name.replace("_", " ")),
            formats.duration(value) if name.endswith("seconds") else f"{value:,.0f}",
        )
        for name, value in effort.items()
    ]
    return table(caption, columns, lines)


def _measured(row: Row) -> tuple[Cell, ...]:
    return (
        render(_VERDICT, badge=badge(row.verdict), why=_why(row)),
        _of_steady_state(row, formats.milliseconds(row.p50_ms)),
        _p95(row),
        _of_steady_state(row, formats.milliseconds(row.p99_ms)),
        _error_rate(row),
        _of_steady_state(row, formats.quantity(row.rps)),
        _cpu(row),
        _amount(formats.quantity(row.memory_peak_mib)),
        _amount(formats.share(row.throttled_ratio)),
        str(len(row.trials)),
    )


def _why(row: Row) -> str:
    """Say why it fails, and which objective decides."""
    return "; ".join(filter(None, (formats.cause(row.cause), formats.binding(row.binding))))


def kept_together(setting: str) -> str:
    """Let the name of a setting break only after its slash."""
    return setting.replace(" ", "\xa0").replace("/\xa0", "/ ")


def _amount(text: str) -> Cell:
    absent = text.startswith((formats.NOT_REPORTED, formats.NOT_MEASURED))
    return render(_MISSING, text=text) if absent else text


def _of_steady_state(row: Row, text: str) -> Cell:
    """Write a figure of the steady state; of a trial that never had one, that it is not there."""
    absent = row.p95_ms is None and text == formats.NOT_REPORTED
    return _amount(formats.NOT_MEASURED if absent else text)


def _p95(row: Row) -> Cell:
    text = formats.latency(row.p95_ms, row)
    if row.p95_range_ms is None:
        return _amount(text)
    low, high = (formats.milliseconds(bound) for bound in row.p95_range_ms)
    if high.endswith(" ms"):
        low = low.removesuffix(" ms")
    return render(_WITH_UNDER, value=text, under=f"{low} to {high}")


def _error_rate(row: Row) -> Cell:
    """Write the error rate of the whole trial, and apart from it that of the steady state."""
    whole, steady = formats.share(row.error_rate), row.steady_error_rate
    if steady is None or formats.share(steady) == whole:
        return _amount(whole)
    return render(_WITH_UNDER, value=whole, under=f"{formats.share(steady)} in steady state")


def _cpu(row: Row) -> Cell:
    """Write the CPU used and the limit; where the workload needs more than that, how much."""
    used = _of_steady_state(row, formats.quantity(row.cpu_cores, digits=2))
    limit, needs = row.setting.total_cpus, row.demand_cores
    under = f"of {limit:g}"
    if needs is not None and (needs > limit or row.cpu_cores is None):
        under = f"needs {needs:.2f} of {limit:g}"
    return render(_WITH_UNDER, value=used, under=under)
