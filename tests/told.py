"""Tables and searches whose trials never ran: only what they say is told."""

from collections.abc import Sequence
from dataclasses import replace

from loadtests.question import SLO, Question, Setting, Target, Workload
from loadtests.studies.manifest import (
    RATE,
    USERS,
    VERTICAL,
    LogLine,
    Manifest,
    NeverReady,
    SearchRecord,
)
from loadtests.studies.results import ResultTable, SettingResult
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, judgement

QUESTION = Question(Workload(users=100, spawn_rate=100.0, think_time_s=(0.5, 1.5), steady_s=6.0))
TARGET = Target("api")


def measured(
    setting: Setting,
    *verdicts: Verdict,
    users: int = QUESTION.workload.users,
    rate_per_s: float | None = None,
) -> SettingResult:
    """A setting with a trial for each verdict."""
    workload = replace(QUESTION.workload, users=users)
    if rate_per_s is not None:
        workload = workload.opened("poisson", rate_per_s)
    question = Question(workload, SLO())
    trials = [
        (
            evidence(
                question=question,
                setting=setting,
                key=f"{setting.label}-{rate_per_s or users}-{number}",
            ),
            judgement(verdict),
        )
        for number, verdict in enumerate(verdicts)
    ]
    return SettingResult.of(setting, trials)


def table(
    *found: SettingResult, search: SearchRecord | None = None, never_ready: Sequence = ()
) -> ResultTable:
    """A table of settings, with those that never got ready by name."""
    part = Manifest(
        VERTICAL,
        QUESTION,
        TARGET,
        tuple(each.setting for each in found),
        tuple(key for each in found for key in each.row.trials),
        search=search,
        never_ready=tuple(NeverReady(setting, "it ended by itself") for setting in never_ready),
    )
    return ResultTable(part, tuple(found))


def notes(
    cpu_steps: Sequence[float], memory_steps: Sequence[int], why: str = "It is over."
) -> SearchRecord:
    """A search of settings, and why it ended."""
    asked = LogLine("1 CPU / 300 MiB", "It is expected.", "holds")
    return SearchRecord(
        tuple(cpu_steps), tuple(memory_steps), (), None, (asked, LogLine("", why, ""))
    )


def users_part(setting: Setting, steps: Sequence[int], why: str) -> Manifest:
    """A search of users with a setting, and why it ended."""
    log = (LogLine(f"{steps[0]} users", "Are they held?", "holds"), LogLine("", why, ""))
    search = SearchRecord((), (), tuple(steps), "stairs", log)
    return Manifest(USERS, QUESTION, TARGET, (setting,), (), search=search)


def rate_part(setting: Setting, steps: Sequence[float], why: str) -> Manifest:
    """A search of a rate with a setting, and why it ended."""
    log = (LogLine(f"{steps[0]} arrivals/s", "Are they held?", "holds"), LogLine("", why, ""))
    search = SearchRecord((), (), (), "stairs", log, rate_steps=tuple(steps))
    question = replace(QUESTION, workload=QUESTION.workload.opened("poisson", steps[-1]))
    return Manifest(RATE, question, TARGET, (setting,), (), search=search)
