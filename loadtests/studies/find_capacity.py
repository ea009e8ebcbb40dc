"""Runs the search for what one setting holds: a live staircase of loads, then trials.

What to ask with next is decided in `search`, from findings alone; here the findings are made.
"""

from dataclasses import replace

from loadtests.bench.preflight import check_load, check_setting
from loadtests.bench.staircase import staircase_plan
from loadtests.question import Question
from loadtests.search import capacity
from loadtests.studies.capacity_search import CapacitySearch
from loadtests.studies.decision_log import DecisionLog
from loadtests.studies.experiment import Experiment
from loadtests.studies.ladder import Ladder
from loadtests.studies.manifest import RATE, USERS
from loadtests.studies.parameters import Parameters
from loadtests.studies.reference import with_reference
from loadtests.studies.results import SettingResult
from loadtests.studies.trial_runner import finding_of
from loadtests.verdicts import Finding


def find_capacity(experiment: Experiment, asked: Parameters) -> CapacitySearch:
    """Search for the most users, or arrivals per second, that the one setting asked for holds."""
    bench, setting = experiment.bench, asked.setting
    slo, ladder = asked.question.slo, Ladder.up_to(asked.question.workload)
    check_setting(setting, bench.question.workload, experiment.grants)
    steps, axis = ladder.steps, ladder.axis
    log = DecisionLog(experiment.progress.note)
    findings: list[Finding] = []
    measured: dict[float, SettingResult] = {}
    with experiment.measuring() as runner:
        plan = staircase_plan(bench, setting, ladder.users, [setting.cpus], ladder.rates)
        log.decide(
            f"staircase up to {axis.said(steps[-1])}",
            f"The load of {setting.label} is raised step by step, until two steps fail.",
        )
        stairs = runner.staircase(
            bench,
            plan,
            lambda seen: setting.cpus if capacity.climbs_on(seen, slo) else None,
        )
        bench = with_reference(bench, experiment.runs, stairs)
        budget = replace(asked.budget, spent_s=stairs.trial.timings.load_s)
        expected = capacity.most_passing(stairs.trial.steps, slo, axis)
        passed = axis.said(expected or 0)
        log.result(f"{len(stairs.trial.steps)} levels; most that passed: {passed}")
        while True:
            ask, why = capacity.decide_load(steps, findings, expected, budget, axis)
            log.decide("" if ask is None else axis.said(ask), why)
            if ask is None:
                break
            workload = ladder.at(ask)
            check_load(workload, experiment.grants)
            result = runner.one_more(replace(bench, question=Question(workload, slo)), setting)
            measured[ask] = result
            findings.append(finding_of(result))
            log.found(result)
    results = [measured[load] for load in sorted(measured)]
    manifest = experiment.manifest_of(RATE if asked.finds_rate else USERS, results, runner)
    notes = ladder.record(plan.key, log.lines)
    manifest = replace(manifest, settings=(setting,), search=notes)
    return CapacitySearch(experiment.kept(manifest, results), stairs)
