"""The edge of CPU that arithmetic gives for a service of known needs, and what is measured of it.

Nothing may run beside: that just too little CPU fails is believed of a quiet host alone.
"""

import pytest

from loadtests.analysis.counters import cpu_cores
from loadtests.analysis.evidence import Row
from loadtests.analysis.latency import answered_rps
from loadtests.bench.plan import Bench
from loadtests.question import Setting
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.truth.measuring import DECIDED, measured, require_recount, said
from tests.truth.truths import AMPLE, WORKLOAD

pytestmark = [pytest.mark.docker, pytest.mark.alone]

BURN_MS = 2
STEP = 1.25  # of the grid of CPU limits


class Grid:
    """CPU limits in steps of 1.25 around the edge that the utilisation law gives."""

    def __init__(self, bench: Bench) -> None:
        """Measure the CPU time a request takes in an ample trial, and compute the edge.

        Interactive response time law (Denning & Buzen 1978): R = N/X - Z. A limit of C cores
        answers X = C/D requests per second, so R is within the SLO's L from
        C = N D / (Z + L) on.
        """
        self._bench = bench
        self._verdicts: dict[int, Row] = {}
        evidence, judgement = (ample := measured(bench, AMPLE)).evidence, ample.judgement
        assert judgement.verdict is Verdict.HOLDS, judgement.reasons
        cores, rps = cpu_cores(evidence), answered_rps(evidence)
        assert cores, "CPU use was not reported"
        assert rps, "nothing was answered"
        self.request_s = cores / rps
        allowed_s = bench.question.slo.latency_ms / 1000
        self.edge_cpus = WORKLOAD.users * self.request_s / (WORKLOAD.think_mean_s + allowed_s)

    def cpus(self, step: int) -> float:
        """Return the limit so many steps from the edge."""
        return round(self.edge_cpus * STEP**step, 3)

    def row(self, step: int, enough: frozenset[Verdict] = DECIDED) -> Row:
        """Measure a limit, once."""
        if step not in self._verdicts:
            setting = Setting(self.cpus(step), AMPLE.memory_mib)
            self._verdicts[step] = measured(self._bench, setting, enough).row
        return self._verdicts[step]

    def least(self, fails: int, holds: int) -> int:
        """Halve the steps between one that fails and one that holds.

        Doubt is enough at the edge and below it: no minimum is claimed there.
        """
        while holds - fails > 1:
            middle = (fails + holds) // 2
            enough = DECIDED if middle > 0 else DECIDED | {Verdict.UNDECIDED}
            if self.row(middle, enough).verdict is Verdict.HOLDS:
                holds = middle
            else:
                fails = middle
        return holds


@pytest.fixture(scope="module")
def grid(bench_of):
    """The service that burns CPU."""
    return Grid(bench_of(f"burn{BURN_MS}", f"burn_ms={BURN_MS}", WORKLOAD))


def test_cpu_time_per_request_is_what_the_service_burns(grid):
    """And little of the server's own: some tenths of a millisecond, more on a slow machine."""
    right = BURN_MS <= 1000 * grid.request_s <= BURN_MS + 3
    seen = f"{1000 * grid.request_s:.2f} ms"
    log_case("truth", "CPU per request", f"{BURN_MS} ms of CPU a request", seen, right)
    assert right, seen


@pytest.mark.parametrize(("step", "verdict"), [(2, Verdict.HOLDS), (-2, Verdict.FAILS)])
def test_cpu_beyond_the_computed_edge_decides(grid, step, verdict):
    """Half as much again holds; two thirds of it is throttled."""
    row = grid.row(step)
    cause = "cpu_throttled" if verdict is Verdict.FAILS else None
    right = (row.verdict, row.cause) == (verdict, cause)
    what = f"{STEP**step:.2f} of the CPU that {BURN_MS} ms a request need"
    log_case("truth", "CPU", what, said(row), right)
    assert right, f"{what}: {said(row)}"


def test_the_least_cpu_that_holds_is_within_a_step_of_the_computed_edge(grid):
    """Found by measuring alone, it is where arithmetic says."""
    least = grid.least(fails=-2, holds=2)
    seen = f"{grid.cpus(least):.3f} CPU is the least that holds"
    what = f"the edge is at {grid.edge_cpus:.3f} CPU, computed"
    log_case("truth", "minimum", f"{what}; limits in steps of {STEP}", seen, abs(least) <= 1)
    assert abs(least) <= 1, f"{what}; {seen}"


def test_no_trial_that_holds_is_rejected_by_plain_loops(store):
    """Every trial above, by its raw requests."""
    require_recount(store)
