"""How much a load may fall short of what it should have been, and what it should have been."""

import math
import re
from bisect import bisect_left
from statistics import mean

import pytest

from loadtests.analysis.delivery import delivered
from loadtests.question import Question, Workload
from tests.analysis.records import evidence, with_requests


def sent_and_implied(given):
    """Requests a second, as the check says them."""
    sent, implied = re.findall(r"([\d.,]+) (?:requests/s sent|implied)", delivered(given).seen)
    return float(sent.replace(",", "")), float(implied.replace(",", ""))


@pytest.mark.parametrize("answered_s", [16.0, 19.0, 22.0, 25.0, 28.0])
def test_users_who_all_think_alike_are_expected_to_send_what_they_send(answered_s):
    """All are answered at one moment before or in the window, which ends at 32 s; on average."""
    workload = Workload(users=1000, spawn_rate=100.0, steady_s=12.0)

    def stalled_ms(start_s, rng):
        return 5.0 + 1000 * (answered_s - start_s).clip(0.0)

    pairs = [
        sent_and_implied(evidence(question=Question(workload), latency=stalled_ms, seed=seed))
        for seed in range(12)
    ]
    sent, implied = (mean(part) for part in zip(*pairs, strict=True))
    assert implied == pytest.approx(sent, abs=2.0), "of a hundred a second"


def test_a_load_may_fall_short_by_one_percent_and_three_times_what_chance_explains():
    """Of 3,000 requests of a thousand users in three cycles: 30, and three times 20.4."""
    given = evidence()
    in_steady_state = given.requests.index[given.requests["start_s"] >= 20.0]

    def lacking(count):
        return with_requests(given, given.requests.drop(in_steady_state[100 : 100 + count]))

    trips_at = bisect_left(range(300), True, key=lambda count: not delivered(lacking(count)).ok)
    sent, implied = sent_and_implied(lacking(trips_at))
    chance = math.sqrt(1000 * (1 / 12 * 3 + 1 / 6))
    assert 30 * (implied - sent) == pytest.approx(30 + 3 * chance, abs=4.0)


def test_a_load_whose_users_fell_silent_before_the_steady_state_sent_nothing_of_it():
    given = evidence()
    silent = with_requests(given, given.requests[given.requests["start_s"] < 15.0])
    found = delivered(silent)
    assert (found.name, found.ok) == ("delivered", False)
    assert sent_and_implied(silent)[0] == 0.0
