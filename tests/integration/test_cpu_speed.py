"""Real trials on a CPU that is slower or faster than the reference speed: what is said of them.

It is the reference that is set, so that the CPU is so much slower or faster whatever it does today.
"""

from dataclasses import replace

import pytest

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.speed import work_us
from loadtests.bench.trial import run_trial
from loadtests.question import Setting
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.benches import ignore
from tests.integration.faults import asking
from tests.integration.own_image import built
from tests.integration.test_faults import HARD_WORK

pytestmark = [pytest.mark.docker, pytest.mark.alone]

# 100 users who think for a second, and 4 ms of CPU a request: 0.27 cores within the SLO's half a
# second, 0.4 at once.
USERS = 100
TOO_LITTLE, ENOUGH = Setting(0.2, 300), Setting(1, 300)
# Of the gauge, in microseconds of CPU: far less and far more than a piece of work takes any CPU.
QUICK_US, SLOW_US = 60.0, 6_000.0


@pytest.fixture(scope="module")
def image(client, tmp_path_factory):
    """The image of a service that needs much CPU."""
    with built(client, tmp_path_factory.mktemp("hard"), HARD_WORK) as name:
        yield name


@pytest.fixture
def measured(bench, image):
    """Measure a setting at a reference speed until it is decided by its own figures; judge it."""

    def measure(setting, reference_us):
        here = replace(asking(bench(image=image), users=USERS), reference_us=reference_us)
        for repeat in range(TRIALS_PER_SETTING):
            evidence = Evidence.read(run_trial(here, setting, repeat, ignore))
            assert work_us(evidence), "the load had no gauge"
            if (judgement := judge(evidence)).at_its_speed.decides:
                break
        return judgement

    return measure


def told(judgement):
    """Write what came out, the verdict by its own figures beside it."""
    return f"{judgement.verdict}: {judgement.reasons[0]} (by itself {judgement.at_its_speed})"


def test_a_setting_does_not_fail_for_a_cpu_that_was_slower(measured):
    judgement = measured(TOO_LITTLE, QUICK_US)
    right = (judgement.verdict, judgement.at_its_speed) == (Verdict.UNDECIDED, Verdict.FAILS)
    right = right and "times the work a second that it does at the reference" in told(judgement)
    what = f"too little CPU, at a reference speed of {QUICK_US:g} us for the gauge's work"
    log_case("fault", "slower CPU", what, told(judgement), right)
    assert right, told(judgement)


def test_a_setting_that_is_near_its_edge_does_not_hold_for_a_cpu_that_was_faster(measured):
    judgement = measured(ENOUGH, SLOW_US)
    right = (judgement.verdict, judgement.at_its_speed) == (Verdict.UNDECIDED, Verdict.HOLDS)
    right = right and "at which the service needs" in told(judgement)
    what = f"enough CPU, at a reference speed of {SLOW_US:,.0f} us for the gauge's work"
    log_case("fault", "faster CPU", what, told(judgement), right)
    assert right, told(judgement)
