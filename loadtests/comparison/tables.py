"""Tables in Markdown."""

from collections.abc import Mapping, Sequence

from loadtests.analysis import formats
from loadtests.comparison.score import WITHIN, Score
from loadtests.comparison.strategies import OURS
from loadtests.question import Setting

_HEAD = (
    "search", "right (95% interval)", f"within {100 * WITHIN:g} points", "near", "too small",
    "less reliable", "too large", "cost regret", "stated", "in truth", "trials", "most trials",
    "time", "of the full grid",
)  # fmt: skip


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


def score_table(scores: Mapping[str, Score]) -> str:
    """Return all scores, one row a search."""
    rows = [(name, *_cells(score)) for name, score in scores.items()]
    rows = [emphasised(row) if row[0] == OURS.name else row for row in rows]
    return table(_HEAD, rows, "-" + ":" * (len(_HEAD) - 1))


def score_line(score: Score) -> str:
    """Return one score as a line."""
    named = zip(_HEAD[1:], _cells(score), strict=True)
    return "; ".join(f"{name} {cell}" for name, cell in named)


def _cells(score: Score) -> tuple[str, ...]:
    right = score.right
    interval = f"{formats.share(right.low)} to {formats.share(right.high)}"
    return (
        f"{formats.share(right.estimate)} ({interval})",
        formats.share(score.within),
        formats.share(score.near),
        str(score.too_small),
        str(score.less_reliable),
        str(score.too_large),
        _percent(score.regret),
        _percent(score.stated),
        _percent(score.reliability),
        f"{score.trials:.1f}",
        str(score.trials_most),
        formats.duration(score.load_s),
        formats.share(score.share_of_grid),
    )


def _percent(share: float | None) -> str:
    """Return a share to a tenth of a percent: what is compared here differs by a few."""
    return "-" if share is None else f"{share:.1%}"
