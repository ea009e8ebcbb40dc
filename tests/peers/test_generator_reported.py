"""What each load generator reports is read as it is meant."""

import json
import random
import subprocess
import sys

import pytest

from loadtests.errors import TrialError
from loadtests.peers.generator_reported import of_k6, of_locust, of_summary, of_this_project
from loadtests.peers.generator_seen import Span


def files(**contents):
    """Return files by name; `report_json` is report.json."""
    return {
        name.replace("_", "."): (text if isinstance(text, str) else json.dumps(text)).encode()
        for name, text in contents.items()
    }


def test_ours_are_the_requests_that_began_in_the_steady_state_a_failure_infinitely_slow():
    report = {
        "started_wall_s": 1000.0,
        "levels": [{"steady_start_s": 30.0, "steady_end_s": 50.0}],
        "failures": 1,
        "heartbeat_lag_max_ms": 7.5,
    }
    rows = ["start_s,latency_ms,outcome,replica,name"]
    rows += ["29.9,900,ok,,/", "30.0,5,ok,,/", "40,6,ok,,/", "41,7,ok,,/", "49.9,8,timeout,,/"]
    rows += ["50.0,900,ok,,/", "49.99,12,in_flight,,/"]
    said = of_this_project(files(report_json=report, requests_csv="\n".join(rows)))
    assert (said.p50_ms, said.p99_ms) == (6.0, float("inf"))
    assert said.span == Span(1030.0, 1050.0)
    assert (said.failures, said.longest_pause_ms) == (1, 7.5)


def locust(counts):
    """Return Locust's file with one name in it."""
    entry = {
        "start_time": 10.0, "last_request_timestamp": 35.5, "num_failures": 3,
        "response_times": counts,
    }  # fmt: skip
    return files(locust_json=[entry])


def test_locusts_latencies_are_of_the_time_since_it_forgot_the_ramp_up():
    said = of_locust(locust({"5": 98, "480": 2}))
    assert (said.p50_ms, said.p99_ms) == (5, 480)
    assert said.span == Span(10.0, 35.5)
    assert said.failures == 3


@pytest.mark.waits
def test_locusts_percentiles_are_taken_as_locust_takes_them():
    """In a process of its own, since importing Locust patches this one."""
    dice = random.Random(1)
    histograms = [
        {dice.randrange(1, 400): dice.randrange(1, 50) for _ in range(dice.randrange(1, 12))}
        for _ in range(50)
    ]
    program = (
        "import json, sys; from locust.stats import calculate_response_time_percentile as of\n"
        "found = [{int(ms): n for ms, n in h.items()} for h in json.load(sys.stdin)]\n"
        "print(json.dumps([[of(h, sum(h.values()), p) for p in (0.5, 0.99)] for h in found]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(histograms), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    ours = [of_locust(locust({str(ms): n for ms, n in h.items()})) for h in histograms]
    assert [[said.p50_ms, said.p99_ms] for said in ours] == json.loads(done.stdout)


def test_k6_is_read_of_the_steady_state_alone():
    metrics = {
        "http_req_duration": {"values": {"med": 900.0, "p(99)": 999.0}},
        "http_req_duration{phase:hold}": {"values": {"med": 5.5, "p(99)": 9.25}},
        "http_req_failed": {"values": {"rate": 0.1, "passes": 4, "fails": 36}},
    }
    said = of_k6(files(summary_json=metrics))
    assert (said.p50_ms, said.p99_ms, said.failures, said.span) == (5.5, 9.25, 4, None)


def test_wrk_is_held_against_all_that_it_sent():
    said = of_summary(
        files(summary_json={"requests": 9, "p50_us": 5400, "p99_us": 7100, "failures": 0})
    )
    assert (said.p50_ms, said.p99_ms) == (5.4, 7.1)
    assert said.span == Span(0.0, float("inf"))


@pytest.mark.parametrize(
    ("read", "left", "name"),
    [
        (of_locust, {}, "locust.json"),
        (of_locust, files(locust_json=[]), "locust.json"),
        (of_k6, {}, "summary.json"),
        (of_this_project, {}, "report.json"),
    ],
)
def test_a_generator_that_left_nothing_is_refused(read, left, name):
    with pytest.raises(TrialError, match=name):
        read(left)
