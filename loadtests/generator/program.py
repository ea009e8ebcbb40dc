"""What the generator's programs have in common: the job, the script, and how they end.

Nothing here imports Locust before it is asked to: that takes a second, and by then a request to
stop must be heard already.
"""

import os
import random
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn, TypeVar

from loadtests.generator.channel import CHANNEL, say
from loadtests.generator.stop import Stop

if TYPE_CHECKING:
    from loadtests.generator.job import Job
    from loadtests.generator.readiness import Answer
    from loadtests.generator.script import Script

Made = TypeVar("Made")


def begin() -> "tuple[Job, Stop]":
    """Keep standard output, listen for a request to stop, and read the job in AGUANTA_JOB."""
    CHANNEL.keep()
    stop = Stop()
    from loadtests.generator.job import Job

    job = Job.from_json(os.environ["AGUANTA_JOB"])
    random.seed(job.seed + job.worker)
    job.results.mkdir(parents=True, exist_ok=True)
    return job, stop


def of_script(job: "Job", make: "Callable[[Job, Script], Made]") -> Made:
    """Return what is made of the users' script; exit code 4 says that it cannot be run."""
    from loadtests.generator.script import ScriptError, load

    try:
        return make(job, load(job.locustfile, job.script_options))
    except ScriptError as error:
        say(event="bad_script", message=str(error))
        sys.exit(4)


def await_service(job: "Job", stop: Stop) -> None:
    """Wait until all that is asked is ready, and say so.

    Exit code 3 says that the replicas never answered, 5 that a proxy never found them.
    """
    from loadtests.generator.readiness import (
        NotReadyError,
        ProxyNotReadyError,
        await_proxy,
        await_replicas,
    )

    try:
        answers = await_replicas(job, stop)
    except NotReadyError as error:
        say(event="not_ready", message=str(error), answers=_plain(error.answers))
        sys.exit(3)
    if job.proxy_port is not None:
        say(event="replicas_ready")  # a proxy that starts now finds all of them
        try:
            await_proxy(job, stop)
        except ProxyNotReadyError as error:
            say(event="proxy_not_ready", message=str(error))
            sys.exit(5)
    say(event="ready", answers=_plain(answers))


def end() -> NoReturn:
    """Say that all is done, and end."""
    say(event="done")
    sys.stdout.flush()
    # Ending ten thousand greenlets one by one would take seconds and change nothing.
    os._exit(0)


def _plain(answers: "dict[str, Answer]") -> dict[str, dict[str, object]]:
    return {address: asdict(answer) for address, answer in answers.items()}
