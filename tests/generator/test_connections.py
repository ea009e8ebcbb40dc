"""Connections are kept, counted and shared evenly, above 1,023 descriptors too."""

from collections import Counter
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.waits

USERS = 1300  # of one process: nearly 300 of their sockets have descriptors of 1,024 or more


@pytest.fixture(scope="module")
def liveness(program):
    """What a pool says of sockets in several states."""
    return program("liveness")


@pytest.mark.parametrize("descriptor", ["low", "high"])
@pytest.mark.parametrize(
    ("state", "alive"),
    [
        ("idle", True),
        ("closed by the peer", False),
        ("dirty", False),
        ("closed by us", False),
        ("none", False),
    ],
)
def test_only_an_idle_silent_socket_is_alive_whatever_its_descriptor(
    liveness, descriptor, state, alive
):
    assert liveness["kept"][descriptor][state] is alive


def test_as_shipped_a_high_descriptor_is_taken_for_dead(liveness):
    """The reason for keep_alive; once this fails, it can go."""
    assert liveness["shipped"]["low"] == liveness["kept"]["low"]
    assert liveness["shipped"]["high"]["idle"] is False


def connections_of(program, port, how):
    """Let USERS ask twice each and return how many connections they opened."""
    with urlopen(f"http://127.0.0.1:{port}/forget") as answer:
        answer.read()
    told = program("rounds", port, USERS, how)
    assert told["failures"] == []
    with urlopen(f"http://127.0.0.1:{port}/count") as answer:
        accepted = int(answer.read())
    assert told["opened"] == accepted, "the generator counts what the server sees"
    return accepted


@pytest.mark.parametrize("how", ["keep", "ours"])
def test_every_user_keeps_its_one_connection(program, port, how):
    assert connections_of(program, port, how) == USERS


def test_the_count_can_tell_that_users_reconnect(program, port):
    """As shipped, users with high descriptors connect for every request."""
    assert connections_of(program, port, "shipped") > 1.1 * USERS


@pytest.fixture(scope="module")
def connecting(program, port):
    """What became of a few connections."""
    return program("connecting", port)


@pytest.mark.parametrize("kind", ["FastHttpUser", "HttpUser"])
def test_each_replica_is_the_first_choice_of_as_many_users(connecting, kind):
    first = Counter(order[0] for order in connecting["orders"][kind])
    assert first == {"10.0.0.1": 3, "10.0.0.2": 3, "10.0.0.3": 3}


@pytest.mark.parametrize("kind", ["FastHttpUser", "HttpUser"])
def test_every_replica_remains_a_second_choice(connecting, kind):
    """A user whose first choice is gone reaches another one."""
    for order in connecting["orders"][kind]:
        assert len(set(order)) == 4
        assert order[-1] == "fd00::1", "a replica's second address is no replica more"


def test_a_name_is_resolved_once_for_each_kind_of_users(connecting):
    """Ten thousand look-ups during a ramp-up would measure the resolver."""
    assert connecting["look_ups"] == 2


def test_a_script_may_resolve_names_in_its_own_way(connecting):
    assert connecting["by_keywords"] == 1


@pytest.mark.parametrize("kind", ["FastHttpSession", "HttpSession", "KeepAliveSession"])
def test_connections_are_counted_and_their_peer_is_known(connecting, kind):
    assert connecting["opened"][kind] == [1, "", "127.0.0.1"]
