"""Asks about several replicas, once the least setting of one is known: how many cost least?

What to measure next is decided in `search`, from findings alone; here the findings are made.
"""

from dataclasses import replace

from loadtests.bench.plan import Bench
from loadtests.search.replica_axis import decide
from loadtests.search.replica_space import ReplicaSpace
from loadtests.studies.decided_trials import DecidedTrials
from loadtests.studies.decision_log import DecisionLog
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import REPLICA_AXIS, SearchRecord, drop_manifest
from loadtests.studies.minimum_search import MinimumSearch
from loadtests.studies.parameters import Parameters
from loadtests.studies.replica_search import granted_of, replica_memory, rivals_of
from loadtests.studies.results import ResultTable


def find_replicas(
    experiment: Experiment, bench: Bench, asked: Parameters, found: MinimumSearch
) -> ResultTable | None:
    """Measure the few settings of several replicas that may cost less than the best known.

    None where none was asked about, or no size of one replica holds: nothing is known to share.
    """
    if asked.replicas_at_most == 1 or found.least is None:
        drop_manifest(experiment.run, REPLICA_AXIS)
        return None
    space = ReplicaSpace(found.space.cpus, found.space.memory_mib, asked.counts_asked_about)
    granted = granted_of(space, bench.question.workload, bench.host)
    log = DecisionLog(experiment.progress.note)
    with experiment.measuring() as runner:
        trials = DecidedTrials(runner, bench, asked.final_question, log)
        while True:
            memory = replica_memory(found.calibration, list(trials.measured.values()))
            rivals = rivals_of(
                found.reliability, space, trials.findings, memory, asked.prices, granted
            )
            decision = decide(rivals, asked.replica_budget)
            if decision.ask is None:
                break
            trials.measure(decision.ask, decision)
        log.decide("", decision.why)
    measured = list(trials.measured.values())
    notes = SearchRecord(
        space.cpus,
        space.memory_mib,
        (),
        None,
        tuple(log.lines),
        asked.goal,
        decision.is_cut_short,
        final_steady_s=asked.final_question.workload.steady_s,
        replica_counts=space.replicas,
    )
    manifest = experiment.manifest_of(REPLICA_AXIS, measured, runner)
    manifest = replace(manifest, search=notes, never_ready=tuple(trials.unanswered))
    return experiment.kept(manifest, measured)
