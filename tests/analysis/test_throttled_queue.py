"""The queue of a server with a CPU quota: by hand, by theory, and beside another simulator."""

import math

import numpy as np
import pytest

from loadtests.analysis.latency import percentile
from loadtests.analysis.throttled_queue import Asked, Served, Server, serve
from tests.analysis.throttled_by_simpy import serve_by_simpy


def asked(*requests, **more):
    """Requests of an open load: (arrival, CPU time), in seconds."""
    first, service = zip(*requests, strict=True)
    return Asked(np.array(first), np.array(service), **more)


def poisson(rate_per_s, service_s, seconds=60.0, seed=1):
    """Arrivals by chance, their service times exponential."""
    rng = np.random.default_rng(seed)
    size = rng.poisson(rate_per_s * seconds)
    return Asked(np.sort(rng.uniform(0, seconds, size)), rng.exponential(service_s, size))


def users(count, think_s, service_s, seconds=60.0, seed=1):
    """Users who wait and think, their service times exponential."""
    rng = np.random.default_rng(seed)
    return Asked(
        np.sort(rng.uniform(0, think_s, count)),
        rng.exponential(service_s, 9_973),
        seconds,
        rng.uniform(0.5 * think_s, 1.5 * think_s, 10_007),
    )


BY_HAND = [
    (Server(1.0), [(0.0, 0.03)], [0.03], "a whole core runs through"),
    (Server(0.2), [(0.0, 0.02)], [0.02], "just its quota, at once"),
    (Server(0.2), [(0.0, 0.05)], [0.21], "20 ms in each of two periods, 10 ms in the third"),
    (Server(0.2), [(0.09, 0.03)], [0.03], "10 ms before the period ends, and 20 ms after"),
    (Server(0.2), [(0.09, 0.05)], [0.13], "what the first period had left over is lost"),
    (Server(0.2), [(0.0, 0.02), (0.05, 0.01)], [0.02, 0.06], "nothing is left for the second"),
    (Server(0.2), [(0.0, 0.03), (0.01, 0.01)], [0.11, 0.11], "who waits goes on in turn"),
    (Server(0.2, threads=4), [(0.0, 0.01)] * 4, [0.105] * 4, "four threads spend it in 5 ms"),
    (Server(0.2, threads=2), [(0.0, 0.01)] * 2, [0.01] * 2, "two threads have just enough"),
    (Server(0.5, threads=2), [(0.0, 0.01)] * 3, [0.01, 0.01, 0.02], "the third waits for a thread"),
    (Server(0.5, wake_s=0.001), [(0.0, 0.01)] * 2, [0.011, 0.021], "only the first had to wake it"),
    (Server(0.2, period_s=0.01), [(0.0, 0.004)], [0.012], "a period may be shorter"),
]


@pytest.mark.parametrize(("server", "requests", "latencies", "what"), BY_HAND)
def test_requests_take_what_can_be_computed_by_hand(server, requests, latencies, what):
    assert serve(server, asked(*requests)).latency_s == pytest.approx(latencies), what


@pytest.mark.parametrize("use", [0.3, 0.8])
def test_without_a_quota_that_binds_it_is_the_queue_of_the_textbook(use):
    # M/M/1 (Kleinrock 1975, 3.2): latency is exponential with mean S / (1 - rho).
    found = serve(Server(1.0), poisson(use / 0.001, 0.001, seconds=200.0)).latency_s
    mean_s = 0.001 / (1 - use)
    assert found.mean() == pytest.approx(mean_s, rel=0.05)
    assert percentile(found, 95) == pytest.approx(mean_s * math.log(20), rel=0.07)


def test_two_threads_without_a_quota_are_the_queue_of_the_textbook():
    # M/M/2: latency S / (1 - rho^2) on average, rho = 0.8 of both.
    found = serve(Server(2.0, threads=2), poisson(1600.0, 0.001, seconds=200.0)).latency_s
    assert found.mean() == pytest.approx(0.001 / (1 - 0.8**2), rel=0.05)


# Of the quota that the load needs: well below, near the edge, at it, and too much.
@pytest.mark.parametrize("use", [0.3, 0.7, 0.95, 1.1])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("wake_s", [0.0, 0.0005])
def test_another_simulator_finds_the_same_of_an_open_load(use, threads, wake_s):
    server = Server(0.4, threads, wake_s)
    load = poisson(use * 0.4 / 0.004, 0.004, seconds=30.0)
    assert_same(serve(server, load), serve_by_simpy(server, load))


@pytest.mark.parametrize("use", [0.5, 0.9, 1.3])
@pytest.mark.parametrize("threads", [1, 3])
def test_another_simulator_finds_the_same_of_users_who_wait(use, threads):
    server = Server(0.4, threads)
    load = users(round(use * 0.4 / 0.004 * 2.0), 2.0, 0.004, seconds=30.0)
    assert_same(serve(server, load), serve_by_simpy(server, load))


def assert_same(ours: Served, theirs: Served):
    """Same draws: but for rounding the same latencies, so no error of chance has to be allowed."""
    assert len(ours.latency_s) > 500
    assert ours.start_s == pytest.approx(theirs.start_s, abs=1e-6)
    assert ours.latency_s == pytest.approx(theirs.latency_s, abs=1e-6)


def test_one_thread_is_the_least_of_several():
    load = poisson(95.0, 0.004)
    several = serve(Server(0.4, threads=500), load)
    one = serve(Server(0.4), load)
    assert one.latency_s.mean() > several.latency_s.mean()


def test_users_who_wait_hold_an_overload_where_the_laws_say():
    # R = N D / c - Z (Denning & Buzen 1978): 400 users, 4 ms each of 0.4 cores, pauses of 2 s.
    load = users(400, 2.0, 0.004, seconds=120.0)
    found = serve(Server(0.4), load).between(60.0, 110.0)
    assert found.mean() == pytest.approx(400 * 0.004 / 0.4 - 2.0, rel=0.1)


def test_nobody_asks_after_the_end_and_every_request_is_answered():
    found = serve(Server(0.4, threads=2), users(100, 2.0, 0.004, seconds=10.0))
    assert found.start_s.max() < 10.0
    assert np.isfinite(found.latency_s).all()
    assert (np.diff(found.start_s) >= 0).all()


@pytest.mark.parametrize(
    "build",
    [
        lambda: Server(0.0),
        lambda: Server(0.5, threads=0),
        lambda: Server(0.5, wake_s=-1.0),
        lambda: Asked(np.array([0.0]), np.array([])),
        lambda: Asked(np.array([0.0]), np.array([0.1]), think_s=np.array([1.0])),
    ],
)
def test_what_could_not_run_is_refused(build):
    with pytest.raises(ValueError, match="need"):
        build()
