"""A bench whose engine is never asked for anything."""

from pathlib import Path
from typing import Any

from loadtests.bench.images import GeneratorImage
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.users_script import UsersScript
from loadtests.question import Question, Target, Workload
from tests.analysis.records import HOST

QUESTION = Question(Workload(users=100, spawn_rate=100.0, think_time_s=(0.5, 1.5), steady_s=6.0))


def script_of(text: bytes, name: str = "locustfile.py") -> UsersScript:
    """Return a script with nothing beside it."""
    return UsersScript(name, {name: text})


def idle_bench(folder: Path, **given: Any) -> Bench:
    """Return a bench with a store in a folder, and no engine."""
    usual = {
        "client": None,
        "store": Store(folder / "run"),
        "host": HOST,
        "question": QUESTION,
        "target": Target("api"),
        "image_id": "sha256:1",
        "generator": GeneratorImage("sha256:2", "content"),
        "script": script_of(b"# nobody runs this\n"),
    }
    return Bench(**(usual | given))
