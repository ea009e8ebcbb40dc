"""Ten invented searches that agree, to be changed into such that do not."""

from dataclasses import replace

from loadtests.analysis.searches import ALONE
from loadtests.analysis.searches_table import COMES_AND_GOES, DEPLOY, SEARCH, SearchLine, TrialLine
from loadtests.analysis.speed import NOBODY
from loadtests.report.ten_searches import TenSearches
from loadtests.verdicts import Verdict


def search(number: int, **changes: object) -> SearchLine:
    """A search that found 0.25 CPU / 200 MiB, twenty minutes after the one before."""
    minutes = 20 * (number - 1)
    found = SearchLine(
        number=number,
        started_at=f"2026-01-01T{8 + minutes // 60:02d}:{minutes % 60:02d}:00+00:00",
        neighbour=NOBODY if number <= ALONE else COMES_AND_GOES,
        cpu_model="AMD EPYC",
        users=10_000,
        trials=7,
        load_min=8.5,
        wall_min=12.0,
        finished=True,
        least_cpus=0.25,
        least_memory_mib=200,
        cpu_step=4,
        memory_step=4,
        reliability=0.93,
        band_memory_mib=200,
        fails_to_cpus=0.2,
        holds_from_cpus=0.3,
        speed_min=0.8,
        speed_median=1.0,
        speed_max=1.1,
        voided_by_speed=1,
        deploy_started_at=f"2026-01-01T{8 + minutes // 60:02d}:{minutes % 60 + 15:02d}:00+00:00",
        deploy_cpus=0.4,
        deploy_memory_mib=250,
        deploy_verdict=Verdict.HOLDS,
        deploy_p95_ms=9.0,
        deploy_speed=0.95,
        deploy_cpu_used_cores=0.271,
        deploy_demand_cores=0.27,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def trial(number: int, **changes: object) -> TrialLine:
    """A trial of a search that failed by latency."""
    made = TrialLine(
        search=number,
        part=SEARCH,
        trial="0123456789abcdef",
        started_at="2026-01-01T11:30:00+00:00",
        cpus=0.2,
        memory_mib=200,
        steady_s=30.0,
        neighbour_share=0.0,
        verdict=Verdict.FAILS,
        own_verdict=Verdict.FAILS,
        p95_ms=1200.0,
        error_rate=0.0,
        memory_peak_mib=180.0,
        cpu_used_cores=0.2,
        demand_cores=0.25,
        throttled_ratio=0.9,
        reasons="It is slow",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def ten() -> TenSearches:
    """All ten, with a trial each, and the one of the size to deploy."""
    searches = [search(number) for number in range(1, 11)]
    trials = [
        line
        for number in range(1, 11)
        for line in (
            trial(number, neighbour_share=0.0 if number <= ALONE else 0.6),
            trial(number, part=DEPLOY, verdict=Verdict.HOLDS, own_verdict=Verdict.HOLDS),
        )
    ]
    return TenSearches(searches, trials)
