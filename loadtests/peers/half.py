"""One half of the comparison, services or load generators: who takes part, what is shown."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.errors import QuestionError
from loadtests.peers import limits, tables
from loadtests.peers.figures import Figure, Summary, summarise
from loadtests.peers.limits import Limit
from loadtests.peers.measurement import Comparison, Machine, read_comparison
from loadtests.peers.rounds import Measure, Say
from loadtests.peers.tables import Column

NOT_YET = "Not measured yet; `make peers` does it.\n"


@dataclass(frozen=True)
class Ready:
    """What can be measured here and now, and how."""

    machine: Machine
    contenders: tuple[str, ...]  # that can be had
    measure: Measure
    versions: dict[str, str] = field(default_factory=dict)  # by contender, as a reader knows them
    made_of: dict[str, str] = field(default_factory=dict)  # by contender: what tells two apart
    absent: dict[str, str] = field(default_factory=dict)  # why others cannot be had


@dataclass(frozen=True)
class Half:
    """A comparison that has a file, a table and marks in the README of its own."""

    name: str  # of its file, and `peers-<name>` of its marks
    head: str  # of the table's first column
    contenders: tuple[str, ...]  # the first is this project's own, which ratios are of
    figures: tuple[Figure, ...]
    columns: tuple[Column, ...]  # of the table
    limits: tuple[Limit, ...] = ()  # of this project's own

    def chosen(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the contenders that have one of these words in their names, and the first.

        All of them where no word is given. Raises QuestionError for a word that is in none.
        """
        for word in words:
            if not any(word.lower() in name.lower() for name in self.contenders):
                raise QuestionError(
                    f"no {self.head} has {word!r} in its name; there are "
                    f"{'; '.join(self.contenders)}"
                )
        first = self.contenders[0]
        return tuple(
            name
            for name in self.contenders
            if not words or name == first or any(word.lower() in name.lower() for word in words)
        )

    def path(self, folder: Path) -> Path:
        """Return its file in a folder of comparisons."""
        return folder / f"{self.name}.json"

    def summaries(self, comparison: Comparison) -> tuple[Summary, ...]:
        """Return a summary of every contender that it knows of."""
        return summarise(comparison, self.figures, self.contenders)

    def text(self, folder: Path) -> str:
        """Return its table with what stands around it, from a folder of comparisons."""
        comparison = read_comparison(self.path(folder))
        if comparison is None or not comparison.rounds:
            return NOT_YET
        summaries = self.summaries(comparison)
        parts = [tables.table(self.head, summaries, self.columns)]
        if comparison.rounds > 1:
            parts.append(tables.better(summaries, self.columns))
        if self.limits:
            parts.append(self.held(comparison))
        return "\n".join([*parts, f"{tables.measured_where(comparison)}\n"])

    def held(self, comparison: Comparison) -> str:
        """Say in how many rounds its own limits held."""
        first = self.contenders[0]
        return f"What *{first}* is to stay below:\n\n{limits.said(self.limits, comparison)}"

    def put_into(self, document: str, folder: Path) -> str:
        """Return a document with its table between its marks."""
        return tables.between_marks(document, f"peers-{self.name}", self.text(folder))


# Makes ready the contenders that are asked for, with a folder for what is kept besides, and takes
# it all away again.
Prepare = Callable[[Sequence[str], Path, Say], AbstractContextManager[Ready]]
