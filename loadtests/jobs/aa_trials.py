"""Measure the A/A comparison: one setting in pairs of trials, which differ by noise alone."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from pydantic import TypeAdapter

from loadtests.analysis.aa_comparison import Agreement, Pair, agreement, compare
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.bench.containers import remove_leftovers
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.jobs.sample_service import sample_bench
from loadtests.question import Question, Setting, Workload
from loadtests.record import trial_folder
from loadtests.verdicts import Verdict

PAIRS = 20
SEED = 1  # of the order in each pair
# Six seconds are the least that carry an interval; twenty pairs take eight minutes.
QUESTION = Question(Workload(users=500, spawn_rate=500, think_time_s=(0.5, 1.5), steady_s=6))
SETTING = Setting(0.5, 300)
PAIRS_JSON = "aa.json"


@dataclass(frozen=True)
class MeasuredPair:
    """Which trial got which label: the keys in the order measured."""

    labels: tuple[str, str]  # A and B, or B and A
    trials: tuple[str, str]


_PAIRS = TypeAdapter(tuple[MeasuredPair, ...])


def orders(pairs: int, seed: int) -> list[tuple[str, str]]:
    """Return which of A and B is measured first in each pair, at random, and always the same."""
    random_order = random.Random(seed)  # noqa: S311  (no secret)
    return [("A", "B") if random_order.random() < 0.5 else ("B", "A") for _ in range(pairs)]


def measure(
    run: Path, client: DockerClient, say: Callable[[str], None], pairs: int = PAIRS
) -> None:
    """Measure all pairs into a run's folder; trials that it holds are not measured again.

    A and B are the same setting; nothing but their random order tells them apart.
    """
    store = Store(run)
    bench = sample_bench(client, store, QUESTION, say)
    done: list[MeasuredPair] = []
    with store.writing():
        remove_leftovers(client, store.identity)
        for number, labels in enumerate(orders(pairs, SEED)):
            keys = (bench.key(SETTING, 2 * number), bench.key(SETTING, 2 * number + 1))
            for place, key in enumerate(keys):
                if not store.has(key):
                    run_trial(bench, SETTING, 2 * number + place, lambda _line: None)
            done.append(MeasuredPair(labels, keys))
            say(f"Pair {number + 1} of {pairs}: {' then '.join(labels)}")
            (run / PAIRS_JSON).write_bytes(_PAIRS.dump_json(tuple(done), indent=1) + b"\n")


def read_agreement(run: Path) -> tuple[Agreement, int]:
    """Return what all pairs of a run say, and how many were left out as invalid.

    Raises FileNotFoundError where none was measured, ValueError where too few are valid.
    """
    compared: list[Pair] = []
    measured = _PAIRS.validate_json((run / PAIRS_JSON).read_bytes())
    for pair in measured:
        trials = [Evidence.read(trial_folder(run, key)) for key in pair.trials]
        if all(judge(trial).verdict is not Verdict.INVALID for trial in trials):
            by_label = dict(zip(pair.labels, trials, strict=True))
            compared.append(compare(by_label["A"], by_label["B"]))
    return agreement(compared), len(measured) - len(compared)
