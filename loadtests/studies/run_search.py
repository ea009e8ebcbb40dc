"""Runs a search: live staircase, forecast, trials, until it is answered or its budget is spent.

What to measure next is decided in `search`, from findings alone; here the findings are made.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from docker import DockerClient

from loadtests.analysis.endings import not_measured_well
from loadtests.bench.plan import Bench
from loadtests.bench.preflight import check_setting
from loadtests.bench.staircase import staircase_plan
from loadtests.question import Setting
from loadtests.search import confirm, staircase
from loadtests.search.ample_first import ample_first
from loadtests.search.space import Space
from loadtests.studies.capacity_search import read_capacity_search
from loadtests.studies.decided_trials import DecidedTrials
from loadtests.studies.decision_log import DecisionLog
from loadtests.studies.expected import expected
from loadtests.studies.experiment import Experiment
from loadtests.studies.find_capacity import find_capacity
from loadtests.studies.find_replicas import find_replicas
from loadtests.studies.manifest import VERTICAL, SearchRecord
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.minimum_search import MinimumSearch, read_minimum_search
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import Progress
from loadtests.studies.reference import with_reference
from loadtests.studies.results import SettingResult
from loadtests.studies.search_result import SearchResult
from loadtests.studies.several_replicas import Ending, end_without_size
from loadtests.studies.several_replicas import keep as keep_replicas
from loadtests.studies.trial_runner import TrialRunner
from loadtests.verdicts import Verdict


def search(asked: Parameters) -> SearchResult:
    """Find the least setting, or the most users or arrivals/s; read it where no engine answers.

    Settings that are given by name are measured instead, all of them. Raises EngineError where
    neither an engine nor a record answers.
    """

    def measure(client: DockerClient, progress: Progress) -> SearchResult:
        experiment = Experiment(asked, client, progress)
        if asked.finds_capacity:
            return find_capacity(experiment, asked)
        if asked.settings is not None:
            return MinimumSearch.of(experiment.table(VERTICAL, asked.vertical_settings))
        return find_minimum(experiment, asked)

    def read(run: Path) -> SearchResult | None:
        found: SearchResult | None = (
            read_capacity_search(run, asked.finds_rate)
            if asked.finds_capacity
            else read_minimum_search(run)
        )
        answers = found is not None and found.table.ran_script(asked) and found.answers(asked)
        return found if answers else None

    return measured_or_recorded(asked, measure, read)


def find_minimum(experiment: Experiment, asked: Parameters) -> MinimumSearch:
    """Search CPU and memory for the least setting of one replica, then ask about several."""
    bench = experiment.bench
    slo, cost, last_question = asked.question.slo, asked.prices.per_hour, asked.final_question
    space = asked.space(bench.host.cpus, bench.host.memory_mib)
    check_setting(space.ample, bench.question.workload, experiment.grants)
    log = DecisionLog(experiment.progress.note)
    with experiment.measuring() as runner:
        climbed = [bench.question.workload.users] * staircase.MOST_LEVELS
        plan = staircase_plan(bench, space.ample, climbed, space.cpus)
        log.decide(
            f"staircase from {space.ample.label}",
            "One ramp-up to an ample setting, then CPU is taken away step by step under all users.",
        )
        stairs = runner.staircase(
            bench, plan, lambda seen: staircase.next_cpus(seen, space.cpus, slo)
        )
        bench = with_reference(bench, experiment.runs, stairs)
        budget = replace(asked.budget, spent_s=stairs.trial.timings.load_s)
        forecast = expected(stairs, space, bench.reference_us)
        log.result(
            f"{len(stairs.trial.steps)} levels; forecast {forecast.cpus:g} CPU, "
            f"{forecast.memory_mib:,.0f} MiB"
        )
        trials = DecidedTrials(runner, bench, last_question, log)
        while True:
            findings = trials.findings
            decision = ample_first(space, stairs.trial.steps, findings, slo) or confirm.decide(
                space, findings, forecast, cost, budget, asked.goal
            )
            if decision.ask is None:
                break
            trials.measure(decision.ask, decision)
            ample = trials.measured.get(space.ample)
            if decision.ask == space.ample and ample and not_measured_well(ample.trials):
                break
        ending = _ending(experiment, runner, bench, space, trials.measured, log)
        log.decide("", decision.why if ending is None else ending.why)
        measured = list(trials.measured.values())
        manifest = experiment.manifest_of(VERTICAL, measured, runner)
        notes = SearchRecord(
            space.cpus,
            space.memory_mib,
            (),
            plan.key,
            tuple(log.lines),
            asked.goal,
            decision.is_cut_short,
            final_steady_s=last_question.workload.steady_s,
            replica_counts=asked.counts_asked_about,
        )
        manifest = replace(manifest, search=notes, never_ready=tuple(trials.unanswered))
        found = MinimumSearch.of(experiment.kept(manifest, measured), stairs)
    keep_replicas(experiment.run, bench, None if ending is None else ending.tried)
    return found.with_replicas(find_replicas(experiment, bench, asked, found))


def _ending(
    experiment: Experiment,
    runner: TrialRunner,
    bench: Bench,
    space: Space,
    measured: Mapping[Setting, SettingResult],
    log: DecisionLog,
) -> Ending | None:
    """Return how a search ends in which no size holds; None where more of it may help."""
    ample = measured.get(space.ample)
    held = any(result.row.verdict is Verdict.HOLDS for result in measured.values())
    if held or ample is None or ample.row.verdict is Verdict.HOLDS:
        return None
    return end_without_size(runner, bench, experiment.grants, space, ample, log)
