"""What each replica had to do."""

from dataclasses import replace

import pytest

from loadtests.analysis.replica_load import per_second, replica_loads, spread_sentence
from tests.analysis.records import evidence
from tests.analysis.replicas import several


def test_each_replica_is_told_what_it_had_to_do():
    loads = replica_loads(several(2, cpu_ms=0.4, wakeups=0.5, shares=[0.75, 0.25]))
    assert [load.number for load in loads] == [1, 2]
    assert [load.rate_per_s for load in loads] == pytest.approx([75, 25], rel=0.08)
    assert [load.connections for load in loads] == [75, 25]
    assert [load.cpu_cores for load in loads] == pytest.approx([0.03, 0.01], rel=0.08)
    assert [load.received_kib_s for load in loads] == pytest.approx([75, 25], rel=0.08)
    assert [load.sent_kib_s for load in loads] == pytest.approx([150, 50], rel=0.08)
    assert [load.voluntary_per_s for load in loads] == pytest.approx([37.5, 12.5], rel=0.08)


def test_requests_that_wait_at_a_time_are_rate_times_latency():
    """Little's law: 100 requests/s of about 5 ms."""
    loads = replica_loads(several(2))
    assert sum(load.in_flight for load in loads) == pytest.approx(0.54, rel=0.1)


def test_what_an_older_record_does_not_have_is_not_reported():
    """As the recorded example: the client told no address, and the kernel was not asked."""
    (load,) = replica_loads(evidence())
    assert (load.rate_per_s, load.connections, load.voluntary_per_s) == (None, None, None)
    assert load.cpu_cores == pytest.approx(0.3)


def test_a_counter_that_fell_is_not_reported():
    seen = several(1)
    stats = seen.docker_stats
    own = stats[stats["container"] == "replica-1"]
    assert per_second(own, "voluntary_switches") > 0
    fallen = own.assign(voluntary_switches=own["voluntary_switches"].to_numpy()[::-1])
    assert per_second(fallen, "voluntary_switches") is None


def test_how_even_it_was_is_said_in_shares():
    said = spread_sentence(replica_loads(several(2, shares=[0.75, 0.25])))
    assert "150% and 50% of the connections" in said
    assert (
        spread_sentence(replica_loads(several(1))) == "There is one replica, so nothing to spread."
    )
    unknown = [replace(each, cpu_cores=None) for each in replica_loads(evidence())] * 2
    assert "not known" in spread_sentence(unknown)
