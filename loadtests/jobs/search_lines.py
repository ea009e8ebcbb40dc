"""From a search that was made to its line in data/searches.csv, and a line for each trial."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.searches_table import DEPLOY, SEARCH, SearchLine, TrialLine
from loadtests.analysis.summary import measure_row
from loadtests.jobs.visits import worked_share
from loadtests.studies.minimum_search import MinimumSearch

Judged = tuple[Evidence, Judgement]


def trial_lines(number: int, part: str, trials: Sequence[Judged], visits: Path) -> list[TrialLine]:
    """Return a line for each trial; `visits` is where the neighbour said when it worked."""
    return [_trial_line(number, part, *judged, visits) for judged in trials]


def _trial_line(
    number: int, part: str, evidence: Evidence, judgement: Judgement, visits: Path
) -> TrialLine:
    trial, row = evidence.trial, measure_row(evidence, judgement)
    began_s, phases = trial.started_wall_s, trial.phases
    return TrialLine(
        search=number,
        part=part,
        trial=trial.key[:16],
        started_at=trial.started_at,
        cpus=trial.setting.cpus,
        memory_mib=trial.setting.memory_mib,
        steady_s=max(0.0, phases.steady_end_s - phases.steady_start_s),
        neighbour_share=worked_share(visits, began_s, began_s + phases.steady_end_s),
        verdict=judgement.verdict,
        own_verdict=judgement.at_its_speed,
        cause=row.cause,
        speed=row.speed,
        p95_ms=row.p95_ms,
        error_rate=row.error_rate,
        memory_peak_mib=row.memory_peak_mib,
        cpu_used_cores=row.cpu_cores,
        demand_cores=row.demand_cores,
        throttled_ratio=row.throttled_ratio,
        reasons="; ".join(row.reasons) or None,
    )


def search_line(
    number: int, neighbour: str, search: MinimumSearch, trials: Sequence[TrialLine]
) -> SearchLine:
    """Return the line of a search, made of it and of the lines of all its trials."""
    records = [evidence for result in search.table.results for evidence, _ in result.trials]
    records += [] if search.staircase is None else [search.staircase]
    first = min((evidence.trial for evidence in records), key=lambda trial: trial.started_at)
    own = [line for line in trials if line.part == SEARCH]
    line = SearchLine(
        number=number,
        started_at=first.started_at,
        neighbour=neighbour,
        cpu_model=first.host.cpu_model,
        users=search.manifest.question.workload.users,
        trials=len(own),
        load_min=sum(evidence.trial.timings.load_s for evidence in records) / 60,
        wall_min=search.manifest.effort.wall_seconds / 60,
        reference_us=next((r.trial.reference_us for r in records if r.trial.reference_us), None),
        finished=search.ended is not None and search.ended.proven,
        voided_by_speed=sum(line.verdict is not line.own_verdict for line in own),
    )
    return _with_speeds(_with_deployed(_with_answer(line, search), trials), own)


def _with_answer(line: SearchLine, search: MinimumSearch) -> SearchLine:
    if search.least is not None:
        setting = search.least.setting
        cpu_step, memory_step = search.space.steps(setting)
        line = replace(
            line,
            least_cpus=setting.cpus,
            least_memory_mib=setting.memory_mib,
            cpu_step=cpu_step,
            memory_step=memory_step,
        )
    if search.band is None:
        return line
    return replace(
        line,
        reliability=search.band.reliability,
        band_memory_mib=search.band.memory_mib,
        fails_to_cpus=search.band.fails_to_cpus,
        holds_from_cpus=search.band.holds_from_cpus,
    )


def _with_speeds(line: SearchLine, own: Sequence[TrialLine]) -> SearchLine:
    speeds = [trial.speed for trial in own if trial.speed is not None]
    if not speeds:
        return line
    return replace(line, speed_min=min(speeds), speed_median=median(speeds), speed_max=max(speeds))


def _with_deployed(line: SearchLine, trials: Sequence[TrialLine]) -> SearchLine:
    """Add the last trial of the size to deploy: those before it are invalid."""
    made = [trial for trial in trials if trial.part == DEPLOY]
    if not made:
        return line
    trial = made[-1]
    return replace(
        line,
        deploy_started_at=trial.started_at,
        deploy_cpus=trial.cpus,
        deploy_memory_mib=trial.memory_mib,
        deploy_verdict=trial.verdict,
        deploy_p95_ms=trial.p95_ms,
        deploy_speed=trial.speed,
        deploy_cpu_used_cores=trial.cpu_used_cores,
        deploy_demand_cores=trial.demand_cores,
    )
