"""What the report shows of a study, and the answer it writes beside the trials.

The recorded example is only looked at: nothing is written into it.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from loadtests.analysis import answer, formats
from loadtests.analysis.hidden import hidden_endpoints
from loadtests.analysis.planning import NoPlan, Plan
from loadtests.analysis.recommend import fails_below
from loadtests.analysis.speed import common_reference_us
from loadtests.analysis.spread import Spread, spread
from loadtests.question import Workload
from loadtests.report import cards, conclusions, deployment, edge_tables, endpoint_table, tables
from loadtests.report.balancing import balancing_named, proxy_sentences
from loadtests.report.companion_lines import companion_sentences, companions_named
from loadtests.report.markup import Fragment
from loadtests.report.node_lines import node_sentences, nodes_named
from loadtests.report.page import note, png
from loadtests.report.plots.frontier import frontier_figure
from loadtests.report.trial_pages import pages
from loadtests.studies.answer_file import write_answer_file
from loadtests.studies.answer_reliability import answer_reliability
from loadtests.studies.balancing import read_balancing
from loadtests.studies.besides import asked_of_plan
from loadtests.studies.manifest import SETTING, read_manifest
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.plan import plan_fields
from loadtests.studies.reproduce import make_command
from loadtests.studies.study import Study

HEADLINE = "answer.png"


def card(study: Study) -> Fragment:
    """Return the question and the answer, for the top of the report."""
    found = answer_reliability(study)
    return cards.study_card(
        study.rows,
        study.minimum,
        study.answer_trials,
        study.question,
        study.trial.host,
        study.prices,
        [*study.doubts, *hidden_sentences(study)],
        _to_deploy(study),
        "" if found is None else found.line,
        study.one_replica,
    )


def sentences(study: Study) -> list[str]:
    """Return what follows from the trials, the answer first and the doubts after it."""
    said = conclusions.conclusions(study.rows, study.prices, study.question)
    doubts = [*study.doubts, *hidden_sentences(study)]
    beside = [
        said
        for trial, _ in study.answer_trials[-1:]
        for said in (
            *companion_sentences(trial),
            *proxy_sentences(trial),
            *node_sentences(trial),
        )
    ]
    beside += _compared(study)
    answer = [said[0], *study.one_replica, *_one_more(study), *_to_deploy(study)]
    return [*answer, *beside, *doubts, *said[1:]]


def _one_more(study: Study) -> list[str]:
    """Say what one replica more costs, where the answer is what a search of several came to."""
    axis, least = study.search.axis, study.minimum
    of_answer = axis is not None and least is not None and axis.best == least.setting
    return axis.one_more if axis is not None and of_answer else []


def _compared(study: Study) -> list[str]:
    """Say what the proxy costs and evens out against Docker's DNS; nothing where there is none."""
    if not study.search.manifest.target.balancing.is_proxied:
        return []
    return read_balancing(study.folder).sentences


def hidden_sentences(study: Study) -> list[str]:
    """Name the endpoints that would fail by themselves in the answer's last trial."""
    return [
        f"{each.sentence}."
        for trial in study.answer_trials[-1:]
        for each in hidden_endpoints(*trial)
    ]


def by_endpoint(study: Study) -> Fragment:
    """Show the answer's last trial by endpoint."""
    if not study.answer_trials:
        return note("Nothing holds, so there is no answer to look at by endpoint.")
    return endpoint_table.by_endpoint(*study.answer_trials[-1])


def edge_sentences(study: Study) -> list[str]:
    """Say how reliably the answer holds, what its edge is like, what binds, how trials differ."""
    found = answer_reliability(study)
    if found is None:
        return ["Nothing holds, so there is no edge to tell of."]
    apart = f"Between trials: {spread_of_answer(study).sentence}"
    return [found.line, found.edge.sentence, found.binding.sentence, apart]


def spread_of_answer(study: Study) -> Spread:
    """Return all trials of the least setting side by side, its repeat included."""
    return spread(study.answer_trials)


def margins_table(study: Study) -> Fragment:
    """List how much of each limit the answer used, and the nearest settings that fail."""
    least = study.minimum
    near = () if least is None else (least, *fails_below(study.rows, least).values())
    rows = list(dict.fromkeys(row for row in near if row is not None))
    return edge_tables.margins_table(rows, study.question.slo)


def _to_deploy(study: Study) -> list[str]:
    return [] if study.deployment is None else [study.deployment.sentence]


def trial_pages(study: Study) -> Fragment:
    """Draw a trial of each setting; of very many the answer, the size to deploy, and the edge."""
    deployed = study.deployment
    chosen = (study.minimum, None if deployed is None else deployed.row)
    return pages(study.trials, {row.setting for row in chosen if row is not None})


def conditions_table(study: Study) -> Fragment:
    """List under which conditions it was measured."""
    trial, workload, slo = study.trial, study.question.workload, study.question.slo
    host, check = trial.host, study.generator_check
    beside, nodes = companions_named(trial), nodes_named(trial)
    shared = "" if nodes else " and service share it"
    lines = {
        "workload": _workload(workload),
        "phases": f"ramp-up {workload.ramp_up_s:g} s, warm-up {workload.warm_up_s:g} s, steady "
        f"state {workload.steady_s:g} s",
        "SLO": f"{formats.slo(slo)}; latency in steady state, failures of the whole trial, timeout "
        f"{workload.timeout_s:g} s",
        "service": f"{trial.target.image} ({trial.image_digest[:19]})",
        **({"beside it": beside} if beside else {}),
        "balancing": balancing_named(trial),
        "users' script": f"SHA-256 {trial.locustfile_sha256[:12]}",
        "load generator check": "not measured" if check is None else check.sentence,
        "measured again": "none" if study.repeat is None else study.repeat.sentence,
        "host": f"{host.name}: {host.cpus} CPUs ({host.cpu_model}), {host.memory_mib:,} MiB; load "
        f"generator{shared}",
        **({"nodes of the Swarm": nodes} if nodes else {}),
        "CPU speed": _reference(study),
        "system": f"Linux {host.kernel}, Docker {host.engine_version}, "
        f"cgroup v{host.cgroup_version}",
        "measured": trial.started_at,
        "versions": ", ".join(f"{name} {version}" for name, version in trial.versions.items()),
    }
    columns = (tables.Column("condition"), tables.Column("value"))
    return tables.table("Conditions", columns, list(lines.items()))


def _workload(workload: Workload) -> str:
    if workload.is_open:
        return (
            f"open: {workload.label}, {workload.arrivals}, sent by the next free of "
            f"{workload.users:,} users ({workload.spawn_rate:g}/s)"
        )
    low_s, high_s = workload.think_time_s
    return (
        f"closed: {workload.users:,} users, {workload.spawn_rate:g}/s, thinking "
        f"{low_s:g}-{high_s:g} s"
    )


def effort_table(study: Study) -> Fragment:
    """List what it took to find out."""
    return tables.effort_table(asdict(study.effort))


def how_to_repeat(study: Study, asked: Parameters) -> str:
    """Return the command that asks the same again, as Markdown; `asked`: what a plan was asked."""
    sha256, single = study.trial.locustfile_sha256, read_manifest(study.folder, SETTING)
    more = asked_of_plan(asked)
    of_this = study.question, study.search.manifest.target
    if single and single.settings and (single.question, single.target) == of_this:
        more |= asdict(single.settings[0])
    return f"```\n{make_command(study.search.table, study.scale_out, sha256, more)}\n```"


def answer_of(study: Study, plan: Plan | NoPlan | None = None) -> dict[str, Any]:
    """Return what answer.json says of a study, and of the plan that was made from it."""
    found = answer_reliability(study)
    return answer.build(
        study.question,
        study.rows,
        study.skipped,
        study.effort,
        study.trial.host,
        study.trial.versions,
        study.prices,
        study.search.ended,
        None if study.repeat is None else study.repeat.row,
        None if study.deployment is None else study.deployment.row,
        study.quota.cost,
        None if found is None else found.fields(),
        _reference_us(study),
        study.open_arrivals.comparison,
        None if plan is None else plan_fields(plan),
        study.several.fields(),
    )


def _reference_us(study: Study) -> float | None:
    return common_reference_us(evidence for evidence, _ in study.trials)


def _reference(study: Study) -> str:
    """Say which speed the CPU is compared with."""
    reference_us = _reference_us(study)
    if reference_us is None:
        return "no reference, or more than one"
    return f"reference: {reference_us:,.0f} us of CPU for a fixed piece of work"


def write_answer(study: Study, plan: Plan | NoPlan | None = None) -> Path:
    """Write answer.json beside the trials of a run, and return where it lies."""
    if study.folder == EXAMPLE:
        return EXAMPLE / answer.ANSWER
    return write_answer_file(study.folder, answer_of(study, plan))


def write_headline(study: Study) -> Path:
    """Write the answer's figure, answer.png, beside the trials of a run; return where it lies."""
    path, search = study.folder / HEADLINE, study.search
    if study.folder != EXAMPLE:
        path.write_bytes(png(frontier_figure(search.cells, search.least, study.question.slo)))
    return path


def write_deployment(study: Study) -> list[Path]:
    """Write what people apply beside the answer, where a size to deploy was proven."""
    found = study.deployment
    if found is None or not found.holds or study.folder == EXAMPLE:
        return []
    given = found.row, study.trial.target, study.question, found.headroom
    texts = {
        deployment.COMPOSE_ENV: deployment.compose_env(*given),
        deployment.KUBERNETES_YAML: deployment.kubernetes_yaml(
            *given, study.trial.image_digest, scales_by_cpu=study.carrying == 1
        ),
    }
    for name, text in texts.items():
        (study.folder / name).write_text(text)
    return [study.folder / name for name in texts]
