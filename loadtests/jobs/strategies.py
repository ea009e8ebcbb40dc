"""Run every search on the same data, and write docs/strategies.md (`make strategies`)."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadtests.analysis.cost import Prices
from loadtests.comparison.page import page
from loadtests.comparison.plot import strategies_figure
from loadtests.comparison.recorded import read_grid
from loadtests.comparison.replay import Replay
from loadtests.comparison.score import Attempt, Score, attempt, score
from loadtests.comparison.simulated import draw_service
from loadtests.comparison.strategies import GRID, STRATEGIES
from loadtests.jobs.closing import tells_refusals
from loadtests.jobs.console import say
from loadtests.report.page import png
from loadtests.studies.parameters import ROOT

DOCS = ROOT / "docs"
RECORDED = ROOT / "data" / "grid"
SERVICES = 200
NOISE = (0.5, 1.0, 2.0)  # multiples of the usual noise


def simulate(seeds: Sequence[int], noise: float) -> dict[str, list[Attempt]]:
    """Run every search on every simulated service."""
    say(f"Running {len(STRATEGIES)} searches on {len(seeds)} simulated services, noise x {noise:g}")
    services = [draw_service(seed, noise) for seed in seeds]
    cost = Prices().per_hour
    return {s.name: [attempt(s, service, cost) for service in services] for s in STRATEGIES}


def summed_up(attempts: Mapping[str, Sequence[Attempt]]) -> dict[str, Score]:
    """Return the score of every search."""
    return {name: score(made, attempts[GRID.name]) for name, made in attempts.items()}


def replayed(recorded: Path) -> Replay | None:
    """Run every search on the recorded grid; None where there is none."""
    if not recorded.is_dir():
        say(f"Without the recorded grid: there is none in {recorded}")
        return None
    grid, cost = read_grid(recorded), Prices().per_hour
    return Replay(grid, {s.name: attempt(s, grid, cost) for s in STRATEGIES})


def compare(seeds: Sequence[int], recorded: Path, docs: Path) -> None:
    """Write strategies.md and strategies.png."""
    replay = replayed(recorded)
    by_noise = {noise: simulate(seeds, noise) for noise in NOISE}
    scores = {noise: summed_up(attempts) for noise, attempts in by_noise.items()}
    docs.mkdir(exist_ok=True)
    (docs / "strategies.png").write_bytes(png(strategies_figure(scores[1.0], len(seeds))))
    (docs / "strategies.md").write_text(page(by_noise[1.0], scores, replay))
    say(f"Written to {docs / 'strategies.md'}")


@tells_refusals
def main() -> int:
    """Compare on simulated services, and on the recorded grid where there is one."""
    compare(range(SERVICES), RECORDED, DOCS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
