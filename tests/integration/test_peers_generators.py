"""Load generators beside each other in real containers: each brings its users and is understood."""

import math

import pytest

from loadtests.bench.store import Store
from loadtests.errors import TrialError
from loadtests.peers.generator_bench import built
from loadtests.peers.generator_contenders import CONTENDERS, FAST, Contender, Load
from loadtests.peers.generator_run import GeneratorBench

pytestmark = pytest.mark.docker

# With time to spare for programs that start slowly where others use the CPUs too.
LOAD = Load(users=20, spawn_rate=20, think_time_s=(0.2, 0.4), warm_up_s=2, hold_s=3, slack_s=12)


@pytest.fixture(scope="module")
def bench(client, tmp_path_factory, generator_image):
    """A bench for short looks; nothing of it is left behind."""
    images, absent = built(client, CONTENDERS, print)
    assert absent == {}
    store = Store(tmp_path_factory.mktemp("peers"))
    yield GeneratorBench(client, store, LOAD, generator_image, images, None)
    label = f"aguanta.store={store.identity}"
    assert client.containers.list(all=True, filters={"label": label}) == []


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda one: one.name)
def test_users_of_every_generator_come_and_keep_their_connections(bench, contender):
    """Not all of them in time, and some only in the steady state, where others use the CPUs."""
    found = bench.measure(contender).values
    assert 1 < found["users"] <= LOAD.users
    assert found["reconnects"] < 0.5, "each asks several times"
    assert found["failures"] == 0
    assert found["cpu_ms"] > 0
    assert found["memory_mib"] > 1
    assert found["true_p50_ms"] >= 5, "the server takes so long for each answer"
    # What is reported is of the same requests: it cannot be faster than they were, but is rounded.
    assert found["error_p50_ms"] > -1 - 0.05 * found["true_p50_ms"]
    assert math.isfinite(found["error_p99_ms"])


def test_a_generator_that_ends_with_an_error_has_no_figures_but_its_last_words(bench):
    broken = Contender(
        FAST.name,
        FAST.recipe,
        lambda *_: ("python3", "-c", "raise SystemExit('no luck')"),
        FAST.read,
    )
    with pytest.raises(TrialError, match="exit code 1: no luck"):
        bench.measure(broken)
