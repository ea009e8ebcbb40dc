"""A setting under users who wait for answers, beside the same load from requests that do not.

Closed users who wait do not ask, so a queue feeds on itself less than where requests come whoever
still waits; both loads have the same throughput, and not the same latency (Schroeder, Wierman,
Harchol-Balter, "Open versus closed: a cautionary tale", NSDI 2006). Nothing here changes a verdict.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from loadtests.analysis import formats
from loadtests.analysis.aa_comparison import compare
from loadtests.analysis.evidence import Evidence, Row
from loadtests.analysis.latency import answered_rps
from loadtests.analysis.summary import Judged, measure_row, summarise
from loadtests.question import POISSON, Setting, Workload
from loadtests.verdicts import Verdict

# Users of the open load stand ready for this many times the SLO's latency, at least.
SPARE_LATENCIES = 4


@dataclass(frozen=True)
class OpenComparison:
    """The trials of a setting under closed users, and one with open arrivals."""

    closed: tuple[Judged, ...]
    open: Judged

    @property
    def setting(self) -> Setting:
        """The setting of all."""
        return self.open[0].trial.setting

    @property
    def rate_per_s(self) -> float:
        """Arrivals per second of the open load."""
        return self.open[0].trial.question.workload.expected_rps()

    @property
    def with_users(self) -> Row:
        """What the trials with closed users say together."""
        return summarise(self.setting, self.closed)

    @property
    def with_arrivals(self) -> Row:
        """What the trial with open arrivals says."""
        return measure_row(*self.open)

    @property
    def is_told(self) -> bool:
        """Whether the trial with open arrivals can be trusted."""
        return self.open[1].verdict is not Verdict.INVALID

    @property
    def more_ms(self) -> float | None:
        """By how much the p95 is more with open arrivals, in ms; None where either is not known."""
        closed, opened = self.with_users.p95_ms, self.with_arrivals.p95_ms
        if not self.is_told or closed is None or opened is None:
            return None
        return opened - closed if math.isfinite(closed) and math.isfinite(opened) else None

    @property
    def sentence(self) -> str:
        """Say both p95, how far apart they are, and why they may be."""
        asked = f"open arrivals ({self.rate_per_s:,g}/s, {POISSON.capitalize()})"
        verdict, reasons = self.open[1].verdict, self.open[1].reasons
        if not self.is_told:
            return f"The same load with {asked} was measured, and is no evidence: {reasons[0]}."
        closed, opened = (
            formats.latency(row.p95_ms, row) for row in (self.with_users, self.with_arrivals)
        )
        said = (
            f"With users who wait for answers the p95 of {self.setting.label} was {closed}, with "
            f"the same load as {asked} {opened}{self._apart()}"
        )
        if verdict is not Verdict.HOLDS:
            said += f"; so loaded it {formats.says(verdict)} ({reasons[0]})"
        return f"{said}.{self._why()}"

    def _apart(self) -> str:
        more_ms = self.more_ms
        if more_ms is None:
            return ""
        which = "more" if more_ms > 0 else "less"
        by = f": {formats.milliseconds(abs(more_ms))} {which}" if more_ms else ": the same"
        return f"{by}, {'' if self.differs else 'not '}told apart at 95%"

    @property
    def differs(self) -> bool:
        """Whether the open trial's p95 is told apart from that of every closed one, at 95%.

        From one of them alone it may differ by what lies between any two trials.
        """
        return all(compare(closed, self.open[0]).p95_differs for closed, _ in self.closed)

    def _why(self) -> str:
        """Say why it is more, or less; nothing where the two are not told apart."""
        more_ms = self.more_ms
        if more_ms is not None and not self.differs:
            return ""
        if more_ms is not None and more_ms < 0:
            return (
                " That it is less is the noise between trials, or of users who came together and "
                "ask in step."
            )
        return (
            " Users who wait do not ask meanwhile; arrivals that come by chance do, several at a "
            "time too, so a queue grows longer and drains later."
        )


def same_load_open(closed: Sequence[Evidence]) -> Workload | None:
    """Return the load that closed users put on a setting, as Poisson arrivals; None: not known.

    As many arrivals a second as its users began tasks, median over the trials, in three digits: an
    arrival is what a user asks between two thinks. As many users stand ready as there were, so that
    the service has as many connections; more only where they would all wait for an answer that
    takes a few times what it may.
    """
    rates = [rate for evidence in closed if (rate := _tasks_per_s(evidence)) is not None]
    if not rates:
        return None
    question = closed[0].trial.question
    rate = float(f"{median(rates):.3g}")
    if rate <= 0:
        return None
    opened = question.workload.opened(POISSON, rate)
    ready = math.ceil(rate * SPARE_LATENCIES * question.slo.latency_ms / 1000)
    return replace(opened, users=max(question.workload.users, ready))


def _tasks_per_s(evidence: Evidence) -> float | None:
    """Return how often users began a task in the steady state; None where that is not known."""
    rps, report = answered_rps(evidence), evidence.trial.generator
    if rps is None:
        return None
    if evidence.trial.own_script or not report.thinks:  # it asks once between two thinks
        return rps
    return rps * report.thinks / max(1, report.requests)
