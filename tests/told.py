"""Tables and searches whose trials never ran: only what they say is told."""

from collections.abc import Sequence
from dataclasses import replace

from loadtests.analysis.evidence import Skipped
from loadtests.question import Load, Objective, Question, Setting, Target
from loadtests.studies.manifest import USERS, VERTICAL, LogLine, Part, SearchNotes
from loadtests.studies.results import Measured, Table
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, judgement

QUESTION = Question(Load(users=100, spawn_rate=100.0, think_time_s=(0.5, 1.5), hold_s=6.0))
TARGET = Target("api")


def measured(setting: Setting, *verdicts: Verdict, users: int = QUESTION.load.users) -> Measured:
    """A setting with a trial for each verdict."""
    question = Question(replace(QUESTION.load, users=users), Objective())
    trials = [
        (
            evidence(question=question, setting=setting, key=f"{setting.label}-{users}-{number}"),
            judgement(verdict),
        )
        for number, verdict in enumerate(verdicts)
    ]
    return Measured.of(setting, trials)


def table(*found: Measured, search: SearchNotes | None = None, never_ready: Sequence = ()) -> Table:
    """A table of settings, with those that never got ready by name."""
    part = Part(
        VERTICAL,
        QUESTION,
        TARGET,
        tuple(each.setting for each in found),
        tuple(key for each in found for key in each.row.trials),
        search=search,
        never_ready=tuple(Skipped(setting, "it ended by itself") for setting in never_ready),
    )
    return Table(part, tuple(found))


def notes(
    cpu_steps: Sequence[float], memory_steps: Sequence[int], why: str = "It is over."
) -> SearchNotes:
    """A search of settings, and why it ended."""
    asked = LogLine("1 CPU / 300 MiB", "It is expected.", "holds")
    return SearchNotes(
        tuple(cpu_steps), tuple(memory_steps), (), None, (asked, LogLine("", why, ""))
    )


def users_part(setting: Setting, steps: Sequence[int], why: str) -> Part:
    """A search of users with a setting, and why it ended."""
    log = (LogLine(f"{steps[0]} users", "Are they held?", "holds"), LogLine("", why, ""))
    search = SearchNotes((), (), tuple(steps), "stairs", log)
    return Part(USERS, QUESTION, TARGET, (setting,), (), search=search)
