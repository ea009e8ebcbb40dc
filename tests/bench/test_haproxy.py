"""HAProxy is configured for the trial it is in, and its counters are read as it writes them."""

import re

import pytest

from loadtests.bench.haproxy import (
    Load,
    Ports,
    configuration,
    descriptors_wanted,
    read_counters,
)
from loadtests.errors import QuestionError
from loadtests.question import Balancing, Target

ADDRESSES = ("172.18.0.2", "172.18.0.3")
LOAD = Load(users=1000, descriptors=20_000, timeout_s=10.0, longest_s=70.0)
TARGET = Target("api", port=8000, health_path="/up?deep=1")


def configured(
    balancing=Balancing.LEAST_CONNECTIONS, target=TARGET, addresses=ADDRESSES, load=LOAD
):
    """Return its lines, without their indent."""
    return [line.strip() for line in configuration(balancing, target, addresses, load).splitlines()]


def value(lines, keyword):
    """Return what follows a keyword."""
    (found,) = {
        line.removeprefix(f"{keyword} ") for line in lines if line.startswith(f"{keyword} ")
    }
    return found


def test_it_asks_every_replica_on_the_services_port_which_is_its_own_too():
    lines = configured()
    assert "bind :8000" in lines
    assert [line for line in lines if line.startswith("server ")] == [
        "server replica-1 172.18.0.2:8000",
        "server replica-2 172.18.0.3:8000",
    ]


@pytest.mark.parametrize(
    ("balancing", "algorithm"),
    [(Balancing.LEAST_CONNECTIONS, "leastconn"), (Balancing.ROUND_ROBIN, "roundrobin")],
)
def test_each_kind_of_balancing_has_its_algorithm(balancing, algorithm):
    assert value(configured(balancing), "balance") == algorithm


def test_it_is_ready_when_all_replicas_are_up_by_the_health_path():
    lines = configured()
    assert "monitor fail if { nbsrv(replicas) lt 2 }" in lines
    assert "http-check expect status 100-499" in lines, "as the load generator has it"
    asks = value(lines, "http-check send")
    assert asks == "meth GET uri '/up?deep=1' ver HTTP/1.1 hdr Host '172.18.0.2:8000'"
    named = configured(target=Target("api", host_header="shop.example"))
    assert value(named, "http-check send").endswith("hdr Host 'shop.example'")


def test_users_keep_their_connections_and_nothing_is_tried_twice():
    lines = configured()
    assert {"option http-keep-alive", "http-reuse safe", "retries 0"} <= {*lines}
    assert not [line for line in lines if line.startswith(("log", "option redispatch"))]


def test_its_patience_is_longer_than_the_users_and_the_trials():
    lines = configured()
    for of in ("connect", "client", "server", "queue", "http-request", "http-keep-alive"):
        seconds = float(value(lines, f"timeout {of}").removesuffix("s"))
        assert seconds > LOAD.longest_s + LOAD.timeout_s, of


def test_it_takes_two_connections_a_user():
    assert value(configured(), "maxconn") == "2000"
    assert descriptors_wanted(1000) == 4200


def test_with_files_to_spare_it_sends_every_replica_all_there_is():
    assert not [line for line in configured() if re.match(r"server .* maxconn", line)]


def test_with_few_files_requests_wait_in_it_rather_than_fail():
    """10,000 users and 20,000 files: 9,800 are left for replicas."""
    tight = Load(users=10_000, descriptors=20_000, timeout_s=10.0, longest_s=70.0)
    servers = [line for line in configured(load=tight) if line.startswith("server ")]
    assert [line.rpartition(" maxconn ")[2] for line in servers] == ["4900", "4900"]


@pytest.mark.parametrize(
    ("users", "granted"), [(1000, 4200), (1000, 20_000), (10_000, 20_000), (100, 204)]
)
def test_idle_connections_to_replicas_are_kept_as_far_as_files_last(users, granted):
    """The shares are of the files that it reckons with, which may be more than it has."""
    lines = configured(load=Load(users, granted, 10.0, 70.0))
    reckoned = 4 * users + 200
    keeps, closes = (
        int(value(lines, f"tune.pool-{which}-fd-ratio")) * reckoned / 100
        for which in ("low", "high")
    )
    assert min(users, 0.5 * granted) < keeps < closes < min(granted, reckoned)


@pytest.mark.parametrize(("port", "ready"), [(8000, 8404), (8404, 8405), (8405, 8404)])
def test_its_own_ports_are_not_the_services(port, ready):
    ports = Ports.beside(port)
    assert ports.ready == ready
    assert len({port, ports.ready, ports.counters}) == 3


@pytest.mark.parametrize("path", ["/a b", "/it's", "/a\nserver evil 10.0.0.1:80"])
def test_a_path_that_would_be_another_configuration_is_refused(path):
    with pytest.raises(QuestionError, match="health_path"):
        configured(target=Target("api", health_path=path))


@pytest.mark.parametrize("path", ["/$HOME", '/"x"', "/a#b", "/a\\b"])
def test_other_signs_are_taken_as_they_are(path):
    """In single quotes nothing means anything (configuration manual, 2.2)."""
    asks = value(configured(target=Target("api", health_path=path)), "http-check send")
    assert f"'{path}'" in asks


NAMES = "pxname,svname,qmax,smax,slim,stot,econ,eresp,chkdown,req_tot,connect,reuse,"
SAID = f"""Name: HAProxy
Version: 2.6.12-1+deb12u4
Nbthread: 2
Description:

# {NAMES}
users,FRONTEND,,61,120,60,,,,410,,,
ready,FRONTEND,,1,120,1,,,,1,,,
replicas,replica-1,3,9,,205,1,0,0,,31,174,
replicas,replica-2,0,8,,204,0,2,1,,30,174,
replicas,BACKEND,5,17,12,409,1,2,0,,61,348,

"""


def test_its_counters_are_read_by_their_names():
    counted = read_counters(SAID)
    assert (counted.version, counted.threads) == ("2.6.12-1+deb12u4", 2)
    assert (counted.requests, counted.connections_peak, counted.connections_limit) == (410, 61, 120)
    assert counted.queued_peak == 5
    first, second = counted.servers
    assert (first.name, first.requests, first.connections, first.reused) == (
        "replica-1", 205, 31, 174,
    )  # fmt: skip
    assert (first.most_at_once, first.connection_errors, first.response_errors) == (9, 1, 0)
    assert (second.downs, second.response_errors) == (1, 2)


@pytest.mark.parametrize(
    "said",
    ["", "Unknown command", SAID.replace("reuse,", "other,"), SAID.replace("Nbthread", "Threads")],
)
def test_what_is_not_all_of_its_counters_is_refused(said):
    with pytest.raises(ValueError, match="the proxy told n"):
        read_counters(said)
