"""What one user saw: what is broken for everybody, and what only may be too small."""

from dataclasses import replace

import pytest

from loadtests.analysis.smoke_test import Endpoint, SmokeTest, first_script_error
from loadtests.question import Setting

FINE = Endpoint("/items", {"ok": 40}, 5.0, 9.0, 120.0)
REFUSED = Endpoint("/login", {"http_401": 12}, 3.0, 4.0, 20.0)
NOW_AND_THEN = Endpoint("/search", {"ok": 19, "timeout": 1}, 8.0, 10_000.0, 80.0)


def seen(*endpoints, **more):
    """What one user saw within ten seconds, thinking for 0.1 s."""
    usual = {
        "setting": Setting(2, 4000), "seconds": 10.0, "thinks": 40, "think_mean_s": 0.1,
        "error_rate": 0.001, "not_judged": {}, "script_error": None,
    }  # fmt: skip
    return SmokeTest(endpoints=endpoints, **(usual | more))


def test_what_works_is_told_with_its_calls_and_its_cycle():
    found = seen(FINE)
    assert found.broken is None
    assert found.sentence.startswith(
        "One user, alone with 2 CPU / 4000 MiB, made 40 calls, all of which ended well."
    )
    assert "Between two thinks it makes 1 call in 0.15 s." in found.sentence


def test_what_fails_every_time_is_broken_and_named_with_how_it_ended():
    found = seen(FINE, REFUSED)
    assert found.broken == "saw these calls always fail: /login (12 of 12: http_401)"
    assert seen(REFUSED).broken.startswith("saw every call fail: /login")


def test_what_fails_now_and_then_may_be_a_matter_of_size():
    found = seen(FINE, NOW_AND_THEN)
    assert found.broken is None
    assert "60 calls, 1 of which failed" in found.sentence


def test_what_the_slo_lets_fail_is_not_broken():
    assert seen(FINE, REFUSED, error_rate=0.3).broken is None


def test_a_script_without_calls_is_told_by_what_it_reports_instead():
    found = seen(not_judged={"step": 34}, script_error="KeyError: 'a' (visit.py, line 3, in look)")
    assert found.broken == (
        "made no HTTP call within 10 s; the 34 step it reported are none, and are not judged; the "
        "script raised KeyError: 'a' (visit.py, line 3, in look)"
    )


@pytest.mark.parametrize(
    ("thinks", "said"),
    [(0, "It never came to think within 10 s."), (5, "of which 1.9 s are the script's own sleep")],
)
def test_a_cycle_that_is_long_by_itself_is_told(thinks, said):
    assert said in replace(seen(FINE), thinks=thinks).sentence


LOG = """{"event": "done"}
the users' script raised, here for the first time:
Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/locust/user/task.py", line 340, in run
    self.execute_next_task()
  File "/tmp/aguanta/visit.py", line 12, in look
    response.json()["price"]
KeyError: 'price'
"""


def test_the_first_error_of_a_script_is_one_line_with_its_place():
    assert first_script_error(LOG) == "KeyError: 'price' (visit.py, line 12, in look)"
    assert first_script_error("all went well") is None
