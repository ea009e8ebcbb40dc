"""What one user saw of every endpoint, before any load."""

from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.smoke_fault import fault
from loadtests.analysis.smoke_notes import notes
from loadtests.analysis.smoke_test import SmokeTest
from loadtests.report.markup import Fragment, render
from loadtests.report.page import answer_card
from loadtests.report.tables import Column, table

NOT_ASKED = "When this was recorded, no user was asked first."
NOT_REACHED = "not reached"
NAMES_AT_MOST = 20  # a script may name a call by its own URL each time

_COLUMNS = (
    Column("endpoint"),
    Column("calls", "number"),
    Column("ended"),
    Column("median", "number"),
    Column("slowest", "number"),
    Column("answer", "number"),
)


def smoke_table(
    seen: SmokeTest, later: Sequence[str] = (), caption: str = "What one user saw"
) -> Fragment:
    """Return one line per endpoint; `later` are those that only the users of a load asked for."""
    lines = [
        (
            endpoint.name,
            f"{endpoint.requests:,}",
            _ended(endpoint.outcomes, endpoint.said),
            formats.milliseconds(endpoint.median_ms),
            formats.milliseconds(endpoint.slowest_ms),
            endpoint.size,
        )
        for endpoint in seen.endpoints[:NAMES_AT_MOST]
    ]
    absent = [*later, *seen.tasks_not_run]
    lines += [(name, "0", NOT_REACHED, "", "", "") for name in absent[:NAMES_AT_MOST]]
    more = max(0, len(seen.endpoints) - NAMES_AT_MOST) + max(0, len(absent) - NAMES_AT_MOST)
    if more:
        lines.append((f"{more:,} more", "", "", "", "", ""))
    return table(caption, _COLUMNS, lines, empty="no HTTP call was made")


def _ended(outcomes: dict[str, int], said: Sequence[str]) -> str:
    ended = ", ".join(f"{count:,} {word}" for word, count in outcomes.items())
    return f"{ended} ({'; '.join(said)})" if said else ended


def what_one_user_saw(seen: SmokeTest | None, later: Sequence[str] = ()) -> Fragment:
    """Return what one user saw, in sentences and a table; of an old record, that none was asked.

    Where nothing can be asked further it begins with a card that says why.
    """
    if seen is None:
        return render("<p>{{ text }}</p>", text=NOT_ASKED)
    found, said = fault(seen), notes(seen)
    first = "" if found is None else answer_card(f"{found.heading}.", None, {}, said[0], {}, {})
    return render(
        "{{ card }}{% for text in said %}<p>{{ text }}</p>{% endfor %}{{ table }}",
        card=first,
        said=said if found is None else said[1:],
        table=smoke_table(seen, later),
    )
