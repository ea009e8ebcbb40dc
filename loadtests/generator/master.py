"""Lead several workers through one load by Locust's master, report every second, and end.

Locust's master spreads the users, and its heartbeats tell which worker is gone. What it has of
requests is sums and rounded latencies every three seconds, and its workers know of no phases. So
they tell beside it, in messages of Locust's own kind, what each second brought, and are told when a
level's phases begin; every request stands in their own journals.
"""

from typing import TYPE_CHECKING

from loadtests.generator import program
from loadtests.generator.channel import say

if TYPE_CHECKING:
    from loadtests.generator.environment import LocustEnvironment
    from loadtests.generator.job import Job
    from loadtests.generator.script import Script

JOIN_S = 60.0  # for workers to start and find their master
CANNOT_JOIN = 6


def main() -> None:
    """Lead the job in AGUANTA_JOB, and leave the merged report in the results folder.

    Exit codes are those of a process alone (3, 4, 5), and 6 where workers never came.
    """
    job, stop = program.begin()
    import sys

    from loadtests.generator.conduct import Conductor
    from loadtests.generator.locust_files import LocustFiles
    from loadtests.generator.master_users import MasterUsers
    from loadtests.generator.workers import Workers

    script, environment = program.of_script(job, _prepared)
    runner = environment.runner
    workers = Workers(runner, job.workers, is_open=job.arrivals is not None)
    if missing := workers.await_joined(JOIN_S, stop):
        say(event="workers_missing", workers=missing)
        sys.exit(CANNOT_JOIN)
    program.await_service(job, stop)
    files = LocustFiles(environment.locust, job.results)
    files.begin()
    users = MasterUsers(environment, job.spawn_rate, say_goodbye=script.says_goodbye)
    report = Conductor(job, users, workers, stop).conduct()
    files.close()
    report.write(job.results)
    users.close()
    program.end()


def _prepared(job: "Job", script: "Script") -> "tuple[Script, LocustEnvironment]":
    from loadtests.generator.environment import LocustEnvironment

    return script, LocustEnvironment(
        job, script, lambda environment: environment.create_master_runner("*", job.master_port)
    )


if __name__ == "__main__":
    main()
