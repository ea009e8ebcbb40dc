"""One trial by endpoint, as a table."""

from loadtests.analysis import formats
from loadtests.analysis.endpoints import EndpointRow, Endpoints, are_several, endpoints
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.report import figures
from loadtests.report.markup import Fragment, badge, raw, render
from loadtests.report.page import note
from loadtests.report.tables import Cell, Column, table
from loadtests.verdicts import Verdict

_COLUMNS = (
    Column("endpoint"),
    Column("verdict"),
    Column("objective"),
    Column("requests", "number"),
    Column("of all", "number"),
    Column("p50", "number"),
    Column("p95", "number"),
    Column("p99", "number"),
    Column("failed (whole trial)", "number"),
)
_LINES = "{% for line in lines %}{{ line }}{% if not loop.last %}<br>{% endif %}{% endfor %}"
_VERDICT = '{{ badge }}{% if why %}<br><small class="under">{{ why }}</small>{% endif %}'
NONE = "none"
HIDDEN = "would fail the SLO of all by itself; hidden in the total"


def by_endpoint(evidence: Evidence, judgement: Judgement) -> Fragment:
    """Return figure and table of a trial by endpoint; of one with a single endpoint, that it is."""
    if not are_several(evidence):
        return note("All requests had one name, so there is nothing to tell by endpoint.")
    found = endpoints(evidence, judgement)
    drawn = figures.by_endpoint(evidence, judgement, found)
    return raw(f"{drawn.data}{endpoint_table(evidence, found).data}")


def endpoint_table(evidence: Evidence, found: Endpoints, caption: str = "By endpoint") -> Fragment:
    """Return one line per endpoint: what it was asked, how it answered, what its objectives say.

    Percentiles are of the steady state and count failures as infinitely slow.
    """
    lines = [_line(row, evidence) for row in found.rows]
    shown = table(caption, _COLUMNS, lines)
    if not found.left_out:
        return shown
    more = formats.count(found.left_out, "endpoint")
    return raw(f"{shown.data}{note(f'{more} more, seldom asked, not listed.').data}")


def _line(row: EndpointRow, evidence: Evidence) -> tuple[Cell, ...]:
    slo = evidence.trial.question.slo
    is_of_all = not slo.objectives and row.share == 1.0
    asked = [formats.limits(each.objective) for each in row.results]
    return (
        formats.endpoint(row.name),
        _verdict(row),
        render(_LINES, lines=asked or ([formats.slo(slo)] if is_of_all else [NONE])),
        f"{row.requests:,}",
        formats.share(row.share),
        *(
            formats.NOT_MEASURED if value is None else formats.milliseconds(value)
            for value in (row.p50_ms, row.p95_ms, row.p99_ms)
        ),
        formats.share(row.error_rate),
    )


def _verdict(row: EndpointRow) -> Cell:
    if row.is_hidden:
        return HIDDEN
    if row.verdict is None:
        return ""
    several = len(row.results) > 1 and row.verdict is not Verdict.HOLDS
    deciding = [r for r in row.results if r.judgement.verdict is row.verdict]
    why = formats.limits(deciding[0].objective) if several else ""
    return render(_VERDICT, badge=badge(row.verdict), why=why)
