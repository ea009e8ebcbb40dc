"""Question and answer in one glance: of one trial, and of a whole study."""

from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Evidence, Judgement, Row
from loadtests.analysis.recommend import fails_below, fewer_replicas_fail, outweighed, violations
from loadtests.analysis.summary import Judged, measure_row, summarise
from loadtests.question import Question, Setting, Workload
from loadtests.record import HostReport, NodeReport
from loadtests.report.markup import Fragment
from loadtests.report.page import answer_card
from loadtests.report.plots.trial import trial_message
from loadtests.verdicts import Verdict

NEIGHBOURS = "Nearest settings that fail"
DOUBTS = "What speaks against it"
ONE_REPLICA = "Why one replica does not hold"
DEPLOY = "With headroom"
LIMITS = "Limits of validity"
CHECKS = "Noted by the checks"


def trial_card(evidence: Evidence, judgement: Judgement) -> Fragment:
    """Say what was asked of one trial, what it shows, how sure that is, and what was noted."""
    sentence, measured = trial_message(evidence, judgement)
    trial, row = evidence.trial, measure_row(evidence, judgement)
    noted = [f"{check.name}: {check.seen}" for check in judgement.checks if not check.ok]
    return answer_card(
        f"{sentence}.",
        judgement.verdict,
        {"p95": _measured(row, formats.milliseconds(row.p95_ms)), **_use(row)},
        measured,
        asked_of(trial.question, trial.host, trial.nodes),
        {CHECKS: noted},
    )


def study_card(
    rows: Sequence[Row],
    least: Row | None,
    trials: Sequence[Judged],
    question: Question,
    host: HostReport,
    prices: Prices,
    doubts: Sequence[str] = (),
    to_deploy: Sequence[str] = (),
    reliability: str = "",
    one_replica: Sequence[str] = (),
) -> Fragment:
    """Say what was asked, the least setting that holds, what fails just below, and how far it goes.

    `trials` are all of the least setting's, a repeat of the answer included; `to_deploy` says what
    to deploy, `reliability` in one line how reliably the least setting holds, `one_replica` why no
    size of a single one does. The badge is what all those trials together say, which may be less
    than what the setting was chosen by.
    """
    nodes = next((evidence.trial.nodes for evidence, _ in trials), ())
    asked, users = asked_of(question, host, nodes), question.workload.label
    unsure = [_unsure(row) for row in rows if not row.verdict.decides]
    cheaper = [f"{formats.outweighed(row)}." for row in outweighed(rows, least, prices)]
    against = [*doubts, *_contradictions(rows), *cheaper, *unsure]
    if least is None:
        return answer_card(
            f"No setting that was measured holds {users}.",
            None,
            {},
            f"{formats.count(len(rows), 'setting')} tried.",
            asked,
            {ONE_REPLICA: one_replica, DOUBTS: against},
        )
    valid = [measure_row(*each) for each in trials if each[1].verdict is not Verdict.INVALID]
    below = fails_below(rows, least)
    failing = dict.fromkeys((*below.values(), fewer_replicas_fail(rows, least)))
    cost = f"{prices.per_hour(least.setting):.4f} {prices.currency}"
    more = any(row.trials[0] not in least.trials for row in valid)
    together = summarise(least.setting, trials).verdict if more else least.verdict
    return answer_card(
        _answer(least.setting, users, together),
        together,
        {_p95_name(valid): _p95_range(valid, least), **_use(least), "cost per hour": cost},
        _certainty(least, valid),
        asked,
        {
            ONE_REPLICA: one_replica,
            DEPLOY: to_deploy,
            NEIGHBOURS: [_failing(row) for row in failing if row is not None],
            DOUBTS: against,
            LIMITS: _limits(least.setting, below, question.workload, nodes),
        },
        reliability,
    )


def asked_of(
    question: Question, host: HostReport, nodes: Sequence[NodeReport] = ()
) -> dict[str, str]:
    """Return the question, a value with its unit under each name, and what it was asked on."""
    machines = _machines(nodes)
    where = "one machine" if machines == 1 else f"{machines} machines of a Swarm, each"
    return {
        **_load(question.workload),
        "SLO": formats.slo(question.slo),
        "measured on": f"load generator and service on {where} of {host.cpus} cores "
        f"({host.cpu_model})",
    }


def _machines(nodes: Sequence[NodeReport]) -> int:
    """Return how many machines there were: that of the load generator, and those of other nodes."""
    return 1 + sum(not node.is_here for node in nodes)


def _load(workload: Workload) -> dict[str, str]:
    if workload.is_open:
        return {
            "arrivals": f"{workload.label}, {workload.arrivals}, whoever still waits",
            "users to send them": f"{workload.users:,}",
        }
    low_s, high_s = workload.think_time_s
    return {
        "users": f"{workload.users:,}, arriving at {workload.spawn_rate:g}/s",
        "think time": f"{low_s:g} to {high_s:g} s",
        "implied throughput": f"{workload.expected_rps():,.0f} requests/s",
    }


def _answer(least: Setting, users: str, together: Verdict) -> str:
    """Say what the least setting is, or that its trials together do not say that it holds."""
    if together is Verdict.HOLDS:
        return f"{least.label} is the least measured setting that holds {users}."
    said = f"{least.label} is the least setting that was found to hold {users}"
    return f"{said}, but over all its trials it {formats.says(together)}."


def _certainty(least: Row, valid: Sequence[Row]) -> str:
    """Say on how many trials the answer stands, and how far their p95 lie apart."""
    more = len(valid) - sum(row.trials[0] in least.trials for row in valid)
    held = sum(row.verdict is Verdict.HOLDS for row in valid)
    p95 = formats.p95_with_range(least)
    said = f"{formats.supported(least).capitalize()}: p95 {p95} of the steady state."
    if more:
        said += f" Measured once more for the noise: {held} of {len(valid)} trials hold."
    elif len(valid) > 1:
        said += f" {held} of {len(valid)} trials hold."
    return said + _others(valid)


def _others(valid: Sequence[Row]) -> str:
    """Say what those of several trials are that do not hold."""
    verdicts = [row.verdict for row in valid]
    other = [
        f"{verdicts.count(verdict)} {formats.says(verdict)}"
        for verdict in (Verdict.FAILS, Verdict.UNDECIDED)
        if verdict in verdicts and len(valid) > 1
    ]
    return f" Of the others {formats.listing(other)}." if other else ""


def _p95_name(valid: Sequence[Row]) -> str:
    return "p95" if len(valid) < 2 else f"p95, {len(valid)} trials"


def _p95_range(valid: Sequence[Row], least: Row) -> str:
    found = sorted(row.p95_ms for row in valid if row.p95_ms is not None)
    if len(found) < 2:
        return formats.latency(least.p95_ms, least)
    low, high = formats.milliseconds(found[0]), formats.milliseconds(found[-1])
    return high if low == high else f"{low.removesuffix(' ms')}-{high}"


def _use(row: Row) -> dict[str, str]:
    """Return errors and throughput, and what share of its limits a setting used."""
    setting, cpu, memory = row.setting, row.cpu_cores, row.memory_peak_mib
    of_cpu = None if cpu is None else cpu / setting.total_cpus
    of_memory = None if memory is None else memory / setting.memory_mib
    return {
        "error rate": formats.share(row.error_rate),
        "throughput": _measured(row, formats.quantity(row.rps, "/s")),
        "CPU limit used": _measured(row, formats.share(of_cpu)),
        "memory limit used": formats.share(of_memory),
    }


def _measured(row: Row, figure: str) -> str:
    """Return a figure of the steady state, or that there was none."""
    return formats.NOT_MEASURED if row.p95_ms is None else figure


def _failing(row: Row) -> str:
    stopped = "" if row.stopped_at_s is None else f", {formats.stopped(row.stopped_at_s)}"
    why = f", {formats.why(row)}" if row.cause else ""
    return f"{row.setting.label} fails{why} ({formats.count(len(row.trials), 'trial')}{stopped})."


def _unsure(row: Row) -> str:
    said = f"{row.setting.label} is {row.verdict}"
    if row.reliability is None:
        return f"{said}."
    return f"{said}; by all trials it is expected to hold in {row.reliability:.0%}."


def _contradictions(rows: Sequence[Row]) -> list[str]:
    return [
        f"{pair.smaller.setting.label} holds while the larger {pair.larger.setting.label} fails."
        for pair in violations(rows)
    ]


def _limits(
    at: Setting, below: dict[str, Row | None], workload: Workload, nodes: Sequence[NodeReport]
) -> list[str]:
    """Say three limits of validity: the machines, the grid's steps, the kind of workload."""
    machines = _machines(nodes)
    cpus, memory, steps = below["cpus"], below["memory_mib"], []
    if cpus is not None:
        steps.append(f"{1 - cpus.setting.cpus / at.cpus:.0%} less CPU")
    if memory is not None:
        steps.append(f"{1 - memory.setting.memory_mib / at.memory_mib:.0%} less memory")
    grid = (
        f"Steps: the nearest that fail have {formats.listing(steps)}; what lies between was not "
        "measured."
        if steps
        else "No smaller setting was measured to fail: less may do."
    )
    return [
        "One machine: generator and service share its CPUs, and no network lies between them."
        if machines == 1
        else f"{machines} machines: latencies have what the network between them takes, and where "
        "load comes from a machine that has replicas they share its CPUs.",
        grid,
        "Open workload: requests come whoever still waits for an answer; those who would give up "
        "and ask again are not added."
        if workload.is_open
        else "Closed workload: users wait for an answer before they ask again, so a slow service "
        "is asked less. An open workload of the same throughput may take more.",
    ]
