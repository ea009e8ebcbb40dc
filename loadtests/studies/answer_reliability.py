"""How reliably a run's answer holds, from its search and all its rows."""

from dataclasses import replace

from loadtests.analysis.binding import binding
from loadtests.analysis.edge import edge
from loadtests.analysis.reliability_line import AnswerReliability, against_band
from loadtests.analysis.summary import Judged
from loadtests.question import Setting
from loadtests.search.reliability import Band
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.results import SettingResult, read_repeat
from loadtests.studies.search_result import SearchResult
from loadtests.studies.study import Study
from loadtests.studies.trial_runner import finding_of


def answer_reliability(study: Study) -> AnswerReliability | None:
    """Return how the least setting of a run holds, None where nothing does.

    The band is that of the search; several replicas that it did not ask about have none.
    """
    least, search, slo = study.minimum, study.search, study.question.slo
    if least is None:
        return None
    band = _band(study, least.setting)
    return AnswerReliability(
        band=band,
        edge=edge(least, study.rows, slo),
        binding=binding(least, study.rows, slo),
        ended=search.ended,
        at_reference=least.speed is not None,
        otherwise=() if band is None else against_band(band, study.rows),
    )


def _band(study: Study, answer: Setting) -> Band | None:
    """Return the band of the search; a trial made after its end to see the answer again counts."""
    search, least = study.search, study.search.least
    if search.axis is not None and answer.replicas > 1:
        return search.axis.rivals.says.band(answer) if answer == search.axis.best else None
    if search.ended is None or least is None or least.setting != answer:
        return None
    says, trials = search.reliability, study.answer_trials
    if len(trials) > len(least.trials):
        one_more = finding_of(SettingResult.of(least.setting, trials))
        says = replace(says, findings=(*says.findings, one_more))
    return says.band(least.setting)


def answer_trials(found: SearchResult, asked: Parameters) -> list[Judged]:
    """Return all trials of what a search came to, the one that was made to see it again included.

    Where the search itself repeated its answer these are its own; else they are read from the run,
    or from the example where that is what was found.
    """
    if found.repeated is not None:
        return [*found.repeated.earlier, found.repeated.more]
    keys = {key for row in found.rows for key in row.trials}
    for run in (asked.folder, EXAMPLE):
        repeat = read_repeat(run)
        if repeat is not None and keys & {seen.trial.key for seen, _ in repeat.earlier}:
            return [*repeat.earlier, repeat.more]
    return []
