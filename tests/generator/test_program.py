"""The whole program, as its container starts it, against a server of this machine."""

import json
import signal
import subprocess
import time
from collections import Counter

import pandas as pd
import pytest

from loadtests.analysis.judge import judge
from loadtests.generator.early_stop import BURST_S, proves_failing
from loadtests.record import GENERATOR_COLUMNS
from loadtests.verdicts import Verdict
from tests.analysis.records import evidence, steady_ms
from tests.evidence_log import log_case
from tests.generator.conftest import command
from tests.generator.running import FAST, GIVE_UP_S, KINDS, PROJECT, ended, level, of_kind

pytestmark = pytest.mark.waits


@pytest.fixture(params=KINDS)
def locustfile(request):
    """The kinds of users there are."""
    return of_kind(FAST, request.param)


def test_a_load_is_told_second_by_second_and_left_in_files(start, tmp_path, locustfile):
    lines, code = ended(start(locustfile))
    assert code == 0
    ready, *ticks, told, done = lines
    assert (ready["event"], done) == ("ready", {"event": "done"})
    assert {at: answer["status"] for at, answer in ready["answers"].items()} == {"127.0.0.1": 200}
    assert all(set(GENERATOR_COLUMNS) <= set(tick) for tick in ticks)
    assert [tick["phase"] for tick in ticks] == sorted(
        (tick["phase"] for tick in ticks), key=["ramp-up", "warm-up", "steady state"].index
    )
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    assert report["requests"] == (requests["outcome"] != "in_flight").sum() > 20
    assert set(requests["outcome"]) <= {"ok", "in_flight"}
    assert set(requests["replica"]) == {"127.0.0.1"}
    assert report["users_reached"] == report["connects"] == 20
    assert (report["users_lost"], report["failures"], report["own_errors"]) == (0, 0, {})
    (only,) = report["levels"]
    assert only["steady_end_s"] > only["steady_start_s"] > only["spawned_s"]
    assert told.items() >= {"event": "level", **only}.items()
    assert (told["slow"], report["stopped_early"]) == (0, None)
    for name in ("stats", "stats_history", "failures"):
        assert len((tmp_path / "out" / f"locust_{name}.csv").read_text().splitlines()) >= 1


NOISY = (
    """
import os, subprocess, sys
said = '{"event": "done"}'
print(said, flush=True)
sys.__stdout__.write(said + "\\n")
os.write(1, said.encode() + b"\\n")
subprocess.run(["echo", said])
"""
    + FAST
)


def test_whatever_a_script_prints_is_none_of_the_program_s_own_lines(start, tmp_path):
    """By print, past it, or by a process it starts: all of it is found on standard error."""
    process = start(NOISY, levels=[level(steady_s=1.0)])
    out, error = process.communicate(timeout=GIVE_UP_S)
    events = [json.loads(line)["event"] for line in out.splitlines()]
    right = (events[0], events[-1], events.count("done")) == ("ready", "done", 1)
    log_case(
        "mended",
        "what a script prints",
        '{"event": "done"}, by print and past it',
        f"events: {', '.join(dict.fromkeys(events))}",
        right,
        "the trial ended there",
    )
    assert right, events
    assert error.count('{"event": "done"}') == 4


RAISING = """
from locust import FastHttpUser, task
class Visitor(FastHttpUser):
    @task
    def look(self):
        {call}
    @task
    def think_wrongly(self):
        raise ZeroDivisionError("before any call")
"""
CALLS = {
    "after the answer was reported": 'self.client.get("/"); {}["no"]',
    "before the answer was reported": """
        with self.client.get("/", catch_response=True):
            {}["no"]
""".strip(),
}


UNSEEN = {
    "after the answer was reported": "holds: every request was ok",
    "before the answer was reported": "no request at all",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("when", CALLS)
def test_what_a_script_raises_after_a_call_is_the_failure_of_that_call(start, tmp_path, kind, when):
    """One raised before any call is no request, and is counted too."""
    script = RAISING.replace("{call}", CALLS[when])
    process = start(of_kind(script, kind))
    _, error = process.communicate(timeout=GIVE_UP_S)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    requests = pd.read_csv(tmp_path / "out" / "requests.csv").query("outcome != 'in_flight'")
    outcomes = ", ".join(sorted(set(requests["outcome"])))
    said = f"{report['failures']:,} of {report['requests']:,} failed: {outcomes}"
    right = set(requests["outcome"]) == {"KeyError"} and report["failures"] == report["requests"]
    what = f"a check of the script's own that raises {when}, {kind}"
    log_case("mended", "exceptions in the script", what, said, right, UNSEEN[when])
    assert right, said
    assert set(requests["name"]) == {"/"}
    assert requests["latency_ms"].between(0.01, 1000).all()
    assert report["requests"] == report["failures"] == len(requests) > 20
    (only,) = report["levels"]
    assert only["requests"] == only["slow"] == only["failures"] > 10
    assert report["script_errors"]["KeyError"] == report["failures"]
    assert report["script_errors"]["ZeroDivisionError"] > 20
    assert error.count("Traceback") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_had_failed_before_the_script_raised_keeps_its_own_word(start, tmp_path, kind):
    body = CALLS["before the answer was reported"].replace('"/"', '"/error"')
    ended(start(of_kind(RAISING.replace("{call}", body), kind)))
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    assert set(requests["outcome"]) - {"in_flight"} == {"http_500"}


SECRET = """
from locust import FastHttpUser, task
class Visitor(FastHttpUser):
    @task
    def look(self):
        self.client.get("/?token=secret")
        self.client.get("/", params={"token": "secret"})
        self.client.get("/?token=secret", name="/?mine")
        self.client.get("/error?token=secret")
        with self.client.get("/?token=secret", catch_response=True):
            raise KeyError
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_is_named_without_its_query_unless_the_script_names_it(start, tmp_path, kind):
    """Queries carry tokens, and records are shown around."""
    ended(start(of_kind(SECRET, kind)))
    requests = pd.read_csv(tmp_path / "out" / "requests.csv").query("outcome != 'in_flight'")
    right = set(requests["name"]) == {"/", "/?mine", "/error"}
    what, said = f"GET /?token=secret, {kind}", f"named {', '.join(sorted(set(requests['name'])))}"
    log_case("mended", "tokens in queries", what, said, right, "named /?token=secret")
    assert right, said
    assert set(requests.query("outcome == 'KeyError'")["name"]) == {"/"}
    for file in (tmp_path / "out").iterdir():
        assert "secret" not in file.read_text(), file.name


def test_replicas_that_never_answer_are_told_with_port_and_path(start):
    lines, code = ended(start(port=1, health_path="/up", ready_timeout_s=0.3))
    assert code == 3
    told = lines[-1]
    assert told["event"] == "not_ready"
    assert told["message"] == "0 of 1 replicas answered GET /up on port 1 within 0.3 s"
    assert told["answers"]["127.0.0.1"]["error"] == "refused"


def test_a_health_path_that_is_an_error_is_no_answer(start):
    assert ended(start(health_path="/error", ready_timeout_s=0.5))[1] == 3


def test_a_generator_told_to_stop_ends_early_with_all_its_files(start, tmp_path):
    process = start(levels=[level(steady_s=600.0)])
    for line in process.stdout:
        if '"steady state"' in line:
            process.send_signal(signal.SIGTERM)
            break
    lines, code = ended(process)
    assert (code, lines[-1]) == (0, {"event": "done"})
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    (only,) = report["levels"]
    assert only["steady_end_s"] - only["steady_start_s"] < 600
    assert report["requests"] > 0


def test_a_generator_that_was_stopped_for_3_s_says_so(start, tmp_path):
    """As a paused virtual machine is, or one whose host has no CPU time left for it."""
    process = start(levels=[level(steady_s=15.0)])
    for line in process.stdout:
        if '"steady state"' in line:
            process.send_signal(signal.SIGSTOP)
            time.sleep(3.0)
            process.send_signal(signal.SIGCONT)
            break
    _, code = ended(process)
    assert code == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    late = {name: report[name] for name in ("heartbeat_lag_p99_ms", "heartbeat_lag_max_ms")}
    found = judge(evidence(latency=steady_ms(5.0, 0.2), **late))
    said = f"{found.verdict}: {found.reasons[0]}"
    right = found.verdict is Verdict.INVALID and report["heartbeat_lag_max_ms"] >= 2900
    what = "SIGSTOP for 3 s in the steady state of a generator, and slow requests"
    before = "fails: the generator was healthy, so the service held its users back"
    log_case("mended", "generator stopped", what, said, right, before)
    assert late["heartbeat_lag_p99_ms"] >= 2000
    assert right, said


def test_a_generator_told_to_stop_while_it_waits_ends_too(start, tmp_path):
    """A replica that is killed at its start leaves nothing to wait for."""
    process = start("print('loaded', flush=True)\n" + FAST, port=1, ready_timeout_s=600.0)
    assert process.stderr.readline() == "loaded\n"
    process.send_signal(signal.SIGTERM)
    lines, code = ended(process)
    assert (code, lines[-1]) == (0, {"event": "done"})
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["requests"] == 0


def test_users_are_added_level_by_level_and_each_level_is_told(start, tmp_path):
    lines, code = ended(start(levels=[level(5), level(15), level(15)]))
    assert code == 0
    told = [line for line in lines if line["event"] == "level"]
    assert [line["users"] for line in told] == [5, 15, 15]
    assert all(line["requests"] > 0 for line in told)
    starts = [line["start_s"] for line in told]
    assert starts == sorted(starts)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["users_reached"], report["users_lost"]) == (15, 0)


def test_a_load_that_fails_for_longer_than_a_burst_is_stopped(start, tmp_path):
    """Every answer of that path is an error, and the table has all that it was stopped by."""
    failing = FAST.replace('get("/")', 'get("/error")')
    early_stop = {"error_rate": 0.001, "requests": 3000, "user_s": 0.0}
    lines, code = ended(start(failing, levels=[level(steady_s=600.0)], early_stop=early_stop))
    assert (code, lines[-1]) == (0, {"event": "done"})
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    failed = requests[requests["outcome"] == "http_500"]
    assert report["stopped_early"] == f"{len(failed)} requests had failed"
    assert report["requests_of_whole"] == 3000
    ends_s = failed["start_s"] + failed["latency_ms"] / 1000
    assert proves_failing(Counter(ends_s.astype(int)), 3000, 0.001)
    (only,) = report["levels"]
    assert BURST_S < only["steady_end_s"] < 600


def test_a_load_without_a_failure_goes_on_to_its_end_however_slow(start, tmp_path):
    ended(start(early_stop={"error_rate": 0.0, "requests": 3000, "user_s": 0.0}, slow_ms=0.0))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["stopped_early"] is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how", ["said-to-close", "one-point-oh", "until-it-closes", "closed-while-idle"]
)
def test_connections_that_the_service_closed_are_told_apart(start, tmp_path, kind, how):
    """A keep-alive shorter than the think time, or one request a connection."""
    script = of_kind(FAST, kind).replace('get("/")', f'get("/{how}")')
    ended(start(script))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["failures"] == 0
    reconnects = report["connects"] - report["users_reached"]
    assert reconnects > 20
    assert reconnects <= report["closed_by_service"] <= report["requests"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_that_keeps_connections_closed_none(start, tmp_path, kind):
    ended(start(of_kind(FAST, kind)))
    assert json.loads((tmp_path / "out" / "report.json").read_text())["closed_by_service"] == 0


@pytest.fixture
def port_of_ipv6():
    """The port of a server that listens on IPv6 alone."""
    with subprocess.Popen(command("server", "::1"), cwd=PROJECT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_that_has_an_ipv6_address_alone_is_asked(start, tmp_path, port_of_ipv6, kind):
    script = of_kind(FAST, kind)
    lines, code = ended(start(script, host="::1", port=port_of_ipv6, ready_timeout_s=5.0))
    assert code == 0, lines
    requests = pd.read_csv(tmp_path / "out" / "requests.csv")
    assert set(requests["outcome"]) <= {"ok", "in_flight"}
    assert set(requests["replica"]) == {"::1"}
    assert set(requests["name"]) == {"/"}
