"""Put one load on one address with Locust, report every second, and end."""

from loadtests.generator import program


def main() -> None:
    """Run the job in AGUANTA_JOB and leave its files in the results folder.

    Exit code 3 says that the replicas never answered, 4 that the users' script cannot be run, 5
    that a proxy never found the replicas.
    """
    job, stop = program.begin()
    from loadtests.generator.alone import Alone
    from loadtests.generator.locust_files import LocustFiles
    from loadtests.generator.run import run
    from loadtests.generator.traffic import Traffic

    traffic = program.of_script(job, Traffic)
    files = LocustFiles(traffic.environment.locust, job.results)
    program.await_service(job, stop)
    run(job, traffic, stop, Alone(files))
    program.end()


if __name__ == "__main__":
    main()
