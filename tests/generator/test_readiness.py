"""Replicas are asked side by side."""

import http.server
import json
import socket
import threading
import time
from types import SimpleNamespace

import gevent
import gevent.event
import pytest

from loadtests.generator import readiness
from loadtests.generator.job import Job
from loadtests.generator.readiness import Answer, NotReadyError, ProxyNotReadyError
from tests.generator.test_job import GIVEN
from tests.running import GIVE_UP_S

REPLICAS = [f"10.0.0.{number}" for number in range(2, 22)]
FINE, GONE = Answer(200), Answer(None, error="refused")


@pytest.fixture
def replicas(monkeypatch):
    """Twenty replicas, none of which answers before all are asked; those in `dead` never do."""
    dead, asked, all_asked = set(), set(), gevent.event.Event()

    def answers(address, _job, _patience_s):
        asked.add(address)
        if asked == set(REPLICAS):
            all_asked.set()
        assert all_asked.wait(GIVE_UP_S), "asked one after the other"
        return GONE if address in dead else FINE

    monkeypatch.setattr(readiness, "_addresses", lambda _: REPLICAS)
    monkeypatch.setattr(readiness, "_answer", answers)
    return dead


def waited_for(ready_timeout_s):
    """Wait for all replicas."""
    job = Job.from_json(json.dumps(GIVEN | {"replicas": 20, "ready_timeout_s": ready_timeout_s}))
    return readiness.await_replicas(job, SimpleNamespace(requested=False))


def test_slow_replicas_are_slow_together_and_not_one_after_the_other(replicas):
    """Each answers once all twenty are asked, so that asking one by one would wait for ever."""
    assert waited_for(30.0) == dict.fromkeys(sorted(REPLICAS), FINE)


def test_one_that_never_answers_is_missed_and_the_others_are_counted(replicas):
    replicas.add(REPLICAS[0])
    with pytest.raises(NotReadyError, match="19 of 20 replicas answered"):
        waited_for(0.5)


def found(monkeypatch, *looks, **job):
    """Wait for a name that has what comes next at each look; return the names looked up."""
    asked, told = [], iter(looks)

    def addresses(name):
        asked.append(name)
        return REPLICAS[: next(told)]

    monkeypatch.setattr(readiness, "_addresses", addresses)
    monkeypatch.setattr(readiness, "FOUND_S", 0.2)
    given = Job.from_json(json.dumps(GIVEN | {"host": "api", "replicas": 3} | job))
    readiness.await_found(given, SimpleNamespace(requested=False))
    return asked


def test_users_come_once_their_service_has_all_its_addresses_here(monkeypatch):
    assert found(monkeypatch, 0, 2, 3) == ["api"] * 3


def test_a_proxy_or_a_virtual_address_is_one(monkeypatch):
    assert found(monkeypatch, 0, 1, behind="tasks.api") == ["api"] * 2


def test_a_replica_that_ended_is_not_waited_for_without_end(monkeypatch, capsys):
    found(monkeypatch, *[2] * 50)
    assert capsys.readouterr().err == "api has 2 of 3 addresses here\n"


@pytest.fixture
def server():
    """A server whose paths are the statuses it answers with; it says what it was asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path == "/hang-up":
                return
            if self.path == "/no-http":
                self.wfile.write(b"no HTTP at all\r\n")
                return
            if self.path == "/slow":
                time.sleep(1)
            status, _, location = self.path[1:].partition("/")
            self.send_response(int(status))
            if location:
                self.send_header("Location", f"/{location}?secret=1")
            self.end_headers()

        def log_message(self, *_):
            """Keep the tests' output clean."""

    asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
        yield SimpleNamespace(port=served.server_port, asked=asked)
        served.shutdown()


def one_replica(server, health_path, stop=False, ready_timeout_s=30.0):
    """Wait for one replica."""
    given = GIVEN | {"replicas": 1, "host": "127.0.0.1", "port": server.port}
    given |= {"health_path": health_path, "ready_timeout_s": ready_timeout_s}
    job = Job.from_json(json.dumps(given))
    return readiness.await_replicas(job, SimpleNamespace(requested=stop))


@pytest.mark.parametrize("status", [200, 302, 404, 499])
def test_any_status_below_500_is_an_answer(server, status):
    assert one_replica(server, f"/{status}") == {"127.0.0.1": Answer(status)}
    assert server.asked == [f"/{status}"]


def test_where_a_redirect_leads_is_kept_without_its_query(server):
    assert one_replica(server, "/302/login") == {"127.0.0.1": Answer(302, "/login")}


ANSWERS = {
    "/500": Answer(500),
    "/503": Answer(503),
    "/hang-up": Answer(None, error="no_http"),
    "/no-http": Answer(None, error="no_http"),
    "/slow": Answer(None, error="timeout"),
}


@pytest.mark.parametrize("path", ANSWERS)
def test_an_error_of_the_server_and_no_answer_are_none_and_are_kept(server, path):
    said = f"0 of 1 replicas answered GET {path} on port {server.port} within 0.5 s"
    with pytest.raises(NotReadyError, match=said) as told:
        one_replica(server, path, ready_timeout_s=0.5)
    assert told.value.answers == {"127.0.0.1": ANSWERS[path]}


def test_a_port_nobody_listens_on_is_no_answer(server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    with pytest.raises(NotReadyError, match="0 of 1 replicas answered") as told:
        one_replica(server, "/200", ready_timeout_s=0.5)
    assert told.value.answers == {"127.0.0.1": GONE}


def test_a_name_that_is_not_known_yet_is_waited_for(server, monkeypatch):
    def unknown(_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "gethostbyname_ex", unknown)
    with pytest.raises(NotReadyError, match="0 of 1 replicas answered"):
        one_replica(server, "/200", ready_timeout_s=0.5)


def test_told_to_stop_it_asks_nobody_and_returns_those_that_answered(server):
    assert one_replica(server, "/200", stop=True) == {}
    assert server.asked == []


def test_told_to_stop_meanwhile_it_returns_those_that_answered_until_then(replicas):
    replicas.add(REPLICAS[0])
    job = Job.from_json(json.dumps(GIVEN | {"replicas": 20, "ready_timeout_s": 30.0}))
    looks = iter([False, True, True])
    stop = type("Stop", (), {"requested": property(lambda _: next(looks))})()
    assert readiness.await_replicas(job, stop) == dict.fromkeys(sorted(REPLICAS[1:]), FINE)


def test_an_address_that_was_once_known_is_asked_until_it_answers_and_no_longer(monkeypatch):
    """A name may stand for some of its addresses at a time."""
    asked = []

    def answers(address, _job, _patience_s):
        asked.append(address)
        return FINE if asked.count(address) > 1 else GONE

    known = iter([["10.0.0.2"], ["10.0.0.3"], ["10.0.0.3"], ["10.0.0.3"]])
    monkeypatch.setattr(readiness, "_addresses", lambda _: next(known))
    monkeypatch.setattr(readiness, "_answer", answers)
    job = Job.from_json(json.dumps(GIVEN | {"replicas": 2, "ready_timeout_s": 30.0}))
    stop = SimpleNamespace(requested=False)
    assert readiness.await_replicas(job, stop) == {"10.0.0.2": FINE, "10.0.0.3": FINE}
    assert sorted(asked) == ["10.0.0.2"] * 2 + ["10.0.0.3"] * 2


def proxied(server, **changes):
    """A job whose users ask a proxy, with its own affairs on the server's port."""
    given = GIVEN | {"host": "127.0.0.1", "port": 1, "behind": "replicas", "replicas": 2}
    return Job.from_json(json.dumps(given | {"proxy_port": server.port} | changes))


def test_replicas_behind_a_proxy_are_asked_by_their_own_name(server, monkeypatch):
    names = []
    monkeypatch.setattr(readiness, "_addresses", lambda name: names.append(name) or ["127.0.0.1"])
    job = proxied(server, port=server.port, replicas=1, health_path="/200", proxy_port=None)
    readiness.await_replicas(job, SimpleNamespace(requested=False))
    assert set(names) == {"replicas"}
    assert job.base_url == f"http://127.0.0.1:{server.port}", "users ask the proxy"


@pytest.fixture
def monitor(monkeypatch):
    """A proxy that answers with these statuses, one after the other; None: it is not there yet."""
    said = []

    class Connection:
        def __init__(self, host, port, timeout):
            assert (host, port) == ("127.0.0.1", 8404)

        def request(self, method, path):
            assert (method, path) == ("GET", "/")
            if said[0] is None:
                said.pop(0)
                raise ConnectionRefusedError

        def getresponse(self):
            return SimpleNamespace(status=said.pop(0) if len(said) > 1 else said[0])

        def close(self):
            pass

    monkeypatch.setattr(readiness.http.client, "HTTPConnection", Connection)
    monkeypatch.setattr(readiness, "POLL_S", 0.001)
    return said


MONITOR = SimpleNamespace(port=8404)


def test_a_proxy_is_waited_for_until_it_has_found_all_replicas(monitor):
    monitor += [None, None, 503, 503, 200, 503]
    readiness.await_proxy(proxied(MONITOR), SimpleNamespace(requested=False))
    assert monitor == [503], "it was asked no more"


def test_a_proxy_that_never_finds_them_is_told_with_what_it_answered(monitor, monkeypatch):
    monkeypatch.setattr(readiness, "PROXY_READY_S", 0.1)
    monitor += [503]
    with pytest.raises(ProxyNotReadyError, match=r"all 2 replicas, which are ready.*answered 503"):
        readiness.await_proxy(proxied(MONITOR), SimpleNamespace(requested=False))


def test_a_proxy_is_not_waited_for_any_longer_once_told_to_stop(monitor):
    monitor += [503]
    readiness.await_proxy(proxied(MONITOR), SimpleNamespace(requested=True))
    assert monitor == [503]
