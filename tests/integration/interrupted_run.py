"""A run in a process of its own, to be ended at a stage: `interrupted_run.py folder-of-runs stage`.

It prints the phase of each second. Creating and collecting are over at once, so where one of them
is the stage, it prints that too, and waits there for its signal.
"""

import signal
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from docker.models.containers import Container

from loadtests.bench import containers, replicas
from loadtests.bench.engine import connect
from loadtests.question import Setting
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from tests.integration.measuring import Printed

ASKED = Parameters(
    run="interrupted", users=60, spawn_rate=20, think_min=0.5, think_max=1.5, steady_s=3
)
STAGES = {"create": (replicas, "create_replica"), "collect": (containers, "results_of")}
PATIENCE_S = 60.0  # nobody waits as long: the signal ends it


def wait_after(module: ModuleType, name: str, stage: str) -> None:
    """Let a function of the bench's say that it was reached, and go no further."""
    act = getattr(module, name)

    def waiting(*given: Any) -> Container | dict[str, bytes]:
        done: Container | dict[str, bytes] = act(*given)
        print(stage, flush=True)
        time.sleep(PATIENCE_S)
        return done

    setattr(module, name, waiting)


if __name__ == "__main__":
    # A shell that starts this in the background has it ignore the signal, by inheritance.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parameters.RUNS = Path(sys.argv[1])
    if sys.argv[2] in STAGES:
        wait_after(*STAGES[sys.argv[2]], sys.argv[2])
    Experiment(ASKED, connect(), Printed()).table("vertical", [Setting(1, 300, 2)])
