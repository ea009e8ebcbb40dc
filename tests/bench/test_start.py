"""Why a container did not start: what the engine says, beside the limit the container has."""

import pytest
from docker.errors import APIError

from loadtests.bench.start import start
from loadtests.errors import (
    EngineError,
    HostError,
    KilledAtStartError,
    NotReadyError,
    QuestionError,
)
from loadtests.units import MIB
from tests.evidence_log import log_case

DEAD = "cannot start a stopped process: unknown"
OOM = "runc create failed: container init was OOM-killed (memory limit too low?): unknown"
GONE = "OCI runtime create failed: openat2 cgroup.controllers: no such file or directory"
NOBODY = "unable to find user shopper: no matching entries in passwd file"
NOWHERE = 'OCI runtime create failed: exec: "oom-killer": executable file not found in $PATH'


class Refused:
    """A container that the engine does not start, as it is inspected afterwards."""

    name = "api-1"

    def __init__(self, explanation, limit_mib, oom_killed):
        self.explanation = explanation
        self.attrs = {
            "HostConfig": {"Memory": limit_mib * MIB},
            "State": {"Running": False, "OOMKilled": oom_killed, "ExitCode": 128},
        }

    def start(self):
        raise APIError("500", explanation=self.explanation)

    def reload(self):
        """It stays as it is."""

    def logs(self, tail):
        return b"bad system call\n"


@pytest.mark.parametrize(
    ("explanation", "limit_mib", "oom_killed", "error", "says", "what"),
    [
        ("error setting rlimit type 7", 300, False, HostError, "ulimit -Hn", "descriptors"),
        (OOM, 300, False, KilledAtStartError, "at its limit of 300 MiB", "runc saw the kill"),
        (DEAD, 6, False, KilledAtStartError, "at its limit of 6 MiB", "no room for runc itself"),
        (GONE, 6, False, KilledAtStartError, "at its limit of 6 MiB", "its cgroup went with it"),
        (GONE, 300, False, EngineError, "could not be started", "room, and a fault of the engine"),
        (
            "no network",
            6,
            False,
            EngineError,
            "could not be started",
            "not the first process",
        ),
        (DEAD, 300, True, KilledAtStartError, "at its limit of 300 MiB", "the engine's own flag"),
        (DEAD, 300, False, NotReadyError, "exit code 128:\nbad system call", "room, and no word"),
        (DEAD, 0, False, EngineError, "could not be started", "the generator: no limit"),
        (OOM, 0, False, EngineError, "could not be started", "the host killed the generator"),
        (NOWHERE, 300, False, QuestionError, "give one that it has (COMMAND)", "a wrong command"),
        (NOWHERE, 6, False, QuestionError, "give one that it has (COMMAND)", "one, in no room"),
        (NOBODY, 300, False, QuestionError, "or a number (CONTAINER_USER)", "a wrong user"),
    ],
)
def test_only_a_limit_that_killed_is_told_as_a_kill_for_memory(
    explanation, limit_mib, oom_killed, error, says, what
):
    """Else a wrong command or a forbidden system call would ask for more memory."""
    with pytest.raises(error) as told:
        start(Refused(explanation, limit_mib, oom_killed))
    assert type(told.value) is error, what
    assert says in str(told.value), what
    if (explanation, limit_mib) == (DEAD, 6):
        before = f"api-1 could not be started: {DEAD}"
        log_case(
            "mended", "killed before it began", "a limit of 6 MiB", str(told.value), True, before
        )


def test_what_nobody_may_read_is_in_no_message():
    with pytest.raises(NotReadyError) as told:
        start(Refused(DEAD, 300, False), lambda text: text.replace("system", "<SECRET>"))
    assert "bad <SECRET> call" in str(told.value)


def test_a_container_that_starts_is_not_looked_into():
    class Starts(Refused):
        def start(self):
            """It does."""

        def reload(self):
            raise AssertionError("inspected")

    start(Starts("", 300, False))


class Leaving:
    """A container whose node lets go of their network until it has been asked so many times."""

    name = "worker-2"

    def __init__(self, times):
        self.times, self.asked = times, 0
        self.attrs = {"HostConfig": {"Memory": 0}, "State": {"OOMKilled": False, "ExitCode": 0}}

    def start(self):
        self.asked += 1
        if self.asked <= self.times:
            raise APIError("404", explanation="network y55vlvznadwf not found")

    def reload(self):
        """It stays as it is."""


def test_one_whose_node_lets_go_of_the_network_is_started_again():
    container, slept = Leaving(2), []
    start(container, sleep=slept.append)
    assert (container.asked, len(slept)) == (3, 2)


def test_a_network_that_stays_away_is_told_in_the_end():
    with pytest.raises(EngineError, match="worker-2 could not be started: network y55vlvznadwf"):
        start(Leaving(100), sleep=lambda _: None)
