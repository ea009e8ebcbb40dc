"""What each replica got is told by whoever knows: addresses, or a proxy's own counters."""

from dataclasses import replace

import pandas as pd
import pytest

from loadtests.analysis.balance import (
    busiest_cpu_share,
    busiest_share,
    is_uneven,
    load_by_replica,
    over_even_share,
)
from loadtests.question import Setting
from tests.analysis.proxied import behind
from tests.analysis.records import evidence

TWO = Setting(0.5, 300, 2)


def asked_by_address(first_share):
    """Two replicas, of which the first was asked a share of the requests."""
    given = evidence(setting=TWO)
    replicas = tuple(
        replace(replica, address=f"10.0.0.{n}") for n, replica in enumerate(given.trial.replicas, 2)
    )
    first = round(first_share * len(given.requests))
    addresses = ["10.0.0.2"] * first + ["10.0.0.3"] * (len(given.requests) - first)
    return replace(
        given,
        trial=replace(given.trial, replicas=replicas),
        requests=given.requests.assign(replica=pd.Categorical(addresses)),
    )


def test_requests_are_counted_by_the_address_they_were_sent_to():
    given = asked_by_address(0.8)
    got = [each.requests for each in load_by_replica(given)]
    assert got == [round(0.8 * len(given.requests)), len(given.requests) - got[0]]
    assert busiest_share(given) == pytest.approx(1.6, abs=0.01)
    assert is_uneven(given)
    assert not is_uneven(asked_by_address(0.5))


def test_a_replica_that_was_never_asked_counts():
    given = asked_by_address(1.0)
    assert [each.requests for each in load_by_replica(given)] == [len(given.requests), 0]
    assert busiest_share(given) == 2.0


def test_behind_a_proxy_its_counters_tell_and_not_its_own_address():
    """All requests have one address there, which would be twice an even share."""
    given = behind(asked_by_address(1.0), requests=[300, 100])
    assert [each.requests for each in load_by_replica(given)] == [300, 100]
    assert busiest_share(given) == 1.5


def test_where_nobody_knows_nothing_is_called_uneven():
    for given in (evidence(setting=TWO), behind(asked_by_address(1.0), replicas=())):
        assert [each.requests for each in load_by_replica(given)] == [None, None]
        assert busiest_share(given) is None
        assert not is_uneven(given)


def test_cpu_and_connections_are_means_of_the_steady_state_by_replica():
    given = evidence(setting=TWO, cpu_share=0.6)
    steady = given.docker_stats["time_s"] >= given.trial.phases.steady_start_s
    first = given.docker_stats["container"] == "replica-1"
    stats = given.docker_stats.assign(connections=500.0)
    stats.loc[first & steady, "cpu_cores"] = 0.4
    stats.loc[first & ~steady, "cpu_cores"] = 9.0
    stats.loc[first & ~steady, "connections"] = 0.0
    given = replace(given, docker_stats=stats)
    one, other = load_by_replica(given)
    assert (one.cpu_cores, other.cpu_cores) == (pytest.approx(0.4), pytest.approx(0.3))
    assert (one.connections, other.connections) == (500.0, 500.0)
    assert busiest_cpu_share(given) == pytest.approx(0.4 / 0.35)


def test_a_record_from_before_connections_were_counted_has_none():
    given = evidence(setting=TWO)
    older = given.docker_stats.drop(columns="connections", errors="ignore")
    got = load_by_replica(replace(given, docker_stats=older))
    assert [each.connections for each in got] == [None, None]


@pytest.mark.parametrize(
    ("parts", "share"), [([1, 1, 1], 1.0), ([3, 0, 0], 3.0), ([], None), ([1, None], None),
                         ([0, 0], None)],
)  # fmt: skip
def test_the_largest_part_is_taken_over_an_even_one(parts, share):
    assert over_even_share(parts) == share
