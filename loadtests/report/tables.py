"""Tables for notebooks and the report, in numbers a person reads; every text is escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from loadtests.analysis import formats
from loadtests.analysis.evidence import Check, Judgement, Row, Skipped, Voids
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
_INTERVAL = '{{ value }}<br><small class="under">{{ low }} to {{ high }}</small>'
_IN_ALL = "{{ cpus }}<br>{{ memory }}"
_MISSING = '<span class="missing">{{ text }}</span>'

VOIDED = {
    Voids.NEITHER: "nothing",
    Voids.FAILS: "a “fails”",
    Voids.BOTH: "both verdicts",
}
EFFORT = {
    "trials_run": "trials run",
    "trials_reused": "trials read from the store",
    "trials_invalid": "trials found invalid",
    "load_seconds": "time under load",
    "wall_seconds": "time in all",
}


class Decided(Protocol):
    """A decision as it was kept."""

    @property
    def asked(self) -> str:
        """What was asked next; empty at the end."""

    @property
    def why(self) -> str:
        """The reason."""

    @property
    def found(self) -> str:
        """What came of it."""


@dataclass(frozen=True)
class Column:
    """A column's heading, and what its cells hold, by which the style sheet sets them."""

    name: str
    kind: Literal["text", "number", "prose", "step"] = "text"


_MEASURED = (
    Column("verdict"),
    Column("p50", "number"),
    Column("p95 (interval)", "number"),
    Column("p99", "number"),
    Column("failures", "number"),
    Column("requests/s", "number"),
    Column("CPU used (cores)", "number"),
    Column("memory peak (MiB)", "number"),
    Column("throttled", "number"),
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
    """Return one line per setting: verdict, cause, latencies, failures and resources used."""
    columns = (Column("setting"), *_MEASURED)
    return table(
        caption, columns, [(_kept_together(row.setting.label), *_measured(row)) for row in rows]
    )


def users_table(rows: Mapping[int, Row], caption: str = "Users, as measured") -> Fragment:
    """Return one line per number of users that one setting was asked with."""
    columns = (Column("users", "number"), *_MEASURED)
    return table(caption, columns, [(f"{n:,}", *_measured(row)) for n, row in rows.items()])


def log_table(log: Sequence[Decided], caption: str = "How it was found") -> Fragment:
    """Return one line per decision: what was asked next, why, and what came of it."""
    columns = (
        Column("step", "step"),
        Column("asked"),
        Column("why", "prose"),
        Column("found", "prose"),
    )
    lines = [
        (str(number), _kept_together(line.asked) or "the end", line.why, line.found)
        for number, line in enumerate(log, 1)
    ]
    return table(caption, columns, lines, empty="the settings were given by name")


def replicas_table(rows: Sequence[Row], caption: str = "Replica counts, as measured") -> Fragment:
    """Return one line per setting with its replica count and totals beside the measurements."""
    columns = (
        Column("each replica"),
        Column("replicas", "number"),
        Column("in all", "number"),
        *_MEASURED,
    )
    lines = [
        (
            _kept_together(f"{row.setting.cpus:g} CPU / {row.setting.memory_mib} MiB"),
            str(row.setting.replicas),
            render(
                _IN_ALL,
                cpus=f"{row.setting.total_cpus:g} CPU",
                memory=formats.quantity(row.setting.total_memory_mib, "MiB"),
            ),
            *_measured(row),
        )
        for row in rows
    ]
    return table(caption, columns, lines)


def checks_table(
    judgement: Judgement, caption: str = "Can this measurement be trusted?"
) -> Fragment:
    """Return one line per validity check: what was seen, what it voids, what to do."""
    columns = (
        Column("check"),
        Column("result"),
        Column("seen", "prose"),
        Column("voids"),
        Column("what to do", "prose"),
    )
    lines = [
        (
            check.name,
            _result(check),
            check.seen,
            "" if check.ok else VOIDED[check.voids],
            "" if check.ok else check.advice,
        )
        for check in judgement.checks
    ]
    return table(caption, columns, lines, empty="no check was made")


def skipped_table(
    skipped: Sequence[Skipped], caption: str = "Settings that were not measured"
) -> Fragment:
    """Return one line per skipped setting, with the reason."""
    columns = (Column("setting"), Column("reason"))
    lines = [(_kept_together(each.setting.label), each.reason) for each in skipped]
    return table(caption, columns, lines, empty="none was skipped")


def effort_table(
    effort: Mapping[str, float], caption: str = "What it took to find out"
) -> Fragment:
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
        render(_VERDICT, badge=badge(row.verdict), why=formats.cause(row.cause)),
        _amount(formats.milliseconds(row.p50_ms)),
        _with_interval(row),
        _amount(formats.milliseconds(row.p99_ms)),
        _amount(formats.share(row.error_rate)),
        _amount(formats.quantity(row.rps)),
        _amount(formats.quantity(row.cpu_cores, digits=2)),
        _amount(formats.quantity(row.memory_peak_mib)),
        _amount(formats.share(row.throttled_ratio)),
        str(len(row.trials)),
    )


def _result(check: Check) -> str:
    if check.ok:
        return "✓\N{NO-BREAK SPACE}fine"
    noted = check.voids is Voids.NEITHER
    return "!\N{NO-BREAK SPACE}noted" if noted else "✗\N{NO-BREAK SPACE}tripped"


def _kept_together(setting: str) -> str:
    """Let the name of a setting break only after its slash."""
    return setting.replace(" ", "\xa0").replace("/\xa0", "/ ")


def _amount(text: str) -> Cell:
    return render(_MISSING, text=text) if text == formats.NOT_REPORTED else text


def _with_interval(row: Row) -> Cell:
    if row.p95_range_ms is None:
        return _amount(formats.milliseconds(row.p95_ms))
    low, high = (formats.milliseconds(bound) for bound in row.p95_range_ms)
    if high.endswith(" ms"):
        low = low.removesuffix(" ms")
    return render(_INTERVAL, value=formats.milliseconds(row.p95_ms), low=low, high=high)
