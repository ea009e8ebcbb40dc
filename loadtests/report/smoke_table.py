"""What one user saw of every endpoint, before any load."""

from loadtests.analysis import formats
from loadtests.analysis.smoke_test import SmokeTest, size
from loadtests.report.markup import Fragment, render
from loadtests.report.tables import Column, table

_COLUMNS = (
    Column("endpoint"),
    Column("calls", "number"),
    Column("ended"),
    Column("median", "number"),
    Column("slowest", "number"),
    Column("answer", "number"),
)


def smoke_table(seen: SmokeTest, caption: str = "What one user saw") -> Fragment:
    """Return one line per endpoint."""
    lines = [
        (
            endpoint.name,
            f"{endpoint.requests:,}",
            ", ".join(f"{count:,} {word}" for word, count in endpoint.outcomes.items()),
            formats.milliseconds(endpoint.median_ms),
            formats.milliseconds(endpoint.slowest_ms),
            size(endpoint),
        )
        for endpoint in seen.endpoints
    ]
    return table(caption, _COLUMNS, lines, empty="no HTTP call was made")


def what_one_user_saw(seen: SmokeTest | None) -> Fragment:
    """Return what one user saw, in a sentence and a table; of an old record, that none was asked."""
    if seen is None:
        return render("<p>{{ text }}</p>", text="When this was recorded, no user was asked first.")
    return render("<p>{{ text }}</p>{{ table }}", text=seen.sentence, table=smoke_table(seen))
