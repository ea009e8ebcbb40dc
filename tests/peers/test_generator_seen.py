"""What the server saw is counted rightly: latencies, connections, silence."""

import math

import numpy as np
import pytest

from loadtests.errors import TrialError
from loadtests.peers.generator_seen import Seen, Span, silence_by_chance_ms
from loadtests.peers.generator_target import CLOSED, OPENED, REQUESTS


def ns(*seconds):
    """Return times in ns, as the server writes them."""
    return (np.array(seconds) * 1e9).astype(np.int64).tobytes()


def seen(requests=((100.0, 100.005), (101.0, 101.010), (103.5, 103.520)), opened=(), closed=()):
    files = {REQUESTS: ns(*requests), OPENED: ns(*opened), CLOSED: ns(*closed)}
    return Seen.read(files)


def test_latencies_are_of_requests_that_began_in_the_span():
    assert seen().latency_ms(Span(100.5, 103.5)) == pytest.approx([10.0])
    assert seen().requests(Span(100.0, 104.0)) == 3
    assert seen().first_s == 100.0


def test_requests_that_were_answered_out_of_order_are_put_in_order():
    mixed = seen(((101.0, 101.010), (100.0, 100.005)))
    assert mixed.first_s == 100.0
    assert mixed.latency_ms(Span(100.0, 100.5)) == pytest.approx([5.0])


def test_a_server_that_nobody_asked_tells_nothing():
    with pytest.raises(TrialError, match="nothing that reached the server"):
        seen(())


@pytest.mark.parametrize(
    ("opened", "closed", "at_once", "why"),
    [
        ((99, 99, 99), (), 3, "all of them stay"),
        ((98, 99), (98.5,), 1, "one was closed before"),
        ((99, 101), (100.5,), 1, "one came after the other had gone"),
        ((99, 101), (101.5,), 2, "both were there for half a second"),
        ((99, 103), (), 1, "one comes after the span"),
        ((), (), 0, "none"),
    ],
)
def test_users_are_connections_that_are_open_at_the_same_time(opened, closed, at_once, why):
    assert seen(opened=opened, closed=closed).open_at_once(Span(100, 102)) == at_once, why


def test_the_longest_silence_may_be_at_the_edge_of_the_span():
    assert seen().longest_silence_ms(Span(100, 104)) == pytest.approx(2500)
    assert seen().longest_silence_ms(Span(97, 102)) == pytest.approx(3000)


def test_chance_keeps_the_longest_silence_below_its_bound_as_often_as_said():
    """By random arrivals, 1,000 a second for 5 s, again and again."""
    rng = np.random.default_rng(1)
    bound_ms = silence_by_chance_ms(5_000, 5.0)
    longest_ms = 1000 * rng.exponential(1 / 1_000, (2_000, 5_000)).max(axis=1)
    assert np.mean(longest_ms <= bound_ms) == pytest.approx(0.95, abs=0.02)


def test_without_requests_any_silence_is_chance():
    assert silence_by_chance_ms(0, 5.0) == math.inf
