"""Put one load on one address with Locust, report every second, and end."""

import os
import random
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from loadtests.generator.channel import CHANNEL, say
from loadtests.generator.stop import Stop

if TYPE_CHECKING:
    from loadtests.generator.readiness import Answer


def main() -> None:
    """Run the job in AGUANTA_JOB and leave its files in the results folder.

    Exit code 3 says that the replicas never answered, 4 that the users' script cannot be run, 5
    that a proxy never found the replicas.
    """
    CHANNEL.keep()
    stop = Stop()
    # Locust takes a second to import; by then a request to stop must be heard already.
    from loadtests.generator.job import Job
    from loadtests.generator.readiness import (
        NotReadyError,
        ProxyNotReadyError,
        await_proxy,
        await_replicas,
    )
    from loadtests.generator.run import run
    from loadtests.generator.script import ScriptError, load
    from loadtests.generator.traffic import Traffic

    job = Job.from_json(os.environ["AGUANTA_JOB"])
    random.seed(job.seed)
    job.results.mkdir(parents=True, exist_ok=True)
    try:
        traffic = Traffic(job, load(job.locustfile, job.script_options))
    except ScriptError as error:
        say(event="bad_script", message=str(error))
        sys.exit(4)
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
    run(job, traffic, stop)
    say(event="done")
    sys.stdout.flush()
    # Ending ten thousand greenlets one by one would take seconds and change nothing.
    os._exit(0)


def _plain(answers: "dict[str, Answer]") -> dict[str, dict[str, object]]:
    return {address: asdict(answer) for address, answer in answers.items()}


if __name__ == "__main__":
    main()
