"""Where the ample level failed the ample setting is measured first, and may settle all."""

from loadtests.question import SLO, Setting
from loadtests.search.ample_first import ample_first
from loadtests.search.budget import Budget
from loadtests.search.confirm import decide
from loadtests.search.reliability import Goal
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Forecast, Verdict
from tests.search.services import level

SPACE = Space((0.5, 1.0, 2.0), (100, 200, 400))
AMPLE = Setting(2.0, 400)


def test_an_ample_level_that_failed_asks_for_the_ample_setting_once():
    asked = ample_first(SPACE, [level(2.0, passes=False)], [], SLO())
    assert asked.ask == AMPLE
    assert "2 CPU / 400 MiB, the largest there is, did not meet the SLO" in asked.why
    found = Finding(AMPLE, Verdict.FAILS)
    assert ample_first(SPACE, [level(2.0, passes=False)], [found], SLO()) is None


def test_an_ample_level_that_passed_leaves_the_search_its_forecast():
    assert ample_first(SPACE, [level(2.0, passes=True)], [], SLO()) is None


def test_a_staircase_without_a_level_asks_for_it_too():
    """The ample setting did not survive its ramp-up."""
    assert ample_first(SPACE, [], [], SLO()).ask == AMPLE


def test_if_it_fails_nothing_else_is_measured():
    """One trial, where walking through the steps of CPU would take one for each."""
    failed = Finding(AMPLE, Verdict.FAILS, slow_share=0.9, cpu_used=0.02)
    cost = lambda setting: setting.cpus + setting.memory_mib / 10_000  # noqa: E731
    given = Forecast(2.0, 80.0), cost, Budget(12, 30), Goal()
    assert decide(SPACE, [failed], *given).ask is None
