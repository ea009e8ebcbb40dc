"""Run every search on the same data, and write docs/strategies.md (`make strategies`).

While a search is changed, `--only ours` tells how it does, on services that the page does not use.
"""

import argparse
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from loadtests.analysis.cost import Prices
from loadtests.comparison.conditions import CONDITIONS, USUAL, Conditions, simulate, summed_up
from loadtests.comparison.page import page
from loadtests.comparison.plot import strategies_figure
from loadtests.comparison.recorded import read_grid
from loadtests.comparison.replay import Replay
from loadtests.comparison.score import attempts
from loadtests.comparison.strategies import GRID, STRATEGIES, Strategy
from loadtests.comparison.tables import score_line
from loadtests.comparison.three_axes import THREE_AXES, ReplicaConditions, simulate_three_axes
from loadtests.jobs.console import say, tells_refusals
from loadtests.report.page import png
from loadtests.studies.parameters import ROOT

DOCS = ROOT / "docs"
RECORDED = ROOT / "data" / "grid"
SERVICES = 200
# Grids of three axes are several times as large.
SERVICES_OF_REPLICAS = 100
REPLICA_CONDITIONS = (
    ReplicaConditions(1.0, 1.0),
    ReplicaConditions(1.0, 0.0),
    ReplicaConditions(1.0, 1.0, lost=1),
)
# A search that was tuned on the page's own services would look better there than it is.
TRY_FROM = 1000


def replayed(recorded: Path) -> Replay | None:
    """Run every search on the recorded grid; None where there is none."""
    if not recorded.is_dir():
        say(f"Without the recorded grid: there is none in {recorded}")
        return None
    grid = read_grid(recorded)
    return Replay(grid, attempts(STRATEGIES, grid, Prices().per_hour))


def compare(seeds: Sequence[int], recorded: Path, docs: Path) -> None:
    """Write strategies.md and strategies.png."""
    replay, cost = replayed(recorded), Prices().per_hour
    made = {}
    for under in CONDITIONS:
        say(f"{len(STRATEGIES)} searches on {len(seeds)} simulated services: {under.label}")
        made[under] = simulate(STRATEGIES, seeds, under, cost)
    scores = {under: summed_up(tried) for under, tried in made.items()}
    several = {}
    for of_replicas in REPLICA_CONDITIONS:
        some = seeds[:SERVICES_OF_REPLICAS]
        say(f"With replicas, on {len(some)} simulated services: {of_replicas.label}")
        several[of_replicas] = simulate_three_axes(THREE_AXES, some, of_replicas, cost)
    docs.mkdir(exist_ok=True)
    (docs / "strategies.png").write_bytes(png(strategies_figure(scores[USUAL], len(seeds))))
    (docs / "strategies.md").write_text(page(made[USUAL], scores, replay, several))
    say(f"Written to {docs / 'strategies.md'}")


def tell(strategy: Strategy, seeds: Sequence[int], under: Conditions) -> None:
    """Say how well one search does."""
    listed = {GRID.name: GRID, strategy.name: strategy}.values()
    scores = summed_up(simulate(listed, seeds, under, Prices().per_hour))
    say(f"{strategy.name}, {under.label}: {score_line(scores[strategy.name])}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [strategy.name for strategy in STRATEGIES]
    parser.add_argument("--only", choices=names, help="tell of this search only, write nothing")
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--noise", type=float, nargs="+", default=[1.0, 2.0], help="x the usual")
    parser.add_argument("--drift", type=float, nargs="+", default=[1.0], help="x the usual")
    return parser.parse_args()


@tells_refusals
def main() -> int:
    """Compare all searches on simulated services and on the recorded grid, or try one."""
    arguments = _arguments()
    if arguments.only is None:
        compare(range(arguments.services), RECORDED, DOCS)
        return 0
    (strategy,) = (s for s in STRATEGIES if s.name == arguments.only)
    for noise, drift in product(arguments.noise, arguments.drift):
        seeds = range(TRY_FROM, TRY_FROM + arguments.services)
        tell(strategy, seeds, Conditions(noise, drift))
    return 0


if __name__ == "__main__":
    sys.exit(main())
