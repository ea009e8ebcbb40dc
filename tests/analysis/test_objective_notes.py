"""What one user's calls tell of objectives by endpoint, before any load."""

from dataclasses import replace

import pytest

from loadtests.analysis.objective_notes import slow_alone
from loadtests.analysis.smoke_fault import fault
from loadtests.analysis.smoke_notes import notes
from loadtests.analysis.smoke_test import Endpoint
from loadtests.question import SLO, Objective
from tests.analysis.test_smoke_test import FINE, seen

RARE = Endpoint("/rare", {"ok": 4}, 900.0, 950.0, 20.0)
BROKEN = Endpoint("/rare", {"http_500": 3}, 3.0, 3.0, 20.0)
MANY = Endpoint("/items", {"ok": 20_000}, 5.0, 9.0, 120.0)


def asked(*objectives):
    return SLO(objectives=objectives)


def test_an_endpoint_too_slow_for_one_user_is_told_before_the_load():
    found = seen(FINE, RARE, slo=asked(Objective("/rare", 95, 300)))
    assert fault(found) is None, "slow is no fault: the service may have been cold"
    assert notes(found)[-1] == (
        "/rare took 900 ms in the median with one user already, where p95 ≤ 300 ms is asked: more "
        "users will hardly be answered faster."
    )


@pytest.mark.parametrize(
    ("objective", "rare", "what"),
    [
        (Objective("/rare", 95, 1000), RARE, "within its limit"),
        (Objective("/items", 95, 300), RARE, "another one is asked about"),
        (Objective("/rare", 95, 300), replace(RARE, outcomes={"ok": 1}), "one call proves nothing"),
        (Objective("/rare", 50, 300), RARE, "two of four slow are not more than half"),
        (Objective("/rare", error_rate=0.1), RARE, "any latency will do"),
        (Objective("/none", 95, 300), RARE, "it was not asked for"),
    ],
)
def test_nothing_is_said_where_one_user_proves_nothing(objective, rare, what):
    assert slow_alone(seen(FINE, rare, slo=asked(objective))) == [], what


def test_an_endpoint_with_an_objective_that_always_fails_is_broken_however_rare():
    """Three of 20,003 are within the error rate of all requests."""
    assert fault(seen(MANY, BROKEN, rarest_share=1.0)) is None
    found = fault(seen(MANY, BROKEN, slo=asked(Objective("/rare", 95, 300))))
    assert found.what == (
        "saw these calls always fail: /rare (3 of 3: http_500), for which there is an objective"
    )
