"""Tables in Markdown."""

from collections.abc import Sequence

from loadtests.question import Setting


def table(head: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """Return a Markdown table; `align` has a sign a column, `:` for figures."""
    rules = ["---:" if sign == ":" else "---" for sign in align]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *rows))


def emphasised(row: Sequence[str]) -> tuple[str, ...]:
    """Return a row in bold."""
    return tuple(f"**{cell}**" for cell in row)


def label(setting: Setting | None) -> str:
    """Name a setting, or say that there is none."""
    return "none" if setting is None else setting.label
