"""The answer, measured once more than its verdict took: what that says of it, and of the noise."""

from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.aa_comparison import compare
from loadtests.analysis.evidence import Row
from loadtests.analysis.summary import Judged, measure_row, summarise
from loadtests.question import Question, Setting, Target
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Repeat:
    """The trials that gave a setting its verdict, and one more, made to see it again."""

    earlier: tuple[Judged, ...]
    more: Judged

    @property
    def setting(self) -> Setting:
        """The setting of all."""
        return self.more[0].trial.setting

    @property
    def question(self) -> Question:
        """The question all were asked."""
        return self.more[0].trial.question

    @property
    def target(self) -> Target:
        """The service of all."""
        return self.more[0].trial.target

    @property
    def row(self) -> Row:
        """What the last trial says by itself."""
        return measure_row(*self.more)

    @property
    def verdict(self) -> Verdict:
        """What the earlier trials say."""
        return summarise(self.setting, self.earlier).verdict

    @property
    def agrees(self) -> bool:
        """Whether the last trial says the same as those before."""
        return self.more[1].verdict is self.verdict

    @property
    def sentence(self) -> str:
        """Say whether it came out so again, and if not, what to make of it."""
        count = len(self.earlier)
        said = (
            f"{self.setting.label} {formats.says(self.verdict)} by {formats.count(count, 'trial')}"
        )
        return (
            f"{said} and in one more: {self._apart()}" if self.agrees else f"{said}; {self._but()}"
        )

    @property
    def brief(self) -> str:
        """Say the same of a setting that was just named, in a few words."""
        verdict = self.more[1].verdict
        edge = ": it is at the edge" if self._tells_otherwise else ""
        return f"In one trial more it {formats.says(verdict)}{' too' if self.agrees else edge}"

    @property
    def _tells_otherwise(self) -> bool:
        """Whether it tells of the setting, and not what those before do.

        One that differs only for the speed of its CPU tells nothing against them.
        """
        judged = self.more[1]
        told = judged.verdict is not Verdict.INVALID and judged.at_its_speed is not self.verdict
        return told and not self.agrees

    def _apart(self) -> str:
        rows = measure_row(*self.earlier[-1]), self.row
        both = " and ".join(formats.latency(row.p95_ms, row) for row in rows)
        if any(row.p95_ms is None for row in rows):
            return f"p95 {both}"
        differs = compare(self.earlier[-1][0], self.more[0]).p95_differs
        return f"p95 {both}, {'' if differs else 'not '}told apart at 95%"

    def _but(self) -> str:
        verdict, reasons = self.more[1].verdict, self.more[1].reasons
        one = f"one more {formats.says(verdict)} ({reasons[0]})"
        if not self._tells_otherwise:
            return one
        together = summarise(self.setting, (*self.earlier, self.more)).verdict
        return f"{one}, and together they say {together}: it is at the edge, plan a step above"
