"""One user against one ample replica: does what is asked work at all, and what does it ask?

What fails for one user, alone and with all there is, fails for nobody's lack of CPU or memory. It
is broken, not too small, and no search could say more of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from loadtests import record
from loadtests.analysis import formats
from loadtests.analysis.evidence import Evidence
from loadtests.question import Setting

SLEEPS_S = 0.5  # a cycle that lasts so much longer than its answers has a sleep of its own
_FIRST_ERROR = "the users' script raised, here for the first time:"
_PLACE = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+), in (\S+)')


@dataclass(frozen=True)
class Endpoint:
    """What the one user saw of one kind of request."""

    name: str
    outcomes: dict[str, int]  # how its requests ended, the commonest first
    median_ms: float
    slowest_ms: float
    size_bytes: float | None  # of an answer, on average; None: not reported

    @property
    def requests(self) -> int:
        """How many were answered, or failed."""
        return sum(self.outcomes.values())

    @property
    def failures(self) -> int:
        """How many did not end well."""
        return self.requests - self.outcomes.get(record.OK, 0)

    @property
    def fails_always(self) -> bool:
        """Whether none of them ended well."""
        return self.failures == self.requests


@dataclass(frozen=True)
class SmokeTest:
    """What one user saw, in one trial of some seconds."""

    setting: Setting
    endpoints: tuple[Endpoint, ...]
    seconds: float
    thinks: int
    think_mean_s: float
    error_rate: float  # that the SLO allows
    not_judged: dict[str, int]  # events of other things than HTTP calls
    script_error: str | None  # the first that the script raised, and where; None: it raised none

    @property
    def requests(self) -> int:
        """How many HTTP calls there were."""
        return sum(endpoint.requests for endpoint in self.endpoints)

    @property
    def broken(self) -> str | None:
        """Say what works for nobody, not even one user; None where all does, at least sometimes."""
        raised = f"; the script raised {self.script_error}" if self.script_error else ""
        if not self.endpoints:
            others = ", ".join(f"{count:,} {kind}" for kind, count in self.not_judged.items())
            what = f"; the {others} it reported are none, and are not judged" if others else ""
            return f"made no HTTP call within {self.seconds:.0f} s{what}{raised}"
        failing = [endpoint for endpoint in self.endpoints if endpoint.fails_always]
        failures = sum(endpoint.failures for endpoint in failing)
        if failures <= self.error_rate * self.requests:
            return None
        told = ", ".join(
            f"{e.name} ({e.failures:,} of {e.requests:,}: {next(iter(e.outcomes))})"
            for e in failing
        )
        every = (
            "every call fail" if len(failing) == len(self.endpoints) else "these calls always fail"
        )
        return f"saw {every}: {told}{raised}"

    @property
    def sentence(self) -> str:
        """Say what was seen."""
        who = f"One user, alone with {self.setting.label},"
        if self.broken:
            return f"{who} {self.broken}."
        failed = sum(endpoint.failures for endpoint in self.endpoints)
        some = f", {failed:,} of which failed" if failed else ", all of which ended well"
        return f"{who} made {self.requests:,} calls{some}. {self._cycle}"

    @property
    def _cycle(self) -> str:
        if not self.thinks:
            return f"It never came to think within {self.seconds:.0f} s."
        each = self.requests / self.thinks
        takes_s = max(0.0, self.seconds / self.thinks - self.think_mean_s)
        answers_s = sum(e.median_ms * e.requests for e in self.endpoints) / 1000 / self.thinks
        sleeps = takes_s - answers_s > SLEEPS_S
        own = f", of which {takes_s - answers_s:.1f} s are the script's own sleep" if sleeps else ""
        calls = "call" if round(each, 1) == 1 else "calls"
        return f"Between two thinks it makes {each:.2g} {calls} in {takes_s:.2g} s{own}."


def smoke_test(evidence: Evidence, sizes: Mapping[str, float], log: str) -> SmokeTest:
    """Return what the one user of a trial saw; `sizes` of answers in bytes, by endpoint.

    `log` is the load generator's, which has the script's first error.
    """
    trial = evidence.trial
    ended = evidence.requests[evidence.requests["outcome"] != record.IN_FLIGHT]
    endpoints = tuple(
        Endpoint(
            str(name),
            {str(word): int(n) for word, n in calls["outcome"].value_counts().items() if n},
            float(calls["latency_ms"].median()),
            float(calls["latency_ms"].max()),
            sizes.get(str(name)),
        )
        for name, calls in ended.groupby("name", observed=True)
    )
    return SmokeTest(
        trial.setting,
        endpoints,
        trial.phases.steady_end_s,
        trial.generator.thinks,
        trial.question.workload.think_mean_s,
        trial.question.slo.error_rate,
        dict(trial.generator.not_judged),
        first_script_error(log) if trial.generator.script_errors else None,
    )


def first_script_error(log: str) -> str | None:
    """Return the first error of the users' script that a load generator's log has, in one line."""
    _, found, told = log.partition(_FIRST_ERROR)
    if not found:
        return None
    lines = told.strip().splitlines()
    places = [place for line in lines if (place := _PLACE.search(line))]
    said = next((line for line in lines if line and not line.startswith((" ", "Traceback"))), "")
    where = f" ({places[-1][1]}, line {places[-1][2]}, in {places[-1][3]})" if places else ""
    return f"{said}{where}"


def size(endpoint: Endpoint) -> str:
    """Write the size of an answer."""
    if endpoint.size_bytes is None:
        return formats.NOT_REPORTED
    return f"{endpoint.size_bytes:,.0f} B"
