"""Where a container listens instead, in words for whoever asked."""

import pytest

from loadtests.bench.not_ready import where_it_listens
from loadtests.bench.replica_report import ended_with
from loadtests.question import Target

TARGET = Target("api", 8000, "/up")
WORDS = {
    "nothing": ([], "Nothing listens in the container: it is still starting"),
    "one other port": (
        [("0.0.0.0", 3000)],
        "Nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000: ask with "
        "PORT=3000",
    ),
    "one other port of both kinds of addresses": (
        [("0.0.0.0", 3000), ("::", 3000)],
        "Nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000, :: port "
        "3000: ask with PORT=3000",
    ),
    "several other ports": (
        [("0.0.0.0", 3000), ("0.0.0.0", 9090)],
        "Nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000, 0.0.0.0 "
        "port 9090",
    ),
    "the port, from inside only": (
        [("127.0.0.1", 8000)],
        "It listens on port 8000, but on 127.0.0.1 alone, which nobody outside of the container "
        "reaches: let the service listen on 0.0.0.0",
    ),
    "the port": (
        [("0.0.0.0", 8000)],
        "It listens on port 8000, so its service is there and gives no answer to GET /up below 500",
    ),
}


@pytest.mark.parametrize("what", WORDS)
def test_where_a_container_listens_is_told_with_what_to_change(what):
    sockets, said = WORDS[what]
    assert where_it_listens(sockets, TARGET).startswith(said)


def test_a_signal_is_called_by_its_name():
    assert ended_with(137) == "was ended by SIGKILL (exit code 137)"
    assert ended_with(139) == "was ended by SIGSEGV (exit code 139)"
    assert ended_with(1) == "ended with exit code 1"
