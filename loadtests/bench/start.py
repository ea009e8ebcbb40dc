"""To start a container, and to tell why one did not start."""

import re
import time
from collections.abc import Callable

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.replica_report import ended_with, last_words_of
from loadtests.errors import (
    AguantaError,
    EngineError,
    HostError,
    KilledAtStartError,
    NotReadyError,
    QuestionError,
)
from loadtests.units import MIB

# runc looks at the cgroup's count of kills before it says so.
_OOM_KILLED = ("init was oom-killed", "memory limit too low")
# containerd says only that the first process, which is runc's own, was dead before it could become
# the image's: killed for memory, or for a system call, or by anybody.
_DEAD = "cannot start a stopped process"
# Where it has no room runc fails in many words, but for an image's wrong command in these.
_RUNC_FAILED, _WRONG_COMMAND = "oci runtime", 'exec: "'
# What the image has not, in the engine's words and in ours, and what to give.
_WRONG = (
    ((_WRONG_COMMAND,), "command", "give one that it has (COMMAND)"),
    (
        ("unable to find user", "unable to find group"),
        "user",
        "give one that it has, or a number (CONTAINER_USER)",
    ),
)
# Seen at 6 MiB, not every time, and never at 7 (runc 1.1.5 with cgroup v2); twice that for others.
_RUNC_NEEDS_MIB = 14
# A node of a Swarm lets go of a network when the last container on it leaves, and what starts in
# that moment finds it half gone (github.com/moby/moby/issues/27513). Seen between two trials.
_HALF_GONE = re.compile(r"network \S+ not found")
_ATTEMPTS, _PAUSE_S = 5, 1.0


def start(
    container: Container,
    hidden: Callable[[str], str] = str,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Start a container; `hidden` takes out of a text what nobody may read.

    One whose node is letting go of their network is started again, a few times.

    Raises HostError when the engine cannot grant its descriptors, KilledAtStartError when its
    memory limit does not even let it begin, NotReadyError when it was dead before it began and
    nothing speaks of memory, QuestionError when the image has not its command or its user,
    EngineError for whatever else the engine refuses.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            container.start()
            return
        except APIError as error:
            said = str(error.explanation or error)
            if attempt == _ATTEMPTS or not _HALF_GONE.search(said):
                raise why_not_started(container, hidden(said), hidden) from error
        sleep(_PAUSE_S)


def why_not_started(
    container: Container, message: str, hidden: Callable[[str], str]
) -> AguantaError:
    """Return the error that says why a container did not start, by what its engine said."""
    name, said = container.name, message.lower()
    if "rlimit" in said:
        return HostError(
            f"the engine may not open enough files for {name} ({message}); raise "
            "the engine's hard limit (LimitNOFILE, ulimit -Hn) or ask for fewer users"
        )
    container.reload()
    limit_mib = container.attrs["HostConfig"]["Memory"] / MIB
    if limit_mib == 0:  # the generator, whose memory is the host's
        return EngineError(f"{name} could not be started: {message}")
    named = any(words in said for words in _OOM_KILLED) or container.attrs["State"]["OOMKilled"]
    dead = _DEAD in said
    cramped = limit_mib <= _RUNC_NEEDS_MIB and _RUNC_FAILED in said and _WRONG_COMMAND not in said
    if named or cramped or (dead and limit_mib <= _RUNC_NEEDS_MIB):
        return KilledAtStartError(
            f"{name} was OOM-killed before it began, at its limit of {limit_mib:g} MiB "
            f"({message}): give it more memory"
        )
    for words, what, fix in _WRONG:
        if any(word in said for word in words):
            return QuestionError(
                f"{name} could not be started, as the image has not its {what} ({message}); {fix}"
            )
    if dead:
        code = int(container.attrs["State"]["ExitCode"])
        return NotReadyError(
            f"{name} was dead before it began ({message}); it {ended_with(code)}:\n"
            f"{hidden(last_words_of(container))}"
        )
    return EngineError(f"{name} could not be started: {message}")
