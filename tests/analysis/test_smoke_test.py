"""What one user saw: what is broken for everybody, and what only may be too small."""

from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis.smoke_fault import fault
from loadtests.analysis.smoke_notes import notes
from loadtests.analysis.smoke_test import Endpoint, SmokeTest, first_script_error, smoke_test
from loadtests.question import SLO, Setting
from loadtests.record import ReplicaReport
from tests.analysis import records

FINE = Endpoint("/items", {"ok": 40}, 5.0, 9.0, 120.0)
REFUSED = Endpoint("/login", {"http_401": 12}, 3.0, 4.0, 20.0)
NOW_AND_THEN = Endpoint("/search", {"ok": 19, "timeout": 1}, 8.0, 10_000.0, 80.0)
ONCE = Endpoint("/rare", {"http_500": 1}, 3.0, 3.0, 20.0)


def seen(*endpoints, **more):
    """What one user saw within ten seconds, thinking for 0.1 s."""
    usual = {
        "setting": Setting(2, 4000), "seconds": 10.0, "thinks": 40, "think_mean_s": 0.1,
        "timeout_s": 10.0, "slo": SLO(), "slow": 0, "first_ms": 5.0, "failing_first_s": None,
        "waiting": 0, "not_judged": {}, "script_error": None,
    }  # fmt: skip
    return SmokeTest(endpoints=endpoints, **(usual | more))


def told(found):
    """All that is said of it."""
    return " ".join(notes(found))


def test_what_works_is_told_with_its_calls_and_its_cycle():
    found = seen(FINE)
    assert fault(found) is None
    assert told(found) == (
        "One user, alone with 2 CPU / 4000 MiB, made 40 calls, all of which ended well. "
        "Between two thinks it makes 1 call in 0.15 s."
    )


def test_what_fails_every_time_is_broken_and_named_with_how_it_ended_and_what_to_do():
    found = fault(seen(REFUSED))
    assert found.heading == "Broken, not too small"
    assert found.what == "saw every call fail: /login (12 of 12: http_401)"
    assert found.advice.startswith("it wants a log-in: let the script log in, in its on_start. No ")
    assert "No CPU, memory or replica mends that" in found.advice


def test_an_endpoint_that_always_fails_is_broken_where_its_share_alone_breaks_the_slo():
    found = fault(seen(FINE, REFUSED))
    assert found.what == (
        "saw these calls always fail: /login (12 of 12: http_401), 23% of its calls, where 0.1% "
        "may fail, with one user as with many"
    )


@pytest.mark.parametrize(
    ("endpoints", "error_rate"),
    [
        pytest.param((FINE, REFUSED), 0.3, id="the SLO lets so many fail"),
        pytest.param((FINE, ONCE), 0.001, id="one of one is no always"),
        pytest.param(
            (replace(FINE, outcomes={"ok": 9000}), replace(ONCE, outcomes={"http_500": 3})),
            0.001,
            id="three in nine thousand may be fewer",
        ),
        pytest.param((FINE, NOW_AND_THEN), 0.001, id="what ends well sometimes"),
    ],
)
def test_what_may_be_chance_or_is_allowed_is_said_and_is_no_fault(endpoints, error_rate):
    found = seen(*endpoints, slo=SLO(error_rate=error_rate))
    assert fault(found) is None
    assert f"fails with one user already, so not for want of CPU: {endpoints[1].name}" in told(
        found
    )


def test_what_only_a_rare_kind_of_user_does_is_weighed_by_how_rare_it_is():
    """One of each kind came, so what one of them does is half of all that was seen."""
    two = {"users": 2, "slo": SLO(error_rate=0.01)}
    assert fault(seen(FINE, REFUSED, rarest_share=0.5, **two)) is not None
    assert fault(seen(FINE, REFUSED, rarest_share=0.001, **two)) is None
    assert fault(seen(REFUSED, rarest_share=0.001, **two)) is not None


def test_several_ways_to_fail_are_each_told_with_what_to_do():
    found = fault(seen(REFUSED, replace(REFUSED, name="/x", outcomes={"http_404": 5})))
    assert "http_401: it wants a log-in" in found.advice
    assert "http_404: there is no such path" in found.advice


def test_what_the_script_checks_is_told_with_the_failure():
    wrong = replace(FINE, outcomes={"wrong_answer": 40}, said=("no price in the answer",))
    found = fault(seen(wrong))
    assert "/items (40 of 40: wrong_answer, no price in the answer)" in found.what
    assert found.advice.startswith("the script calls what it answers wrong")


def test_a_user_who_is_never_answered_in_time_is_told_of_a_slow_service_not_of_a_broken_one():
    slow = fault(seen(replace(FINE, outcomes={"timeout": 7})))
    waiting = fault(seen(waiting=1))
    assert slow.heading == waiting.heading == "Too slow for one user"
    assert "no answer within 10 s (TIMEOUT_S) to any of 7 calls" in slow.what
    assert "Broken" not in slow.sentence + waiting.sentence


def test_a_service_that_says_that_it_is_ready_too_early_is_told_by_its_health_path():
    loading = replace(FINE, outcomes={"ok": 30, "http_503": 90})
    found = fault(seen(loading, failing_first_s=21.0, health_path="/up"))
    assert found.what.startswith("saw every call of the first 21 s fail, and none later: /items")
    assert "GET /up answers before the service is ready" in found.advice


def test_what_somebody_has_to_put_there_first_is_not_called_late():
    """Its calls fail until another task has made what they ask for."""
    empty = replace(FINE, outcomes={"ok": 30, "http_404": 9})
    found = seen(empty, failing_first_s=2.0)
    assert fault(found) is None
    assert "fails with one user already" in told(found)


def test_a_first_call_that_is_slow_is_no_fault_and_is_told():
    found = seen(FINE, first_ms=4000.0, slow=1)
    assert fault(found) is None
    assert "The first call took 4,000 ms, later ones far less" in told(found)
    assert "longer than 500 ms" not in told(found)


def test_a_first_call_that_fails_alone_is_no_fault_and_is_told_by_its_time():
    found = seen(replace(FINE, outcomes={"ok": 39, "timeout": 1}), failing_first_s=10.2)
    assert fault(found) is None
    assert "What failed, did so within the first 10.2 s: /items (1 of 40: timeout)" in told(found)


def test_calls_that_are_slow_for_one_user_are_told_before_any_load():
    found = seen(replace(FINE, median_ms=700.0), slow=40, first_ms=700.0)
    assert fault(found) is None
    assert "100% of the calls took longer than 500 ms with one user already" in told(found)


def test_a_service_that_ends_under_one_user_is_told_with_how():
    found = fault(seen(replace(FINE, outcomes={"reset": 1}), ended="Replica 1 was OOM-killed"))
    assert found.what == "saw it end after 1 call: Replica 1 was OOM-killed"


def test_a_page_that_sends_on_to_another_is_told_since_it_may_ask_to_log_in():
    found = seen(FINE, redirected={"/items": "/login"})
    assert fault(found) is None
    assert "sent calls on elsewhere: /items to /login." in told(found)


def test_what_no_user_came_to_is_not_reached_and_never_fine():
    found = seen(FINE, tasks_not_run=("Visitor.buy", "Visitor.leave"))
    assert "Not reached in 10 s: Visitor.buy and Visitor.leave." in told(found)


def test_a_script_without_calls_is_told_by_what_it_reports_instead():
    found = seen(not_judged={"step": 34}, script_error="KeyError: 'a' (visit.py, line 3, in look)")
    assert fault(found).what == (
        "made no HTTP call within 10 s; the 34 step it reported are none, and are not judged; the "
        "script raised KeyError: 'a' (visit.py, line 3, in look)"
    )


@pytest.mark.parametrize(
    ("thinks", "said"),
    [(0, "It never came to think within 10 s."), (5, "of which 1.9 s are the script's own sleep")],
)
def test_a_cycle_that_is_long_by_itself_is_told(thinks, said):
    assert said in told(replace(seen(FINE), thinks=thinks))


def test_one_user_of_each_kind_is_told_as_several_with_their_own_cycle():
    found = seen(FINE, users=2)
    assert told(found).startswith("2 users, one of each kind, alone with 2 CPU / 4000 MiB, made 40")
    assert "1 call in 0.4 s" in told(found)


# --- read from a record

FAILURES = pd.DataFrame(
    {
        "Name": ["/predict/", "/predict/", "/other"],
        "Error": [
            "CatchResponseError('no\\n price')",
            "HTTPError('404')",
            "CatchResponseError('x')",
        ],
    }
)


def read(**knobs):
    """What is read of a trial that never ran."""
    return smoke_test(records.evidence(**knobs), {"/predict/": 12.0}, FAILURES, "")


def test_a_record_becomes_endpoints_with_sizes_and_what_the_script_said():
    (endpoint,) = read().endpoints
    assert (endpoint.name, endpoint.size, endpoint.failures) == ("/predict/", "12 B", 0)
    assert endpoint.said == (r"no\n price",)


def test_failures_at_the_beginning_alone_are_told_from_failures_throughout():
    evidence = records.evidence()
    requests = evidence.requests.assign(outcome=evidence.requests["outcome"].astype(object))
    first = requests["start_s"] + requests["latency_ms"] / 1000 < 5
    requests.loc[first, "outcome"] = "http_503"
    began = smoke_test(replace(evidence, requests=requests), {}, FAILURES, "")
    assert began.failing_first_s == pytest.approx(5, abs=0.5)
    assert read(failures={"http_503": 0.1}).failing_first_s is None
    assert read(failures={"http_503": 1.0}).failing_first_s is None
    assert read().failing_first_s is None


def test_a_replica_that_died_is_told():
    gone = ReplicaReport("r", "a", False, 3, 0, 0, 100.0, 1.0, None, None, None)
    trial = replace(records.evidence().trial, replicas=(gone,))
    assert (
        "exit code 3"
        in smoke_test(replace(records.evidence(), trial=trial), {}, FAILURES, "").ended
    )


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
