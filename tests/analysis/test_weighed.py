"""Nothing that is said of a search contradicts what it measured without naming it."""

from functools import lru_cache

import pytest

from loadtests.analysis.answer import SearchEnd
from loadtests.analysis.binding import binding
from loadtests.analysis.cost import Prices
from loadtests.analysis.edge import edge
from loadtests.analysis.evidence import CauseName, Row
from loadtests.analysis.frontier import Unknown
from loadtests.analysis.reliability_line import AnswerReliability, against_band
from loadtests.analysis.weighed import Weighed
from loadtests.comparison.problem import SearchRun
from loadtests.comparison.simulated import draw_service
from loadtests.question import Question, rank
from loadtests.report.cards import study_card
from loadtests.report.conclusions import conclusions
from loadtests.report.plots.frontier import frontier_figure, frontier_figure_alt
from loadtests.search.budget import Budget
from loadtests.search.confirm import decide, is_proven
from loadtests.search.reliability import Goal, Reliability
from loadtests.verdicts import Finding, Verdict
from tests.analysis.claims import cheaper_that_hold, own_verdicts, wrong_claims
from tests.analysis.records import HOST, row

PRICES, QUESTION = Prices(), Question()
COST = PRICES.per_hour
# Of the usual luck and of twice as much, on a CPU whose speed drifts and on one of even speed.
LUCK = ((1.0, 1.0), (2.0, 1.0), (2.0, 0.0))
# In the last a setting stays in doubt that costs more than the answer, and with it what is smaller.
SERVICES = [*((seed, *luck) for luck in LUCK for seed in range(12)), (182, 2.0, 1.0)]
USUAL = Budget()
FEW = Budget(trials=5)  # many searches end with their answer open


class Searched:
    """A search of a simulated service, with what was told while it went on."""

    def __init__(self, seed: int, noise: float, drift: float, budget: Budget) -> None:
        self.run = SearchRun(draw_service(seed, noise, drift), reads_speed=True)
        forecast = self.run.screening()
        self.told: list[tuple[str, dict]] = []
        while True:
            findings = tuple(self.run.findings)
            decision = decide(self.run.space, findings, forecast, COST, budget, Goal())
            self.told.append((decision.why, own_verdicts(findings)))
            if decision.ask is None:
                break
            self.run.measure(decision.ask, decision.is_long)
        says = Reliability(self.run.space, tuple(self.run.findings), Goal(), forecast)
        self.weighed = Weighed(says, tuple(own_rows(self.run.findings)), PRICES)
        proven = not decision.is_cut_short and is_proven(says, COST)
        self.ended = SearchEnd(proven, decision.why)

    @property
    def line(self) -> str:
        """The first screen's line."""
        weighed, slo = self.weighed, QUESTION.slo
        return AnswerReliability(
            weighed.band,
            edge(weighed.least, weighed.rows, slo),
            binding(weighed.least, weighed.rows, slo),
            self.ended,
            True,
            against_band(weighed.band, weighed.rows),
        ).line


def own_rows(findings: list[Finding]) -> list[Row]:
    """A row for each setting, as its own trials have it."""
    times = {s: sum(f.setting == s for f in findings) for s in own_verdicts(findings)}
    return [
        row(
            finding.setting.cpus,
            finding.setting.memory_mib,
            verdict=finding.verdict,
            p95_ms=20.0 if finding.verdict is Verdict.HOLDS else 900.0,
            cause=_cause(finding),
            speed=finding.speed,
            trials=tuple(f"{finding.setting.label}-{n}" for n in range(times[finding.setting])),
        )
        for finding in {finding.setting: finding for finding in findings}.values()
    ]


def _cause(finding: Finding) -> CauseName | None:
    if finding.verdict is not Verdict.FAILS:
        return None
    return CauseName.OUT_OF_MEMORY if finding.oom_killed else CauseName.CPU_THROTTLED


@lru_cache
def searched(seed: int, noise: float, drift: float, budget: Budget = USUAL) -> Searched:
    """Search once; every test looks at the same."""
    return Searched(seed, noise, drift, budget)


@pytest.fixture(params=[(*s, b) for s in SERVICES for b in (USUAL, FEW)], ids=str)
def found(request):
    return searched(*request.param)


def test_the_log_says_of_settings_only_what_was_measured_by_then(found):
    wrong = [claim for why, by_then in found.told for claim in wrong_claims(why, by_then)]
    assert not wrong


def test_the_conclusions_say_of_settings_only_what_the_table_says(found):
    rows = found.weighed.rows
    shown = {row.setting: row.verdict for row in rows}
    said = conclusions(rows, PRICES, QUESTION)
    assert not wrong_claims(" ".join(said), shown)
    for cheaper in cheaper_that_hold(rows, found.weighed):
        named = [s for s in said if cheaper.setting.label in s and "not shown to hold often" in s]
        assert named, f"{cheaper.setting.label} holds and costs less"


def test_the_first_screen_names_whatever_holds_and_costs_less(found):
    weighed = found.weighed
    card = study_card(weighed.rows, weighed.least, [], QUESTION, HOST, PRICES).data
    for cheaper in cheaper_that_hold(weighed.rows, weighed):
        assert cheaper.setting.label in card
    assert not wrong_claims(card, {row.setting: row.verdict for row in weighed.rows})


def test_the_line_names_every_row_that_says_otherwise_than_the_band(found):
    weighed = found.weighed
    if weighed.least is None:
        assert weighed.band is None
        return
    band = weighed.band
    for each in weighed.rows:
        if each.verdict is Verdict.HOLDS and each.setting.cpus <= (band.fails_to_cpus or 0):
            assert f"{each.setting.label} h" in found.line, "held, or holds"
    assert "for sure" not in found.line
    assert not wrong_claims(found.line, {row.setting: row.verdict for row in weighed.rows})


def test_the_map_shows_every_row_as_the_table_has_it(found):
    weighed = found.weighed
    cells = {cell.setting: cell for cell in weighed.cells}
    for each in weighed.rows:
        cell = cells[each.setting]
        assert cell.row == each
        assert cell.verdict is each.verdict or not each.verdict.decides
    alt = frontier_figure_alt(weighed.cells, weighed.least, QUESTION.slo)
    assert not wrong_claims(alt, {row.setting: row.verdict for row in weighed.rows})


def test_what_the_map_calls_needless_costs_more_than_the_answer(found):
    least = found.weighed.least
    blank = [cell for cell in found.weighed.cells if cell.is_blank]
    for cell in blank:
        if cell.unknown is Unknown.NOT_NEEDED:
            assert least is not None
            assert rank(cell.setting, COST) > rank(least.setting, COST)


def test_nothing_cheaper_is_left_open_on_the_map_where_the_search_says_so(found):
    is_open = any(c.is_blank and c.unknown is Unknown.OPEN for c in found.weighed.cells)
    said = "every cheaper setting" in found.ended.why
    assert not (said and is_open)
    assert not (found.ended.proven and is_open)
    assert found.ended.proven or not said, "what is not proven is not said to be"


def test_what_is_inferred_on_the_map_contradicts_no_row(found):
    for cell in found.weighed.cells:
        if not cell.is_inferred:
            continue
        for each in found.weighed.rows:
            if cell.verdict is Verdict.HOLDS and each.verdict is Verdict.FAILS:
                assert not each.setting.grants_at_least(cell.setting)
            if cell.verdict is Verdict.FAILS and each.verdict is Verdict.HOLDS:
                assert not cell.setting.grants_at_least(each.setting)


def test_such_searches_have_what_is_hard_to_tell():
    """Else the tests above would pass without looking at anything."""
    all_found = [searched(*s, b) for s in SERVICES for b in (USUAL, FEW)]
    weighed = [each.weighed for each in all_found]
    assert any(cheaper_that_hold(each.rows, each) for each in weighed)
    assert any(each.least and against_band(each.band, each.rows) for each in weighed)
    states = {cell.unknown for each in weighed for cell in each.cells if cell.is_blank}
    assert {Unknown.TOO_SELDOM, Unknown.OPEN, Unknown.NOT_NEEDED} <= states
    assert any(cell.is_outweighed for each in weighed for cell in each.cells)
    assert any("every cheaper setting" in each.ended.why for each in all_found)


def test_a_map_can_be_drawn_of_every_such_search():
    for seed in range(3):
        weighed = searched(seed, 2.0, 1.0).weighed
        assert frontier_figure(weighed.cells, weighed.least, QUESTION.slo)
