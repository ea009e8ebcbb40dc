"""One load from its first user to its report: the parts, put together."""

from loadtests.generator.cpu import CpuMeter
from loadtests.generator.fixed_work import FixedWork
from loadtests.generator.heartbeat import Heartbeat
from loadtests.generator.job import Job
from loadtests.generator.journal import Journal
from loadtests.generator.levels import LevelRunner
from loadtests.generator.own_load import OwnLoad
from loadtests.generator.part import Part
from loadtests.generator.report import LevelReport, Report
from loadtests.generator.script_errors import ScriptErrors
from loadtests.generator.speed_gauge import SpeedGauge
from loadtests.generator.stop import Stop
from loadtests.generator.ticks import Ticks
from loadtests.generator.traffic import Traffic
from loadtests.generator.users import UserCount
from loadtests.generator.watch import Watch


def run(job: Job, traffic: Traffic, stop: Stop, part: Part) -> None:
    """Send this process's part of a load; leave report.json and the tables in the results."""
    clock, users = part.begin(), UserCount()
    heartbeat, gauge = Heartbeat(clock), SpeedGauge(clock, FixedWork())
    cpu = CpuMeter(clock)
    ticks = Ticks(clock, job.timeout_s, over_s=part.second_over_s)
    journal = Journal(job.results / "requests.csv", clock, job.slow_ms, traffic.connections.peer_of)
    errors = ScriptErrors(journal, traffic.in_flight)
    traffic.begin(journal, errors)
    load = OwnLoad(traffic, journal, heartbeat, gauge, ticks)
    watch = Watch(load, stop, clock, users, job.early_stop, part.tell_second)
    runner = LevelRunner(job, load, clock, cpu, watch, part)
    levels: list[LevelReport] = []
    heartbeat.start()
    gauge.start()
    for level in job.levels:
        levels.append(runner.run(level))
        part.tell_level(clock, levels[-1])
        if stop.requested:
            break
    journal.note_unanswered(traffic.in_flight, traffic.waiting_s)
    part.let_users_leave(traffic, stop)
    late, came = heartbeat.lateness(), traffic.arrivals
    stopped, counts, opened = watch.stopped_early, journal.counts, traffic.connections.opened
    report = Report(
        started_wall_s=clock.started_wall_s,
        levels=tuple(levels),
        stopped_early=stopped.reason if stopped else None,
        requests_of_whole=stopped.requests_of_whole if stopped else 0,
        users_reached=users.reached,
        users_lost=users.lost,
        requests=counts.requests,
        failures=counts.failures,
        # None opened under all those requests: a client this project has no counter for.
        connects=opened or (None if counts.requests else 0),
        heartbeat_lag_p99_ms=late.p99_ms,
        heartbeat_lag_max_ms=late.max_ms,
        cpu_cores=cpu.cores,
        clock_drift_ms=clock.drift_ms(),
        own_errors=journal.own_errors,
        script_errors=dict(errors.by_name + traffic.hook_errors.by_name),
        users_ended=errors.users_ended,
        closed_by_service=traffic.connections.closed_by_service,
        not_judged=dict(traffic.not_judged),
        thinks=traffic.thinking.times,
        thinks_steady=levels[-1].thinks if levels[-1].has_steady_state else None,
        arrivals=came.made if came else 0,
        arrivals_waited=came.waited if came else 0,
        arrivals_unexplained=came.unexplained if came else 0,
        tasks_not_run=tuple(traffic.tasks_not_run),
        rarest_share=traffic.rarest_share,
        redirected=dict(traffic.redirects.paths),
        names_grouped=traffic.names.are_grouped,
    )
    journal.close()
    if traffic.names.are_grouped:
        journal.rename(traffic.names.in_the_end)
    report.write(job.results)
    part.end(report)
    traffic.close()
