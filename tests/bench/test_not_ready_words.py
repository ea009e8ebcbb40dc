"""Why a service did not answer, in words for whoever asked."""

import pytest

from loadtests.bench.not_ready_words import Listening, Waited, why_it_ended
from loadtests.bench.replica_report import ended_with
from loadtests.question import Setting, Target

TARGET = Target("api", 8000, "/up")
HALF, FOUR = Setting(0.5, 300), Setting(4, 300)


def waited(*sockets, setting=HALF, by_ipv4=True, tls=False, **seen):
    """Return a replica that was waited for, and where it listens."""
    return Waited(setting, TARGET, 60.0, listening=Listening(sockets, by_ipv4, tls), **seen)


OPEN, INSIDE, IPV6 = ("0.0.0.0", 8000), ("127.0.0.1", 8000), ("::", 8000)
WORDS = {
    "nothing": (
        waited(),
        "nothing listens in the container: it waits for something it needs, or is still starting; "
        "see its log, or give it longer (READY_S)",
    ),
    "nothing, and no CPU": (
        waited(cpu_s=0.1, cores=0.01),
        "nothing listens in the container, and it uses next to no CPU: it waits for",
    ),
    "nothing, and some CPU, as where others have the rest": (
        waited(cpu_s=4.0, cores=0.213),
        "nothing listens in the container, and it used 0.21 of its 0.5 CPU of late: it waits for "
        "something it needs, or is still starting",
    ),
    "nothing, and what looking takes of very little": (
        waited(setting=Setting(0.05, 300), cpu_s=0.3, cores=0.015),
        "nothing listens in the container, and it uses next to no CPU",
    ),
    "nothing, at work": (
        waited(cpu_s=29.0, cores=0.49),
        "it is still starting, with all the CPU it can get: 29.0 s of CPU time in 60 s at 0.5 CPU; "
        "give it longer (READY_S)",
    ),
    "nothing, at work with one thread of several CPUs": (
        waited(setting=FOUR, cpu_s=58.0, cores=0.98),
        "it is still starting, with all the CPU it can get",
    ),
    "another port first, at work": (
        waited(("0.0.0.0", 9010), cpu_s=29.0, cores=0.49),
        "it is still starting",
    ),
    "one other port": (
        waited(("0.0.0.0", 3000)),
        "nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000: ask with "
        "PORT=3000",
    ),
    "one other port of both kinds of addresses": (
        waited(("0.0.0.0", 3000), ("::", 3000)),
        "nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000, :: port "
        "3000: ask with PORT=3000",
    ),
    "several other ports": (
        waited(("0.0.0.0", 3000), ("0.0.0.0", 9090)),
        "nothing listens on port 8000 in the container; it listens on 0.0.0.0 port 3000, 0.0.0.0 "
        "port 9090: ask with PORT=…",
    ),
    "another port, from inside only": (
        waited(("127.0.0.1", 3000)),
        "nothing listens on port 8000 in the container; it listens on 127.0.0.1 port 3000 alone: "
        "let the service listen on 0.0.0.0, and give that port (PORT)",
    ),
    "the port, from inside only": (
        waited(INSIDE),
        "it listens on 127.0.0.1 port 8000 alone, which nobody outside of the container reaches; "
        "let the service listen on 0.0.0.0",
    ),
    "the port, for IPv6 alone": (
        waited(IPV6, by_ipv4=False),
        "it listens on port 8000 for IPv6 alone, and is asked by IPv4; let the service listen on "
        "0.0.0.0, or on :: for both",
    ),
    "the port, of both kinds, since just now": (
        waited(IPV6, error="refused"),
        "it began to listen on port 8000 just now; give it longer (READY_S)",
    ),
    "the port, with TLS": (
        waited(OPEN, tls=True, error="no_http"),
        "port 8000 speaks TLS (https), and is asked in plain HTTP; give the port that takes it",
    ),
    "the port, without HTTP": (
        waited(OPEN, error="no_http"),
        "what listens on port 8000 gives no HTTP answer; give the port of HTTP (PORT)",
    ),
    "the port, without an answer": (
        waited(OPEN, error="timeout"),
        "port 8000 takes connections, but GET /up has no answer; give it longer to start "
        "(READY_S), or the path that answers (HEALTH_PATH)",
    ),
    "an error of the server's": (
        waited(OPEN, status=503),
        "it answers 503 (Service Unavailable), so it says itself that it is not ready; see its "
        "log, or give the path that answers once it is (HEALTH_PATH)",
    ),
    "a status of nobody's": (waited(OPEN, status=599), "it answers 599 (no status of HTTP's)"),
    "nothing is known": (
        Waited(Setting(1, 300), TARGET, 60.0),
        "why is not known; see its log, and give it longer (READY_S), another port (PORT) or",
    ),
}


@pytest.mark.parametrize("what", WORDS)
def test_why_a_replica_was_not_ready_is_told_with_what_to_give(what):
    seen, said = WORDS[what]
    assert seen.sentence.startswith(said)
    assert seen.is_starting == ("still starting, with" in said or said == "it is still starting")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            0,
            "ended with exit code 0, so its command does not go on serving; give one that does (CO",
        ),
        (127, "ended with exit code 127, which is a command that cannot be run; give one that can"),
        (
            3,
            "ended with exit code 3; give what it asks for: a command (COMMAND), variables (ENVIRO",
        ),
        (139, "was ended by SIGSEGV (exit code 139); give what it asks for: a command (COMMAND)"),
    ],
)
def test_why_a_service_ended_is_told_with_what_to_give(code, said):
    assert why_it_ended(code).startswith(said)


def test_a_signal_is_called_by_its_name():
    assert ended_with(137) == "was ended by SIGKILL (exit code 137)"
    assert ended_with(139) == "was ended by SIGSEGV (exit code 139)"
    assert ended_with(1) == "ended with exit code 1"
