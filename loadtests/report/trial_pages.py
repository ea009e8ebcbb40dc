"""Trial by trial: each folded under its setting and verdict, of very many only the telling ones."""

from collections.abc import Collection, Sequence

from loadtests.analysis.endpoints import are_several
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.nearest import nearest
from loadtests.analysis.summary import Judged, measure_row
from loadtests.question import SLO, Setting
from loadtests.report import checks, figures
from loadtests.report.endpoint_table import by_endpoint
from loadtests.report.markup import Fragment, raw
from loadtests.report.page import details, note

# Of 100 to 200 kB each, so that a browser opens the page at once.
MOST = 40
_LEFT_OUT = (
    "Drawn are {drawn} of {every} trials: what is recommended, and what is nearest to the edge. Of "
    "the others `make trials` writes a row each into trials.parquet, and notebook "
    "02_measure_setting draws any one of them, without measuring its setting again."
)


def pages(trials: Sequence[Judged], first: Collection[Setting] = ()) -> Fragment:
    """Return the figure of each trial, and what was noted of it.

    Of more than MOST those of the settings in `first`, and those nearest to the edge.
    """
    slo = trials[0][0].trial.question.slo if trials else SLO()
    places = nearest([measure_row(*each) for each in trials], slo, MOST, first)
    shown = [_page(*trials[place]) for place in places]
    if len(shown) < len(trials):
        shown.append(note(_LEFT_OUT.format(drawn=len(shown), every=len(trials))))
    return raw("\n".join(str(page.data) for page in shown))


def _page(evidence: Evidence, judgement: Judgement) -> Fragment:
    endpoints = by_endpoint(evidence, judgement).data if are_several(evidence) else ""
    drawn = figures.trial_page(evidence, judgement).data
    noted = checks.tripped(judgement).data
    title = f"{evidence.trial.setting.label}: {judgement.verdict}"
    return details(title, raw(f"{drawn}{endpoints}{noted}"))
