"""Send what Locust's master gives this worker of one load, and end as it says."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from loadtests.generator import program

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.runners import WorkerRunner


def main() -> None:
    """Run this worker's part of the job in AGUANTA_JOB; leave its files in the results folder.

    Exit code 4 says that the users' script cannot be run.
    """
    job, stop = program.begin()
    from loadtests.generator.of_master import OfMaster
    from loadtests.generator.readiness import await_found
    from loadtests.generator.run import run
    from loadtests.generator.traffic import Traffic

    def worker_runner(environment: "Environment") -> "WorkerRunner":
        runner = environment.create_worker_runner(job.master, job.master_port)
        # Each error of a script would be a message with its traceback, thousands a second where
        # every answer is a wrong one; they are counted here.
        told = environment.events.user_error
        told.remove_listener(told._handlers[-1])
        return runner

    traffic = program.of_script(job, partial(Traffic, create_runner=worker_runner))
    part = OfMaster(traffic.environment.runner, job.worker, stop, partial(await_found, job, stop))
    # Whether a load is hopeless is told by all of it.
    run(replace(job, early_stop=None), traffic, stop, part)
    program.end()


if __name__ == "__main__":
    main()
