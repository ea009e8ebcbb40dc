"""The answer in one glance: of one trial, and of a whole study."""

from collections.abc import Iterable, Sequence

from loadtests.analysis import formats
from loadtests.analysis.cost import Prices
from loadtests.analysis.evidence import Evidence, Judgement, Row
from loadtests.analysis.recommend import fails_below, fewer_replicas_fail
from loadtests.analysis.summary import measure_row
from loadtests.question import Question
from loadtests.report import figures, tables
from loadtests.report.conclusions import p95_with_range
from loadtests.report.markup import Fragment, raw
from loadtests.report.page import answer_card, details
from loadtests.report.plots.trial import trial_message


def trial_card(evidence: Evidence, judgement: Judgement) -> Fragment:
    """Say what one trial shows, how sure that is, and what was noted."""
    sentence, measured = trial_message(evidence, judgement)
    row = measure_row(evidence, judgement)
    noted = [f"{check.name}: {check.seen}" for check in judgement.checks if not check.ok]
    return answer_card(f"{sentence}.", judgement.verdict, _key_figures(row), measured, noted)


def study_card(
    rows: Sequence[Row],
    least: Row | None,
    question: Question,
    prices: Prices,
    doubts: Sequence[str] = (),
) -> Fragment:
    """Say the least setting that holds, what it costs, what fails just below it, and the doubts."""
    users = f"{question.workload.users:,} users"
    asked = (
        f"{users}, arriving at {question.workload.spawn_rate:g}/s and thinking "
        f"{question.workload.think_time_s[0]:g} to {question.workload.think_time_s[1]:g} s"
    )
    if least is None:
        tried = f"{formats.count(len(rows), 'setting')} tried."
        return answer_card(f"No setting that was measured holds {users}.", None, {}, tried, doubts)
    cost = {"cost per hour": f"{prices.per_hour(least.setting):.4f} {prices.currency}"}
    below = (*fails_below(rows, least).values(), fewer_replicas_fail(rows, least))
    proof = [
        f"{row.setting.label} fails: {formats.cause(row.cause)}"
        for row in dict.fromkeys(below)
        if row is not None
    ]
    certainty = f"Shown by {_trials(least)} with {asked}: p95 {p95_with_range(least)}."
    sentence = f"{least.setting.label} is the least measured setting that holds {users}."
    unsure = [row for row in rows if not row.verdict.decides]
    notes = [*doubts, *proof, *(f"{row.setting.label} is {row.verdict}" for row in unsure)]
    return answer_card(sentence, least.verdict, _key_figures(least) | cost, certainty, notes)


def _key_figures(row: Row) -> dict[str, str]:
    return {
        "p95": formats.milliseconds(row.p95_ms),
        "failures": formats.share(row.error_rate),
        "requests/s": formats.quantity(row.rps, ""),
        "CPU used": formats.quantity(row.cpu_cores, "cores", 2),
        "memory peak": formats.quantity(row.memory_peak_mib, "MiB"),
    }


def _trials(row: Row) -> str:
    count = len(row.trials)
    return "one trial" if count == 1 else f"{count} trials"


def trial_pages(trials: Iterable[tuple[Evidence, Judgement]]) -> Fragment:
    """Return each trial folded under its setting and verdict: its figure and its checks."""
    pages = [
        details(
            f"{evidence.trial.setting.label}: {judgement.verdict}",
            raw(
                f"{figures.trial_page(evidence, judgement).data}"
                f"{tables.checks_table(judgement).data}"
            ),
        )
        for evidence, judgement in trials
    ]
    return raw("\n".join(str(page.data) for page in pages))
