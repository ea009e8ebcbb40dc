"""The plan that follows from a study: for more users than were measured, on machines for rent."""

from dataclasses import asdict
from typing import Any

import numpy as np

from loadtests.analysis.arrival_simulation import Arrivals, simulate_arrivals
from loadtests.analysis.plan_basis import Basis, HeldOutError
from loadtests.analysis.planning import Fleet, NoPlan, Plan, TargetPlan
from loadtests.analysis.summary import measure_row
from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.studies.parameters import Parameters
from loadtests.studies.study import Study
from loadtests.verdicts import Verdict

SEED = 20_260_101  # of the simulated arrivals: two reports of one study say the same


def plan_capacity(
    study: Study, asked: Parameters, beyond: HeldOutError | None = None
) -> Plan | NoPlan:
    """Return the plan for the users asked for, or why there is none.

    `beyond`: how far off predictions of held-out trials were, for what lies beyond the measured.
    Raises QuestionError for a table of machines, or a request, that makes no sense.
    """
    request = asked.plan_request
    basis = plan_basis(study)
    if isinstance(basis, NoPlan):
        return basis
    try:
        return Plan(basis, request, beyond)
    except QuestionError as error:  # too large for the machines, which only a study can tell
        return NoPlan(f"There is no plan: {error}.")


def plan_basis(study: Study) -> Basis | NoPlan:
    """Return what one replica of the size to deploy was shown to carry, or why that is nothing."""
    if study.question.workload.is_open:
        return NoPlan(
            "There is no plan: requests came at a rate, so there are no users to plan for; ask "
            "with closed users."
        )
    if study.minimum is None:
        return NoPlan("There is no plan: no setting was found to hold, so there is none to repeat.")
    deployed = study.deployment
    if deployed is None:
        return NoPlan(
            "There is no plan: the size to deploy was not measured; run notebook 04_scale_out."
        )
    if not deployed.holds:
        return NoPlan(
            f"There is no plan: the size to deploy, {deployed.setting.label}, was not shown to "
            "hold."
        )
    trials = _alike(study, deployed.setting)
    at_reference = all(speed is not None for _, speed in trials)
    users = study.question.workload
    per_request = [
        1000 * (speed if at_reference and speed is not None else seen) / users.expected_rps()
        for seen, speed in trials
    ]
    peak_mib = deployed.row.memory_peak_mib
    if not per_request or peak_mib is None:
        return NoPlan(
            "There is no plan: docker stats reported neither CPU nor memory of the size to deploy."
        )
    calibration = study.search.calibration
    return Basis(
        size=Setting(deployed.setting.cpus, deployed.setting.memory_mib),
        headroom=deployed.headroom,
        workload=users,
        replicas=deployed.setting.replicas,
        cpu_ms=tuple(per_request),
        at_reference=at_reference,
        peak_mib=peak_mib,
        base_mib=None if calibration is None else calibration.base_mib,
        kib_per_user=None if calibration is None else calibration.kib_per_user,
    )


def _alike(study: Study, deployed: Setting) -> list[tuple[float, float | None]]:
    """Return cores needed, as seen and at the reference speed, of each trial alike that holds.

    Alike are as many users on as many replicas, so that each wakes up as often. What fails takes
    other CPU: of requests that time out, or a queue's.
    """
    found, users = [], study.question.workload.users
    for evidence, judgement in study.every_trial:
        trial = evidence.trial
        same = (trial.setting.replicas, trial.question.workload.users) == (deployed.replicas, users)
        holds = judgement.at_its_speed is Verdict.HOLDS and judgement.is_sound
        row = measure_row(evidence, judgement)
        if same and holds and row.demand_cores is not None:
            found.append((row.demand_cores, row.demand_reference_cores))
    return found


def simulated_arrivals(plan: Plan | NoPlan) -> list[tuple[Arrivals, Arrivals]]:
    """Simulate the users of each target, their connections shared out evenly and at random.

    Over a steady minute, on as many replicas as are left once the spare ones are lost.
    """
    if isinstance(plan, NoPlan):
        return []
    seeds = np.random.SeedSequence(SEED).spawn(len(plan.targets))
    found = []
    for target, seed in zip(plan.targets, seeds, strict=True):
        workload = plan.basis.workload_of(target.users)
        even, random = (
            simulate_arrivals(
                workload, target.best.carrying, np.random.default_rng(seed), evenly=evenly
            )
            for evenly in (True, False)
        )
        found.append((even, random))
    return found


def plan_fields(plan: Plan | NoPlan) -> dict[str, Any]:
    """Return what answer.json says of a plan, as plain JSON values."""
    if isinstance(plan, NoPlan):
        return {"why_not": plan.why, "targets": []}
    each, demand, asked = plan.basis.users_per_replica, plan.basis.demand_ms, plan.asked
    return {
        "why_not": None,
        "size": {"cpus": plan.basis.size.cpus, "memory_mib": plan.basis.size.memory_mib},
        "users_per_replica": each.estimate,
        "cpu_ms_per_request": asdict(demand),
        "measured_users": plan.basis.workload.users,
        "held_out_error": None if plan.beyond is None else plan.beyond.relative,
        "machines_lost": asked.machines_lost,
        "replicas_lost": asked.replicas_lost,
        "cpu_ratio": asked.cpu_ratio,
        "targets": [_target_fields(target) for target in plan.targets],
    }


def _target_fields(target: TargetPlan) -> dict[str, Any]:
    return {
        "users": target.users,
        "extrapolated": not target.is_measured,
        **_fleet_fields(target.best),
        "low": None if target.low is None else _fleet_fields(target.low),
        "high": None if target.high is None else _fleet_fields(target.high),
        "runners_up": [_fleet_fields(each) for each in target.fleets[1:4]],
    }


def _fleet_fields(fleet: Fleet) -> dict[str, Any]:
    return {
        "replicas": fleet.replicas,
        "machines": fleet.machines,
        "machine": fleet.machine.label,
        "memory_gib": fleet.memory_gib,
        "cost_hour": fleet.cost_hour,
        "cost_month": fleet.cost_month,
        "currency": fleet.machine.currency,
    }
