"""A proxy is not the service: its end and its limits are told as its own."""

from dataclasses import replace

import pytest

from loadtests.analysis.causes import diagnose
from loadtests.analysis.evidence import Reading, Voids
from loadtests.analysis.hosts import crowded_ratio
from loadtests.analysis.judge import judge
from loadtests.analysis.proxy_health import proxy
from loadtests.verdicts import Verdict
from tests.analysis.proxied import behind
from tests.analysis.records import evidence, steady_ms
from tests.analysis.test_validity import told
from tests.evidence_log import log_case

SLOW = steady_ms(900.0)
END = "the proxy was ended by SIGKILL (exit code 137), without a word"


def test_of_a_service_without_a_proxy_there_is_nothing_to_check():
    assert proxy(evidence()) is None


def test_a_proxy_at_ease_is_told_with_the_cpu_it_used():
    found = proxy(behind(evidence()))
    assert (found.ok, found.seen) == (True, "the proxy used 0.10 cores")
    assert found.reading == Reading("0.10", "cores")


def test_a_proxy_whose_counters_are_not_known_trips_nothing():
    unknown = dict.fromkeys(("threads", "connections_peak", "connections_limit", "queued_peak"))
    given = behind(evidence(latency=SLOW), **unknown, replicas=())
    assert proxy(given).ok
    unsampled = given.docker_stats[given.docker_stats["role"] != "proxy"]
    found = proxy(replace(given, docker_stats=unsampled))
    assert (found.ok, found.reading) == (True, None)


@pytest.mark.parametrize("latency", [None, SLOW])
def test_a_proxy_that_ended_voids_both_verdicts_with_how_it_ended(latency):
    given = behind(evidence(latency=latency), end=END)
    what = f"a proxy that was killed, in front of {'good' if latency is None else 'slow'} answers"
    log_case("check", "proxy", what, told(proxy(given)), not proxy(given).ok)
    assert (proxy(given).ok, proxy(given).voids) == (False, Voids.BOTH)
    judged = judge(given)
    assert judged.verdict is Verdict.INVALID
    assert judged.reasons[0].startswith(f"{END}. The proxy is no part of the service")


FULL = [
    (
        {"cores": 1.9},
        {},
        "the proxy used 1.90 cores with 2 threads",
        "a proxy whose threads are busy",
    ),
    (
        {"cores": 0.4, "threads": 8},
        {"busy": 0.97},
        "the proxy used 0.40 cores of a host of 2, none of which was idle",
        "a proxy that fills the host",
    ),
    (
        {"connections_peak": 2000},
        {},
        "the proxy had all 2,000 connections with users that it takes",
        "a proxy with all connections that it takes",
    ),
    (
        {"queued_peak": 60},
        {},
        "up to 60 requests waited in the proxy for want of open files",
        "a proxy without files for more connections to replicas",
    ),
]
AT_EASE = [
    ({"cores": 1.7}, "a proxy that uses less than 90% of its threads"),
    ({"connections_peak": 1999}, "a proxy with one connection to spare"),
]


@pytest.mark.parametrize(("front", "host", "seen", "what"), FULL)
def test_a_proxy_at_its_limit_voids_a_fails_only_and_says_what_to_do(front, host, seen, what):
    given = behind(evidence(latency=SLOW, **host), **front)
    found = proxy(given)
    log_case("check", "proxy", what, told(found), not found.ok and found.voids is Voids.FAILS)
    assert (found.ok, found.voids, found.seen) == (False, Voids.FAILS, seen), what
    assert found.reading is not None
    assert f"{found.reading.text} {found.reading.unit}" in found.seen
    assert "do without a proxy (balancing dns)" in found.advice
    assert judge(given).verdict is Verdict.INVALID
    held = judge(behind(evidence(**host), **front))
    assert held.verdict is Verdict.HOLDS
    assert f"Noted: {seen}" in held.reasons


@pytest.mark.parametrize(("front", "what"), AT_EASE)
def test_a_proxy_with_something_to_spare_voids_nothing(front, what):
    given = behind(evidence(latency=SLOW), **front)
    log_case("check", "proxy", f"allowed: {what}", told(proxy(given)), proxy(given).ok)
    assert proxy(given).ok, what
    assert judge(given).verdict is Verdict.FAILS, what


def test_a_proxy_with_a_small_share_of_a_full_host_is_not_why_it_is_full():
    assert proxy(behind(evidence(latency=SLOW, busy=0.97), cores=0.3)).ok


def test_replicas_that_a_health_check_took_out_are_told_and_void_nothing():
    found = proxy(behind(evidence(), downs=2))
    assert found.ok
    assert found.seen.endswith("its health checks took a replica out 2 times")


def test_what_the_proxy_uses_is_not_taken_for_that_of_other_processes():
    alone = evidence(busy=0.95, cpu_share=0.6)
    strangers, own = crowded_ratio(alone), crowded_ratio(behind(alone, cores=0.5))
    assert strangers is not None
    assert own == pytest.approx(max(0.0, strangers - 0.5 / alone.trial.host.cpus), abs=0.02)


@pytest.mark.parametrize(
    ("outcome", "failed", "cause", "what"),
    [
        ("http_503", (10_000, 0), "refused", "it could not connect"),
        ("http_502", (0, 10_000), "reset", "answers broke off"),
        ("http_503", (0, 10_000), "errors", "the service's own, by what the proxy counted"),
        ("http_503", (3, 0), "errors", "most are the service's own"),
        ("http_500", (10_000, 10_000), "errors", "no answer of a proxy"),
    ],
)
def test_what_a_proxy_answers_in_a_replicas_place_is_told_by_its_cause(
    outcome, failed, cause, what
):
    given = evidence(failures={outcome: 0.3})
    assert diagnose(behind(given, failed=failed)).name == cause, what
    assert diagnose(given).name == "errors", "without a proxy"
