"""Measure what simulated arrivals of very many users cost: docs/arrivals.md (`make arrivals`)."""

import os
import platform
import resource
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from loadtests.analysis.arrival_simulation import STEADY_S, Arrivals, simulate_arrivals
from loadtests.jobs.console import say, tells_refusals
from loadtests.question import Workload
from loadtests.report.markdown import row
from loadtests.studies.parameters import ROOT

PAGE = ROOT / "docs" / "arrivals.md"
# The smallest first: a process is never told to have had less memory than before.
USERS = (10_000, 100_000, 1_000_000, 10_000_000)
USERS_PER_REPLICA = 10_000
SEED = 20_260_102


@dataclass(frozen=True)
class Cost:
    """What one simulation took, on one core."""

    found: Arrivals
    evenly: bool
    seconds: float
    peak_mib: float  # of the process so far, libraries included


def measure(users: int, evenly: bool) -> Cost:
    """Simulate the default workload of so many users, and measure it."""
    rng = np.random.default_rng(SEED)
    began = time.perf_counter()
    found = simulate_arrivals(
        Workload(users=users), max(1, users // USERS_PER_REPLICA), rng, evenly=evenly
    )
    seconds = time.perf_counter() - began
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(found, evenly, seconds, peak_mib)


def page(costs: list[Cost], day: str) -> str:
    """Return docs/arrivals.md."""
    most = max(costs, key=lambda cost: (cost.found.users, cost.seconds))
    numpy = np.__version__
    lines = [
        "# What simulated arrivals cost",
        "",
        f"Written by `make arrivals` on {day}, on one core of a machine of {platform.machine()}, "
        f"Python {platform.python_version()}, NumPy {numpy}. Each line is a steady state of "
        f"{STEADY_S:g} s of users who think for 5 to 15 s, after a ramp-up at 500 a second, "
        f"{USERS_PER_REPLICA:,} to a replica. Times are of one run each; a machine that is busy "
        "takes longer. Memory is the process's highest so far, libraries included.",
        "",
        f"The {most.found.users:,} users took {most.seconds:.1f} s and "
        f"{most.peak_mib:,.0f} MiB at most.",
        "",
        row("users", "replicas", "connections", "requests", "s", "peak MiB", "fullest second",
            "fullest 100 ms"),
        row("---:", "---:", "---", "---:", "---:", "---:", "---:", "---:"),
        *(
            row(
                f"{cost.found.users:,}",
                f"{cost.found.replicas:,}",
                "shared out evenly" if cost.evenly else "at random",
                f"{cost.found.rps * cost.found.steady_s:,.0f}",
                f"{cost.seconds:.2f}",
                f"{cost.peak_mib:,.0f}",
                f"{cost.found.second_peak:.2f} x mean",
                f"{cost.found.window_peak:.2f} x mean",
            )
            for cost in costs
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def write_page(path: Path) -> None:
    """Measure every size, evenly and at random, and write the page."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    costs = []
    for users in USERS:
        for evenly in (True, False):
            costs.append(measure(users, evenly))
            say(f"{users:,} users: {costs[-1].seconds:.2f} s, {costs[-1].peak_mib:,.0f} MiB")
    path.write_text(page(costs, datetime.now(UTC).date().isoformat()))
    say(f"Written to {path}")


@tells_refusals
def main() -> int:
    """Write the page."""
    write_page(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
