"""306 trials that never ran, of a known truth and disturbance, through the whole judgement."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from scipy import stats

from loadtests.analysis.error_rate import error_interval
from loadtests.analysis.evidence import Judgement
from loadtests.analysis.intervals import CONFIDENCE
from loadtests.analysis.judge import judge
from loadtests.analysis.pooling import combine
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.truth.synthetic.disturbances import OUTSIDE
from tests.truth.synthetic.plan import GROUP, Planned, planned
from tests.truth.synthetic.speeds import SPEEDS
from tests.truth.synthetic.truths import TRUTHS, Truth
from tests.truth.synthetic.unsteady import WITHIN

HOLDS, FAILS, INVALID = Verdict.HOLDS, Verdict.FAILS, Verdict.INVALID
# Of a two-sided interval one side alone makes a verdict wrong. More wrong verdicts than this come
# by chance in 1 of 100 such runs.
ONE_SIDE, CHANCE = (1 - CONFIDENCE) / 2, 0.99


@dataclass(frozen=True)
class Judged:
    """A planned trial and what was said of it."""

    planned: Planned
    judgement: Judgement
    errors_below: float  # the error rate that it has shown at most

    @property
    def truth(self) -> Truth:
        """The truth that it is of."""
        return self.planned.truth


@pytest.fixture(scope="module")
def trials() -> list[Judged]:
    """All trials, judged."""
    found = []
    for plan in planned():
        evidence = plan.make()
        found.append(Judged(plan, judge(evidence), error_interval(evidence).high))
    return found


def is_wrong(truth: Truth, verdict: Verdict) -> bool:
    """Say whether a verdict is the other one."""
    return verdict is (FAILS if truth.healthy else HOLDS)


def contradicts(trial: Judged) -> bool:
    """Say whether a trial is said to be what it is not.

    With more failures than may be, yet not in the sample, a trial holds and says how few failures
    that has shown: it is wrong only where there are more than it says.
    """
    said = any(" which shows an error rate below " in r for r in trial.judgement.reasons)
    excused = said and trial.planned.world.service.error_share <= trial.errors_below
    return is_wrong(trial.truth, trial.judgement.verdict) and not excused


def counted(verdicts: Iterable[Verdict]) -> str:
    """Write "12 trials: 9 holds, 3 undecided"."""
    counts = Counter(verdicts)
    several = f"{sum(counts.values())} trial{'s' if sum(counts.values()) > 1 else ''}"
    return f"{several}: " + ", ".join(f"{counts[v]} {v.value}" for v in Verdict if v in counts)


def chance_explains(wrong: int, trials: int) -> bool:
    """Say whether so many wrong verdicts near the edge are as few as the interval promises."""
    return wrong <= int(stats.binom.ppf(CHANCE, trials, ONE_SIDE))


def test_there_are_two_hundred_trials_of_every_truth_under_every_disturbance(trials):
    cases = {(t.truth.name, t.planned.disturbance) for t in trials}
    kinds = {*OUTSIDE, *WITHIN, *SPEEDS}
    assert len(trials) >= 200
    assert {(truth.name, kind) for truth in TRUTHS for kind in kinds} <= cases


def test_the_same_seed_makes_the_same_trial():
    first, again = (next(iter(planned())).make() for _ in range(2))
    assert first.requests.equals(again.requests)
    assert first.trial == again.trial


def test_no_trial_far_from_the_edge_is_said_to_be_what_it_is_not(trials):
    """Whatever disturbed it."""
    cases: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for trial in trials:
        cases[trial.truth.name, trial.planned.disturbance].append(trial)
    for (truth, disturbance), mine in cases.items():
        wrong = sum(map(contradicts, mine))
        right = not wrong or (mine[0].truth.near and chance_explains(wrong, len(mine)))
        said = counted(trial.judgement.verdict for trial in mine)
        log_case("synthetic", truth, disturbance, said, right)
    wrong = [t for t in trials if contradicts(t) and not t.truth.near]
    assert not wrong, [(t.planned, t.judgement.reasons) for t in wrong]


@pytest.mark.parametrize("truth", [t for t in TRUTHS if t.near], ids=lambda truth: truth.name)
def test_near_the_edge_no_more_are_wrong_than_the_interval_promises(trials, truth):
    """Of each truth together, whatever disturbed it."""
    mine = [trial for trial in trials if trial.truth == truth]
    wrong = [trial for trial in mine if contradicts(trial)]
    right = chance_explains(len(wrong), len(mine))
    verdicts = counted(trial.judgement.verdict for trial in mine)
    log_case("synthetic", truth.name, "all of these", f"{verdicts}; {len(wrong)} wrong", right)
    assert right, [(t.planned, t.judgement.reasons) for t in wrong]


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_three_trials_together_are_not_wrong_either(trials, truth):
    """One service under three disturbances at a time, as repeats of a setting are pooled."""
    groups: dict[int, list[Judged]] = defaultdict(list)
    for trial in trials:
        if trial.truth == truth:
            groups[trial.planned.group].append(trial)
    pooled = {group: pool(mine) for group, mine in groups.items()}
    wrong = [
        group
        for group, mine in groups.items()
        if is_wrong(truth, pooled[group]) and not any(_excuses(trial) for trial in mine)
    ]
    right = chance_explains(len(wrong), len(groups)) if truth.near else not wrong
    said = counted(pooled.values()).replace("trial", "group")
    log_case("synthetic", truth.name, f"any, {GROUP} trials pooled", said, right)
    assert right, [(t.planned, t.judgement) for group in wrong for t in groups[group]]


def _excuses(trial: Judged) -> bool:
    """Say whether a trial holds wrongly and says itself that it has not shown enough."""
    return is_wrong(trial.truth, trial.judgement.verdict) and not contradicts(trial)


def pool(trials: list[Judged]) -> Verdict:
    """Return the verdict of several trials, as a row of them has it."""
    usable = [t.judgement for t in trials if t.judgement.verdict is not INVALID]
    return combine(usable, trials[0].planned.world.question.slo)[0] if usable else INVALID


def test_a_verdict_is_dared_where_nothing_disturbed_a_trial(trials):
    """Who is never sure is never wrong. Near the edge most trials are rightly undecided."""
    calm = [trial for trial in trials if trial.planned.disturbance == "nothing"]
    for truth in TRUTHS:
        dared = [t.judgement.verdict.decides for t in calm if t.truth == truth]
        said = f"a verdict in {sum(dared)} of {len(dared)}"
        right = truth.near or sum(dared) > len(dared) / 2
        log_case("synthetic", truth.name, "nothing: how often is a verdict dared?", said, right)
    far = [trial for trial in calm if not trial.truth.near]
    shy = [trial for trial in far if not trial.judgement.verdict.decides]
    assert len(shy) <= 0.2 * len(far), [(t.planned, t.judgement.reasons) for t in shy]


def test_without_the_check_of_speed_some_trials_would_be_said_to_be_what_they_are_not(trials):
    """Slow services hold on a faster CPU, by their own figures; else it would be no disturbance."""
    fooled = [
        trial
        for trial in trials
        if trial.planned.disturbance in SPEEDS
        and is_wrong(trial.truth, trial.judgement.at_its_speed)
    ]
    far = [trial for trial in fooled if not trial.truth.near]
    assert far
    assert not any(is_wrong(trial.truth, trial.judgement.verdict) for trial in far)
