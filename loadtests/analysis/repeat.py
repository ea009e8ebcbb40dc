"""The answer, measured once more than its verdict took: what that says of it, and of the noise."""

from dataclasses import dataclass

from loadtests.analysis import words
from loadtests.analysis.aa import compare
from loadtests.analysis.evidence import Evidence, Judgement, Row
from loadtests.analysis.summary import measure_row
from loadtests.judged import Verdict
from loadtests.question import Question, Setting

Judged = tuple[Evidence, Judgement]


@dataclass(frozen=True)
class Repeat:
    """Two trials of one setting under one load: the first, and one made to see it again."""

    first: Judged
    second: Judged

    @property
    def setting(self) -> Setting:
        """The setting of both."""
        return self.second[0].trial.setting

    @property
    def question(self) -> Question:
        """The question both were asked."""
        return self.second[0].trial.question

    @property
    def row(self) -> Row:
        """What the second trial says by itself."""
        return measure_row(*self.second)

    @property
    def agrees(self) -> bool:
        """Whether the second trial says the same."""
        return self.first[1].verdict is self.second[1].verdict

    @property
    def sentence(self) -> str:
        """Say whether it came out so again, and if not, what to make of it."""
        label, verdict = self.setting.label, self.second[1].verdict
        if not self.agrees:
            return (
                f"{label} {_says(self.first[1].verdict)} in its first trial and "
                f"{_says(verdict)} in another ({self.second[1].reasons[0]})"
                f"{'' if verdict is Verdict.INVALID else ': it is at the edge, plan a step above'}"
            )
        pair = compare(self.first[0], self.second[0])
        a, b = (words.milliseconds(interval.estimate) for interval in pair.p95_ms)
        differ = "" if pair.p95_differs else "not "
        return (
            f"{label} {_says(verdict)} in another trial too: p95 {a} and {b}, {differ}told apart "
            "at 95%"
        )


def _says(verdict: Verdict) -> str:
    return verdict.value if verdict.decides else f"is {verdict}"
