"""What it buys: the least setting for the same users, with this project's parts and without."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from loadtests.peers.contenders import ORIGINAL
from loadtests.peers.tables import NOTHING
from loadtests.report.markdown import row

STOCK = Path(__file__).parent / "load" / "stock" / "users.py"


@dataclass(frozen=True)
class Way:
    """A service and users to search with: the defaults, but for some parameters."""

    key: str  # of its run
    name: str  # in tables
    parameters: Mapping[str, Any] = field(default_factory=dict)


# The service of others by our users, and our service by the users of others.
WAYS = (
    Way("ours", "this project"),
    Way("original", f"with {ORIGINAL.name}", {"image": ORIGINAL.recipe.name}),
    Way("stock", "with Locust's FastHttpUser as shipped", {"locustfile": str(STOCK)}),
)


@dataclass(frozen=True)
class Found:
    """What a search ended with."""

    way: str
    users: int
    least: str  # setting, as a person writes it; "" where none was found
    expected: float | None  # share of trials in which it is expected to hold
    fails_to_cpus: float | None
    holds_from_cpus: float | None
    said: str  # how it ended, in its own words
    measured_on: str
    cpus: int
    cpu_model: str


def write(path: Path, all_found: Sequence[Found]) -> None:
    """Write what was found into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in all_found], indent=1) + "\n")


def read(path: Path) -> list[Found]:
    """Return what a file has; nothing where there is none."""
    if not path.exists():
        return []
    return [Found(**one) for one in json.loads(path.read_text())]


def table(all_found: Sequence[Found]) -> str:
    """Return it as a Markdown table, with what was said by a search that found none."""
    if not all_found:
        return "Not measured yet; `make least` does it.\n"
    first = all_found[0]
    none = [f"- {one.way}: {one.said}" for one in all_found if not one.least]
    lines = [
        row(f"{first.users:,} users", "least setting", "expected to hold", "CPU fails, holds"),
        row("---", "---", "---:", "---:"),
        *(
            row(
                one.way,
                f"**{one.least}**" if one.least else "none that was measured",
                NOTHING if one.expected is None else f"{one.expected:.0%}",
                f"{_cores(one.fails_to_cpus)}, {_cores(one.holds_from_cpus)}",
            )
            for one in all_found
        ),
        "",
        *([*none, ""] if none else []),
        f"Measured on {first.measured_on} on {first.cpus} cores ({first.cpu_model}).",
    ]
    return "\n".join(lines) + "\n"


def _cores(cpus: float | None) -> str:
    return NOTHING if cpus is None else f"{cpus:g}"
