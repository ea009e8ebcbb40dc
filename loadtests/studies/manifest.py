"""What one notebook measured, by the keys of its trials: how notebooks hand on to each other."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from loadtests.analysis.answer import Effort
from loadtests.analysis.cost import Prices
from loadtests.analysis.deployment import Headroom
from loadtests.analysis.evidence import Skipped
from loadtests.errors import RecordError
from loadtests.question import Question, Setting, Target
from loadtests.record import in_todays_names
from loadtests.search.reliability import Goal

FOLDER = "parts"
SMOKE_TEST = "smoke_test"
GENERATOR_CHECK = "ceiling"
REPEAT = "again"  # one setting twice, for the noise floor
SETTING = "setting"
VERTICAL = "vertical"
SCALE_OUT = "scale_out"
USERS = "users"
RATE = "rate"
DEPLOY = "deploy"
WITHOUT_QUOTA = "without_quota"
OPEN_ARRIVALS = "open_arrivals"
BALANCING = "balancing"  # one setting behind a proxy and by Docker's DNS, by turns
EQUAL_COST = "equal_cost"  # the same CPU and memory in all, as one container and as several
USERS_CURVE = "users_curve"  # more and more users on the least setting
REPLICA_AXIS = "replica_axis"  # of a search: several replicas, after the least setting of one
CAPACITY = "capacity"  # the highest rate that each number of replicas holds
REPLICAS = "replicas"  # several, where one lacks nothing that it could be given and still fails


@dataclass(frozen=True)
class LogLine:
    """One decision of a search: what was asked next, why, and what came of it."""

    asked: str  # the setting or the users; "" for the decision to end
    why: str
    found: str  # verdict and reason; "" where nothing was measured


@dataclass(frozen=True)
class SearchRecord:
    """How a search went: the steps it chose from, its staircase, and its decisions."""

    cpu_steps: tuple[float, ...]
    memory_steps: tuple[int, ...]
    users_steps: tuple[int, ...]  # empty where settings were searched
    staircase: str | None  # key of its record
    log: tuple[LogLine, ...]
    goal: Goal = field(default_factory=Goal)
    is_cut_short: bool = False  # the budget ended it
    rate_steps: tuple[float, ...] = ()  # arrivals/s; empty where none were searched
    final_steady_s: float | None = None  # of the answer's long trial; None: an older record
    replica_counts: tuple[int, ...] = ()  # that it asked about; empty: an older record, or loads


@dataclass(frozen=True)
class NeverReady:
    """A setting with which the service never answered, asked as often as a doubt may be."""

    setting: Setting
    reason: str
    oom_killed: bool = False  # a replica was killed for memory before it could answer


@dataclass(frozen=True)
class Manifest:
    """The settings of one table, their trials, and those that have none."""

    name: str  # vertical, scale_out, setting, users, rate, deploy, without_quota, open_arrivals
    question: Question
    target: Target
    settings: tuple[Setting, ...]
    trials: tuple[str, ...]  # keys, every repeat of every setting
    skipped: tuple[Skipped, ...] = ()  # what the host could not grant
    effort: Effort = field(default_factory=Effort)
    prices: Prices = field(default_factory=Prices)
    search: SearchRecord | None = None
    never_ready: tuple[NeverReady, ...] = ()
    headroom: Headroom | None = None  # of a size to deploy
    asked: dict[str, Any] = field(default_factory=dict)  # what `besides` names; {}: an older record

    @property
    def records(self) -> tuple[str, ...]:
        """Keys of all records it rests on: its trials, and its staircase."""
        stairs = self.search.staircase if self.search else None
        return self.trials if stairs is None else (*self.trials, stairs)

    def answers(self, question: Question, target: Target, settings: list[Setting]) -> bool:
        """Say whether this is what is asked now."""
        without_trial = {s.setting for s in self.skipped} | {n.setting for n in self.never_ready}
        asked = {*settings} == {*self.settings} | without_trial
        return asked and question == self.question and target == self.target

    def answers_as(self, other: "Manifest") -> bool:
        """Say whether another manifest is of the same question, target and prices."""
        mine, theirs = ((m.question, m.target, m.prices) for m in (self, other))
        return mine == theirs


_MANIFEST = TypeAdapter(Manifest)


def write_manifest(run: Path, manifest: Manifest) -> None:
    """Keep a manifest in a run's folder, in place of an older one of that name."""
    folder = run / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{manifest.name}.json"
    aside.write_bytes(_MANIFEST.dump_json(manifest, indent=1) + b"\n")
    aside.replace(folder / f"{manifest.name}.json")


def drop_manifest(run: Path, name: str) -> None:
    """Let a run have no such part any more; its trials stay."""
    (run / FOLDER / f"{name}.json").unlink(missing_ok=True)


def read_manifest(run: Path, name: str) -> Manifest | None:
    """Read a manifest of a run, None when its part was never measured.

    Raises RecordError for a file that is not a manifest.
    """
    path = run / FOLDER / f"{name}.json"
    try:
        return _MANIFEST.validate_python(in_todays_names(json.loads(path.read_bytes())))
    except FileNotFoundError:
        return None
    except ValueError as error:  # no JSON, or not that of a manifest
        raise RecordError(
            f"{path} is not the manifest of a part of a run; remove it and run again"
        ) from error
