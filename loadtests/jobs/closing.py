"""The last line of a run and its exit code: what a person reads, and a gate."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.analysis.answer import ANSWER
from loadtests.jobs.console import ANSWERED, NOTHING_HOLDS, OPEN
from loadtests.question import Setting, load_label
from loadtests.verdicts import Verdict


@dataclass(frozen=True)
class Closing:
    """What a run came to."""

    sentence: str
    exit_code: int


def closing(run: Path) -> Closing:
    """Return what a finished run's answer.json says, in one line, and the exit code for it."""
    answer = json.loads((run / ANSWER).read_text())
    question = answer["question"]
    load = _load(question)
    found = answer["capacity"] if "capacity" in answer else answer["minimum"]
    doubts = _doubts(answer)
    if found is None:
        nothing = (
            f"Nothing up to {load} was measured to be held"
            if "capacity" in answer
            else f"No setting that was measured holds {load}"
        )
        if not doubts and answer["search"] is not None:
            return Closing(f"{nothing}. {answer['search']['why']}", NOTHING_HOLDS)
        return Closing("; ".join([nothing, *doubts]) + ".", OPEN if doubts else NOTHING_HOLDS)
    setting, p95 = _written(found), f"p95 {found['p95_ms']:,.0f} ms"
    said = (
        f"{setting} holds {_load(found)} ({p95})"
        if "capacity" in answer
        else f"{load} are held by {setting} ({p95})"
    )
    if not doubts:
        return Closing(f"{said}.", ANSWERED)
    return Closing(f"{said}, and that is open: {'; '.join(doubts)}.", OPEN)


def _doubts(answer: dict[str, Any]) -> list[str]:
    """Return what speaks against an answer, as a clause each."""
    search, repeat = answer["search"], answer["repeat"]
    doubts = []
    if search is not None and not search["proven"]:
        doubts.append(search["why"].rstrip(".").removeprefix("Stopped with the answer open: "))
    found = answer["capacity"] if "capacity" in answer else answer["minimum"]
    if found is not None and repeat is not None and _contradicts(repeat, found):
        reason = f" ({repeat['reasons'][0]})" if repeat["reasons"] else ""
        said = "fails" if repeat["verdict"] == Verdict.FAILS else "is undecided"
        doubts.append(f"in one trial more {_written(repeat)} {said}{reason}")
    return doubts


def _contradicts(repeat: dict[str, Any], found: dict[str, Any]) -> bool:
    """Say whether one trial more of the answer came out otherwise; an invalid one says nothing.

    Nor does one in doubt that is among those the answer already rests on.
    """
    same = all(repeat[key] == found[key] for key in ("cpus", "memory_mib", "replicas"))
    counted = set(repeat["trials"]) <= set(found["trials"])
    undecided = repeat["verdict"] == Verdict.UNDECIDED and not counted
    return same and (undecided or repeat["verdict"] == Verdict.FAILS)


def _load(given: dict[str, Any]) -> str:
    return load_label(given.get("users", 0), given.get("rate_per_s"))


def _written(setting: dict[str, Any]) -> str:
    return Setting(setting["cpus"], setting["memory_mib"], setting["replicas"]).label
