"""A bench whose engine is never asked for anything."""

from pathlib import Path
from typing import Any

from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.question import Question, Target, Workload
from tests.analysis.records import HOST

QUESTION = Question(Workload(users=100, spawn_rate=100.0, think_time_s=(0.5, 1.5), steady_s=6.0))


def idle_bench(folder: Path, **given: Any) -> Bench:
    """Return a bench with a store and a users' script in a folder, and no engine."""
    script = folder / "locustfile.py"
    script.write_text("# nobody runs this\n")
    usual = {
        "client": None,
        "store": Store(folder / "run"),
        "host": HOST,
        "question": QUESTION,
        "target": Target("api"),
        "image_digest": "sha256:1",
        "generator_image": "generator",
        "locustfile": script,
    }
    return Bench(**(usual | given))
