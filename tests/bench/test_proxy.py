"""A proxy has its own image, its own words for its end, and counters that may be missing."""

from types import SimpleNamespace

import pytest
from docker.errors import APIError, ImageNotFound

from loadtests.bench import proxy as proxies
from loadtests.bench.containers import Names
from loadtests.bench.haproxy import Load
from loadtests.bench.proxy import IMAGE, Proxy, RunningProxy
from loadtests.bench.sampler import Sample
from loadtests.errors import ImageError, ProxyError
from loadtests.question import Balancing, Target
from tests.bench.test_haproxy import SAID

PROXY = Proxy(Balancing.LEAST_CONNECTIONS, "sha256:1")
NAMES = Names("0123456789abcdef", "a" * 64)
LOAD = Load(60, 440, 10.0, 30.0)


def container(running=True, code=0, said="", counters=SAID):
    """A proxy's container that runs or has ended."""

    def ask(command):
        if isinstance(counters, Exception):
            raise counters
        return SimpleNamespace(output=counters.encode())

    state = {"Running": running, "ExitCode": code, "Status": "running" if running else "exited"}
    return SimpleNamespace(
        name="trial-proxy",
        reload=lambda: None,
        attrs={"State": state, "RestartCount": 0},
        logs=lambda **_: said.encode(),
        exec_run=ask,
    )


def running(**state):
    return RunningProxy(PROXY, container(**state), ("api-1", "api-2"), 8000)


def sampler(*memory_mib):
    """What was sampled of it, and of a replica beside it."""
    samples = [
        Sample(float(n), name, "proxy", 0.1, memory, 1e4, float(n), None, None, None)
        for name, add in (("trial-proxy", 0.0), ("api-1", 500.0))
        for n, memory in enumerate((m + add for m in memory_mib), 1)
    ]
    return SimpleNamespace(samples=samples, events=[])


def test_without_a_proxy_no_image_is_looked_for():
    assert Proxy.of(None, Balancing.DNS, print) is None


def test_it_is_the_image_that_the_engine_has():
    def get(name):
        if name != IMAGE.name:
            raise ImageNotFound("no")
        return SimpleNamespace(id="sha256:7")

    client = SimpleNamespace(images=SimpleNamespace(get=get))
    assert Proxy.of(client, Balancing.ROUND_ROBIN, print) == Proxy(
        Balancing.ROUND_ROBIN, "sha256:7"
    )


def test_an_image_that_cannot_be_had_is_told_with_the_way_out(monkeypatch):
    def fail(*_):
        raise ImageError("no mmdebstrap")

    monkeypatch.setattr(proxies, "ensure_base_image", fail)
    with pytest.raises(ImageError, match=r"^no mmdebstrap; without a proxy .* \(BALANCING=dns\)"):
        Proxy.of(None, Balancing.LEAST_CONNECTIONS, print)


def test_what_it_counted_is_told_by_the_names_of_the_replicas():
    report = running().report(sampler(20.0, 31.0, 30.0))
    assert (report.end, report.version, report.requests) == ("", "2.6.12-1+deb12u4", 410)
    assert [(each.replica, each.requests) for each in report.replicas] == [
        ("api-1", 205), ("api-2", 204),
    ]  # fmt: skip
    assert (report.memory_peak_mib, report.cpu_s) == (31.0, 3.0)


@pytest.mark.parametrize("counters", ["", APIError("no exec")])
def test_counters_that_cannot_be_had_are_not_reported(counters):
    report = running(counters=counters).report(sampler(20.0))
    assert (report.requests, report.replicas, report.threads, report.end) == (None, (), None, "")
    assert report.memory_peak_mib == 20.0


def test_one_that_ended_says_how_and_is_asked_nothing():
    gone = running(running=False, code=137, said="", counters=APIError("it is gone"))
    report = gone.report(sampler())
    assert report.end == "the proxy was ended by SIGKILL (exit code 137), without a word"
    assert (report.memory_peak_mib, report.cpu_s) == (None, None)


def test_its_failures_are_told_as_its_own_with_what_it_said_last():
    error = running(said="[WARNING] Server replicas/replica-2 is DOWN\n").failed("it was not ready")
    assert str(error).startswith("it was not ready ([WARNING] Server replicas/replica-2 is DOWN).")
    assert "of which nothing is concluded" in str(error)
    gone = running(running=False, code=1, said="[ALERT] parsing\n")
    assert "(the proxy ended with exit code 1: [ALERT] parsing)" in str(gone.failed("not ready"))
    with pytest.raises(ProxyError, match=r"^the proxy ended with exit code 1: \[ALERT\] parsing\."):
        gone.refuse_dead()
    running().refuse_dead()


def test_one_that_the_engine_refuses_is_told_as_the_proxys_and_is_removed_with_the_rest():
    """It is on the list of what is removed before it is started."""

    def refuse():
        raise APIError("driver failed", explanation="driver failed")

    made = SimpleNamespace(
        name="trial-proxy",
        put_archive=lambda *_: True,
        start=refuse,
        reload=lambda: None,
        attrs={"HostConfig": {"Memory": 0}},
    )
    client = SimpleNamespace(
        api=SimpleNamespace(_version="1.41", api_version="1.41"),
        containers=SimpleNamespace(create=lambda *_, **__: made),
    )
    created = []
    with pytest.raises(ProxyError, match=r"the proxy could not be started: .*driver failed"):
        PROXY.start(client, NAMES, Target("api"), [(made, "10.0.0.2")], LOAD, sampler(), created)
    assert created == [made]
