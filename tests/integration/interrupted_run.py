"""A run in a process of its own, to be interrupted or killed: `interrupted_run.py folder-of-runs`.

It prints `create`, then the phase of each second, then `collect`.
"""

import sys
import time
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from loadtests import parameters
from loadtests.bench import containers
from loadtests.bench.engine import connect
from loadtests.experiment import Experiment
from loadtests.parameters import Parameters
from loadtests.question import Setting
from tests.integration.measuring import Printed

ASKED = Parameters(
    run="interrupted", users=60, spawn_rate=20, think_min=0.5, think_max=1.5, hold_s=3
)
# Long enough to be hit by a signal; creating and collecting take a fraction of this.
DELAY_S = 1.0


def slowed(name: str, stage: str) -> None:
    """Let a function of the bench's say that it was reached, and take its time."""
    act = getattr(containers, name)

    def slowly(*given: Any) -> Container | dict[str, bytes]:
        done: Container | dict[str, bytes] = act(*given)
        print(stage, flush=True)
        time.sleep(DELAY_S)
        return done

    setattr(containers, name, slowly)


if __name__ == "__main__":
    parameters.RUNS = Path(sys.argv[1])
    slowed("create_replica", "create")
    slowed("results_of", "collect")
    Experiment(ASKED, connect(), Printed()).table("vertical", [Setting(1, 300, 2)])
