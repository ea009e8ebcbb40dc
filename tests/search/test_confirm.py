"""Repeats after a search: which, how many, and what is said of the answer then."""

import math

import numpy as np
import pytest

from loadtests.question import Setting
from loadtests.search.budget import Budget
from loadtests.search.confirm import LONG_AT_MOST, answer, believed, decide, is_proven
from loadtests.search.confirm import concluded as concluded_by
from loadtests.search.knowledge import TRIALS_PER_SETTING, Knowledge
from loadtests.search.reliability import Goal, Reliability
from loadtests.verdicts import Finding, Forecast, Verdict
from tests.search.services import COST, PLENTY, SPACE, Service, needing

RIGHT, GOAL = Forecast(0.25, 190), Goal()


class Lucky:
    """A service of which every trial is a draw, most of all near its edge."""

    def __init__(self, cpus: float, memory_mib: float, width: float, seed: int) -> None:
        """Need so much, with luck of so much in log CPU."""
        self.need, self.width = needing(cpus, memory_mib), width
        self._rng = np.random.default_rng(seed)

    def chance(self, setting: Setting) -> float:
        """Return the true chance of a trial to hold."""
        if setting.memory_mib < self.need.memory_mib(setting.cpus):
            return 0.0
        return 1 / (1 + math.exp(-math.log(setting.cpus / self.need.cpus) / self.width))

    def measure(self, setting: Setting) -> Verdict:
        """Return the verdict of one more trial."""
        return Verdict.HOLDS if self._rng.random() < self.chance(setting) else Verdict.FAILS


def searched(service: Lucky | Service, budget: Budget = PLENTY, goal: Goal = GOAL):
    """Search to the end; return findings and decisions."""
    findings: list[Finding] = []
    decisions = []
    while True:
        decisions.append(decide(SPACE, findings, RIGHT, COST, budget, goal))
        ask = decisions[-1].ask
        if ask is None:
            return findings, decisions
        told = service.measure(ask)
        own = told if isinstance(told, Verdict) else told.verdict
        killed = not isinstance(told, Verdict) and told.oom_killed
        before = [f.trial_verdict for f in findings if f.setting == ask]
        agree = set(before) <= {own}
        verdict = own if agree else Verdict.UNDECIDED
        findings.append(
            Finding(ask, verdict, "", killed, 60.0, own=own, is_long=decisions[-1].is_long)
        )


def killed_at(setting: Setting) -> Finding:
    """A trial that was killed for memory."""
    return Finding(setting, Verdict.FAILS, "killed", oom_killed=True, load_s=20.0)


def concluded(findings):
    """Return what all trials say, and the answer."""
    known = Knowledge(SPACE, tuple(findings))
    says = Reliability(SPACE, known.findings, GOAL)
    return says, answer(says, COST)


def test_a_clear_answer_is_repeated_and_its_last_trial_is_long():
    findings, decisions = searched(needing(0.22, 185))
    says, least = concluded(findings)
    assert least == Setting(0.25, 200)
    assert findings[-1].is_long
    assert findings[-1].setting == least
    assert 1 <= sum(f.is_long for f in findings) <= LONG_AT_MOST
    assert says.is_enough(least)
    assert is_proven(says, COST)
    assert decisions[-1].why.startswith("0.25 CPU / 200 MiB is the least of these steps")
    assert "90% asked for" in decisions[-1].why


def test_it_takes_few_trials_where_luck_plays_no_part():
    for need in (0.11, 0.22, 0.35, 0.55):
        findings, _ = searched(needing(need, 185))
        assert len(findings) <= 12, need


def test_every_decision_is_told_in_a_sentence_or_two():
    _, decisions = searched(Lucky(0.24, 185, 0.06, seed=3))
    for decision in decisions:
        assert decision.why.endswith((".", "?"))
        if decision.ask is not None:
            assert decision.ask.label in decision.why


def test_a_search_taken_up_again_decides_as_if_it_had_never_stopped():
    findings, decisions = searched(Lucky(0.24, 185, 0.06, seed=4))
    for number, decision in enumerate(decisions):
        assert decide(SPACE, findings[:number], RIGHT, COST, PLENTY, GOAL) == decision


def test_what_a_fast_cpu_took_back_other_trials_give_again():
    """Each was voided, as it might not have held at the reference speed; together they tell."""
    at, below = Setting(0.3, 200), Setting(0.25, 200)
    fast = [
        Finding(at, Verdict.UNDECIDED, own=Verdict.HOLDS, speed=1.15, slow_share=0.0)
        for _ in range(2)
    ]
    held = [Finding(below, Verdict.HOLDS, own=Verdict.HOLDS, speed=1.1, slow_share=0.0)]
    failed = [Finding(Setting(0.2, 500), Verdict.FAILS)]
    says = Reliability(SPACE, (*fast, *held, *failed), GOAL)
    assert concluded_by(says).last[at].verdict is Verdict.HOLDS
    assert concluded_by(says).last[at].told == "is expected to hold", "no trial of its own says so"
    assert concluded_by(says).last[below].told == "held"
    assert believed(says).last[at].verdict is Verdict.HOLDS


def test_a_setting_of_which_a_replica_died_is_never_believed_to_hold():
    """However the others went: a crash is what a long trial is there to show."""
    at = Setting(0.3, 200)
    held = Finding(at, Verdict.HOLDS, own=Verdict.HOLDS, slow_share=0.0, cpu_used=0.5)
    died = Finding(at, Verdict.FAILS, own=Verdict.FAILS, died=True, is_long=True)
    says = Reliability(SPACE, (held, held, held, died), GOAL)
    assert believed(says).last[at].verdict is Verdict.FAILS
    assert concluded_by(says).last[at].verdict is Verdict.FAILS
    assert answer(says, COST) != at


def test_an_answer_that_no_long_trial_shows_to_be_reliable_is_given_up_for_a_larger_one():
    """Two long trials that hold by a hair."""
    at, larger = Setting(0.3, 200), Setting(0.4, 200)
    hair = [
        Finding(at, Verdict.HOLDS, slow_share=0.048, cpu_used=0.99, is_long=long)
        for long in (False, True, True)
    ]
    failed = [Finding(Setting(0.25, 500), Verdict.FAILS), killed_at(Setting(0.3, 150))]
    says = Reliability(SPACE, (*hair, *failed), GOAL)
    assert not says.is_enough(at)
    assert believed(says).last[at].verdict is Verdict.FAILS
    following = decide(SPACE, [*hair, *failed], RIGHT, COST, PLENTY, GOAL)
    assert following.ask is not None
    assert following.ask.cpus >= larger.cpus


def test_where_the_largest_hardly_holds_it_is_named_with_what_it_lacks():
    top = SPACE.ample
    findings = [
        Finding(top, Verdict.HOLDS, slow_share=0.049, cpu_used=0.99, is_long=long)
        for long in (False, True, True)
    ]
    end = decide(SPACE, findings, Forecast(1.0, 500), COST, PLENTY, GOAL)
    says = Reliability(SPACE, tuple(findings), GOAL, Forecast(1.0, 500))
    assert end.ask is None
    assert top.label in end.why
    assert "ask with larger steps" in end.why
    assert answer(says, COST) == top
    assert not is_proven(says, COST)


def test_a_disturbed_long_trial_is_made_again_and_not_for_ever():
    findings, _ = searched(needing(0.22, 185))
    least = findings[-1].setting
    invalid = [
        Finding(least, Verdict.HOLDS, own=Verdict.INVALID, is_long=True)
        for _ in range(TRIALS_PER_SETTING)
    ]
    short = [finding for finding in findings if not finding.is_long]
    once = decide(SPACE, [*short, invalid[0]], RIGHT, COST, PLENTY, GOAL)
    assert once.is_long
    assert decide(SPACE, [*short, *invalid], RIGHT, COST, PLENTY, GOAL).ask is None


def test_what_a_slow_cpu_took_back_is_never_called_failing():
    """It may be too little for what is asked; that it fails is not said of anybody's service."""
    at = Setting(0.3, 200)
    slow = tuple(
        Finding(at, Verdict.UNDECIDED, own=Verdict.FAILS, speed=0.95, slow_share=0.9)
        for _ in range(3)
    )
    says = Reliability(SPACE, slow, GOAL)
    assert believed(says).last[at].verdict is Verdict.FAILS, "the search looks elsewhere"
    assert concluded_by(says).last[at].verdict is Verdict.UNDECIDED


def test_of_what_is_only_believed_the_log_never_says_that_it_failed():
    """One held less often than asked, another's `fails` a slow CPU voided."""
    seldom = [
        Finding(Setting(0.25, 200), Verdict.HOLDS, slow_share=0.049, cpu_used=0.99, is_long=True)
        for _ in range(LONG_AT_MOST)
    ]
    voided = [
        Finding(Setting(0.25, 200), Verdict.UNDECIDED, own=Verdict.FAILS, speed=0.9, slow_share=0.9)
    ]
    for findings in (seldom, voided):
        following = decide(SPACE, findings, RIGHT, COST, PLENTY, GOAL)
        assert following.ask is not None
        assert "too little" not in following.why
        assert "failed" not in following.why
        assert "0.25 CPU / 200 MiB is expected to hold too seldom: try" in following.why


def test_of_two_that_contradict_each_other_by_belief_only_the_log_says_what_is_expected():
    """The larger held, though by a hair and twice in long trials; the smaller held with ease."""
    larger = [
        Finding(Setting(0.3, 300), Verdict.HOLDS, slow_share=0.049, cpu_used=0.99, is_long=True)
        for _ in range(LONG_AT_MOST)
    ]
    smaller = Finding(Setting(0.25, 200), Verdict.HOLDS, slow_share=0.0, cpu_used=0.5)
    following = decide(SPACE, [*larger, smaller], RIGHT, COST, PLENTY, GOAL)
    assert "0.25 CPU / 200 MiB held" in following.why
    assert "larger 0.3 CPU / 300 MiB is expected to hold too seldom" in following.why


def test_no_setting_is_repeated_for_ever():
    for seed in range(12):
        findings, _ = searched(Lucky(0.25, 185, 0.1, seed))
        for cell in {f.setting for f in findings}:
            assert sum(f.setting == cell and not f.is_long for f in findings) <= TRIALS_PER_SETTING


def test_candidate_and_neighbours_are_repeated_in_an_order_that_is_not_always_the_same():
    """A drift of the host would else meet one of them always first."""
    first = set()
    for seed in range(30):
        _, decisions = searched(Lucky(0.27, 185, 0.1, seed))
        repeats = [d.ask for d in decisions if d.ask and "asked for: trial" in d.why]
        first |= set(repeats[:1])
    assert len(first) > 1


def test_the_answer_holds_as_often_as_asked_and_nothing_in_truth_failing_is_answered():
    rng = np.random.default_rng(2)
    chances = []
    for seed in range(40):
        service = Lucky(math.exp(rng.uniform(math.log(0.12), math.log(0.5))), 185, 0.04, seed)
        least = concluded(searched(service)[0])[1]
        chances.append(service.chance(least))
    assert np.mean(chances) > 0.9
    assert sum(chance < 0.5 for chance in chances) <= 1


def test_a_spent_budget_says_how_reliable_the_answer_is_so_far():
    _, decisions = searched(Lucky(0.24, 185, 0.06, seed=3), Budget(trials=4))
    assert decisions[-1].ask is None
    assert "the budget of trials, 4, is spent" in decisions[-1].why


def test_a_search_that_needs_all_of_its_trials_still_gets_its_long_one():
    findings, _ = searched(needing(0.25, 180))
    needed = sum(not finding.is_long for finding in findings)
    findings, decisions = searched(needing(0.25, 180), Budget(trials=needed))
    assert findings[-1].is_long
    assert not decisions[-1].is_cut_short


def test_without_minutes_there_is_no_long_trial_and_the_search_says_so():
    findings, _ = searched(needing(0.25, 180))
    minutes = sum(finding.load_s for finding in findings if not finding.is_long) / 60
    findings, decisions = searched(needing(0.25, 180), Budget(load_minutes=minutes))
    assert not any(finding.is_long for finding in findings)
    assert decisions[-1].is_cut_short
    assert "the budget of minutes under load" in decisions[-1].why


def test_where_nothing_holds_nothing_is_repeated():
    findings, decisions = searched(needing(4, 50))
    assert len({f.setting for f in findings}) == len(findings)
    assert decisions[-1].why.startswith("No setting up to")


@pytest.mark.parametrize("reliability", [0.5, 0.8, 0.95])
def test_more_reliability_is_never_less_cpu(reliability):
    service = Lucky(0.24, 185, 0.06, seed=5)
    findings, _ = searched(service)
    known = Knowledge(SPACE, tuple(findings))
    least = answer(Reliability(SPACE, known.findings, Goal(reliability)), COST)
    most = answer(Reliability(SPACE, known.findings, Goal(0.98)), COST)
    assert least.cpus <= most.cpus
