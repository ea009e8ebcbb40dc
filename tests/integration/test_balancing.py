"""Two replicas behind a proxy in real containers: evened, measured, and never mistaken for them."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from docker import DockerClient

from loadtests.analysis.balance import busiest_share, load_by_replica
from loadtests.analysis.counters import proxy_cores
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.bench.plan import Bench
from loadtests.bench.proxy import Proxy
from loadtests.bench.trial import run_trial
from loadtests.errors import ProxyError
from loadtests.question import Balancing, Setting
from loadtests.verdicts import Verdict
from tests.evidence_log import log_case
from tests.integration.benches import containers_of, ignore, part_of
from tests.integration.own_image import built

pytestmark = pytest.mark.docker

SETTING = Setting(0.5, 200, 2)
USERS = 60


@pytest.fixture(scope="module")
def proxy(client: DockerClient) -> Proxy:
    """The proxy, its image made where it is not there yet."""
    found = Proxy.of(client, Balancing.LEAST_CONNECTIONS, print)
    assert found is not None
    return found


@pytest.fixture
def fronted(bench, proxy) -> Iterator[Bench]:
    """A bench with a proxy in front of its replicas; nothing of it may be left."""
    usual = bench(users=USERS, spawn_rate=60.0, steady_s=4.0)
    target = replace(usual.target, balancing=proxy.balancing, host_header="shop.example")
    yield replace(usual, target=target, proxy=proxy)
    assert containers_of(usual.client, usual.store) == []


@pytest.mark.alone
def test_requests_are_evened_and_the_proxy_is_measured_and_goes_with_the_trial(fronted):
    running = {}

    def look(_line):
        running.setdefault("proxy", part_of(fronted, "proxy").attrs)

    seen = Evidence.read(run_trial(fronted, SETTING, 0, look))
    trial, report = seen.trial, seen.trial.proxy
    assert set(seen.requests["outcome"]) <= {"ok", "in_flight"}
    # Users keep their connections with the proxy, and it keeps some with the replicas.
    assert trial.generator.connects == USERS
    assert report.connections_peak in {USERS, USERS + 1}, "one asks at first whether it is ready"
    assert report.connections_limit == 2 * USERS
    opened = sum(each.connections for each in report.replicas)
    assert 2 <= opened <= USERS
    assert sum(each.reused for each in report.replicas) > 0
    assert busiest_share(seen) < 1.2
    assert abs(sum(each.requests for each in load_by_replica(seen)) - len(seen.requests)) <= 2
    assert [each.downs for each in report.replicas] == [0, 0]
    assert (report.end, report.queued_peak) == ("", 0)
    assert report.version.startswith("2.")
    assert 0 < proxy_cores(seen) < 0.5
    assert report.memory_peak_mib > 0
    limits = running["proxy"]["HostConfig"]
    assert (limits["CpuQuota"], limits["NanoCpus"], limits["Memory"]) == (0, 0, 0)
    assert running["proxy"]["Config"]["User"] not in {"", "root", "0"}
    assert judge(seen).verdict is not Verdict.FAILS  # too short to hold, on a busy machine


def test_a_proxy_that_is_killed_is_told_and_the_service_is_not_blamed(fronted):
    killed = []

    def kill(line):
        if line["phase"] == "steady state" and not killed:
            killed.append(True)
            threading.Thread(target=part_of(fronted, "proxy").kill).start()

    judged = judge(Evidence.read(run_trial(fronted, SETTING, 1, kill)))
    said = f"{judged.verdict}: {judged.reasons[0]}"
    right = judged.verdict is Verdict.INVALID and "the proxy was ended by SIGKILL" in said
    log_case("fault", "proxy killed", "SIGKILL in the steady state, two replicas", said, right)
    assert right, said


HOSTS = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Named(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        named = self.headers["Host"] == "shop.example"
        self.send_response(200 if named else 421)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

Server(("", 80), Named).serve_forever()
"""
ASKING = """
from locust import FastHttpUser, between, task

class Visitor(FastHttpUser):
    wait_time = between(1, 2)

    @task
    def visit(self):
        self.client.get("/")
"""


def test_a_service_on_a_low_port_is_asked_by_the_host_it_answers_to(bench, proxy, client, tmp_path):
    """The host that requests name goes through, and so does a port below 1,024."""
    users = tmp_path / "visitors.py"
    users.write_text(ASKING)
    with built(client, tmp_path, HOSTS) as image:
        usual = bench(
            image=image, port=80, health_path="/up", locustfile=users,
            users=20, spawn_rate=20.0, steady_s=2.0,
        )  # fmt: skip
        target = replace(usual.target, balancing=proxy.balancing, host_header="shop.example")
        here = replace(usual, target=target, proxy=proxy)
        seen = Evidence.read(run_trial(here, Setting(0.5, 60), 0, ignore))
    assert set(seen.requests["outcome"]) <= {"ok", "in_flight"}
    assert len(seen.requests) >= 20


def test_a_proxy_that_does_not_start_is_told_as_the_proxys(fronted, monkeypatch):
    """Its configuration is wrong here; the replicas are ready."""
    monkeypatch.setattr("loadtests.bench.haproxy.configuration", lambda *_: "no such keyword\n")
    with pytest.raises(ProxyError, match="the proxy ended with exit code 1: "):
        run_trial(fronted, SETTING, 2, ignore)
