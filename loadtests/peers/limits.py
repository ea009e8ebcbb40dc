"""What this project's own service and load generator are to stay below, round by round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loadtests.peers.measurement import Comparison
from loadtests.peers.numbers import number, span

Round = Mapping[str, Mapping[str, float]]  # figures by key, of each contender of a round


@dataclass(frozen=True)
class Limit:
    """A figure that is to stay at or below a limit in every round."""

    title: str  # with its unit
    at_most: float
    of: Callable[[Round], float]  # raises KeyError where a round does not have it


def own(contender: str, key: str) -> Callable[[Round], float]:
    """Return what takes a contender's figure from a round."""
    return lambda of: of[contender][key]


def said(limits: Sequence[Limit], comparison: Comparison) -> str:
    """Say of each limit in how many of the rounds that have it it held, as a Markdown list."""
    rounds: dict[int, dict[str, dict[str, float]]] = {}
    for one in comparison.measurements:
        rounds.setdefault(one.round, {})[one.contender] = one.figures
    return "\n".join(_line(limit, [*rounds.values()]) for limit in limits) + "\n"


def _line(limit: Limit, rounds: Sequence[Round]) -> str:
    found = []
    for each in rounds:
        try:
            found.append(limit.of(each))
        except KeyError:
            continue
    wanted = f"- {limit.title}: at most {number(limit.at_most)}"
    if not found:
        return f"{wanted}; not measured"
    held = sum(value <= limit.at_most for value in found)
    return f"{wanted}; {span(min(found), max(found))}, held in {held} of {len(found)} rounds"
