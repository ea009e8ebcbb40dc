"""One user against one ample replica: what is asked, how each call ends, how long a cycle is.

These are the facts, read from one trial of some seconds; `smoke_fault` says what they mean.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from loadtests import record
from loadtests.analysis import causes, formats, sentences
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.health import health_note
from loadtests.analysis.memory_kills import killed_by_limit
from loadtests.question import SLO, Setting

_FIRST_ERROR = "the users' script raised, here for the first time:"
_PLACE = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+), in (\S+)')
_CHECKED = re.compile(r"^CatchResponseError\((['\"])(.*)\1\)$", re.DOTALL)
SAID_CHARS = 80  # of what a script says of a wrong answer


@dataclass(frozen=True)
class Endpoint:
    """What the one user saw of one kind of request."""

    name: str
    outcomes: dict[str, int]  # how its requests ended, the commonest first
    median_ms: float
    slowest_ms: float
    size_bytes: float | None  # of an answer, on average; None: not reported
    said: tuple[str, ...] = ()  # by the script, of answers that it calls wrong

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

    @property
    def size(self) -> str:
        """The size of an answer, written."""
        if self.size_bytes is None:
            return formats.NOT_REPORTED
        return f"{self.size_bytes:,.0f} B"


@dataclass(frozen=True)
class SmokeTest:
    """What one user saw, in one trial of some seconds; of several kinds of users, one of each."""

    setting: Setting
    endpoints: tuple[Endpoint, ...]
    seconds: float
    thinks: int
    think_mean_s: float
    timeout_s: float
    slo: SLO
    slow: int  # calls that were answered well, and later than the SLO says
    first_ms: float | None  # latency of the first call that ended well; None: none did
    failing_first_s: float | None  # until then every call failed, and none after; None: no
    waiting: int  # calls without an answer at the end
    not_judged: dict[str, int]  # events of other things than HTTP calls
    script_error: str | None  # the first that the script raised, and where; None: it raised none
    ended: str | None = None  # how a replica ended meanwhile; None: they all stayed
    users: int = 1  # one of each kind that the script has
    rarest_share: float = 1.0  # of the users of a load, that the rarest of these kinds has
    tasks_not_run: tuple[str, ...] = ()  # of the script: nothing is known of what they call
    redirected: dict[str, str] = field(default_factory=dict)  # names of calls, and where to
    health_path: str = "/health"
    health: str | None = None  # what is wrong with that path; None: nothing that is known

    @property
    def requests(self) -> int:
        """How many HTTP calls ended."""
        return sum(endpoint.requests for endpoint in self.endpoints)

    @property
    def failures(self) -> int:
        """How many of them did not end well."""
        return sum(endpoint.failures for endpoint in self.endpoints)


def smoke_test(
    evidence: Evidence, sizes: Mapping[str, float], failures: pd.DataFrame, log: str
) -> SmokeTest:
    """Return what the one user of a trial saw.

    `sizes` are of answers in bytes, by endpoint; `failures` is Locust's own table of them (columns
    Name and Error); `log` is the load generator's, which has the script's first error.
    """
    trial = evidence.trial
    is_open = evidence.requests["outcome"] == record.IN_FLIGHT
    ended = evidence.requests[~is_open].sort_values("start_s")
    latency_ms, ok = ended["latency_ms"], ended["outcome"] == record.OK
    return SmokeTest(
        setting=trial.setting,
        endpoints=tuple(
            Endpoint(
                str(name),
                {str(word): int(n) for word, n in calls["outcome"].value_counts().items() if n},
                float(calls["latency_ms"].median()),
                float(calls["latency_ms"].max()),
                sizes.get(str(name)),
                _said(failures.loc[failures["Name"] == name, "Error"]),
            )
            for name, calls in ended.groupby("name", observed=True)
        ),
        seconds=trial.phases.steady_end_s,
        thinks=trial.generator.thinks,
        think_mean_s=trial.question.workload.think_mean_s,
        timeout_s=trial.question.workload.timeout_s,
        slo=trial.question.slo,
        slow=int(np.count_nonzero(ok & (latency_ms > trial.question.slo.latency_ms))),
        first_ms=float(latency_ms[ok].iloc[0]) if ok.any() else None,
        failing_first_s=_failing_first_s(ended, ok),
        waiting=int(is_open.sum()),
        not_judged=dict(trial.generator.not_judged),
        script_error=first_script_error(log) if trial.generator.script_errors else None,
        ended=_ended(evidence),
        users=trial.question.workload.users,
        rarest_share=trial.generator.rarest_share,
        tasks_not_run=trial.generator.tasks_not_run,
        redirected=dict(trial.generator.redirected),
        health_path=trial.target.health_path,
        health=health_note(
            trial.target, trial.generator.health_status, trial.generator.health_location
        ),
    )


def _failing_first_s(ended: pd.DataFrame, ok: pd.Series) -> float | None:
    """Return when calls began to end well, where all failed before and none did later (s)."""
    end_s = ended["start_s"] + ended["latency_ms"] / 1000
    well_s = float(end_s[ok].min()) if ok.any() else math.inf
    failed_s = end_s[~ok]
    if math.isinf(well_s) or failed_s.empty or float(failed_s.max()) > well_s:
        return None
    return well_s


def _said(errors: Iterable[object]) -> tuple[str, ...]:
    """Return what a script said of answers, as it called them wrong."""
    found = (_CHECKED.match(str(error)) for error in errors)
    said = (" ".join(match[2].split()) for match in found if match)
    return tuple(
        dict.fromkeys(text if len(text) <= SAID_CHARS else f"{text[:SAID_CHARS]}…" for text in said)
    )


def _ended(evidence: Evidence) -> str | None:
    killed = killed_by_limit(evidence)
    if killed is not None:
        return sentences.killed(evidence, killed)
    gone = causes.died(evidence)
    return None if gone is None else sentences.died(evidence, gone)


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
