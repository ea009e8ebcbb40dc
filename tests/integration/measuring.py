"""A run in a process of its own, to be killed: `measuring.py folder-of-runs`."""

import sys
from pathlib import Path
from typing import Any

from loadtests import parameters
from loadtests.bench.engine import connect
from loadtests.experiment import Experiment
from loadtests.parameters import Parameters
from loadtests.question import Setting

LONG = Parameters(run="killed", users=40, spawn_rate=40, think_min=0.5, think_max=1.5, hold_s=600)
SETTING = Setting(1, 300)


class Printed:
    """Prints the phase of every second."""

    def note(self, text: str) -> None:
        """Print a note."""
        print(text, flush=True)

    def trial(self, label: str, duration_s: float) -> None:
        """Print nothing."""

    def tick(self, line: dict[str, Any]) -> None:
        """Print the phase."""
        print(line["phase"], flush=True)


if __name__ == "__main__":
    parameters.RUNS = Path(sys.argv[1])
    Experiment(LONG, connect(), Printed()).table("vertical", [SETTING])
