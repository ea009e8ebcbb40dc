"""The way through one level: ramp-up, warm-up, steady state."""

from dataclasses import dataclass

from loadtests.generator.clock import Clock
from loadtests.generator.cpu import CpuMeter
from loadtests.generator.job import Job, Level, Phase
from loadtests.generator.own_load import OwnLoad
from loadtests.generator.part import Part
from loadtests.generator.report import LevelReport
from loadtests.generator.watch import Watch


@dataclass(frozen=True)
class LevelRunner:
    """Takes the load of this process through its levels, one call each."""

    job: Job
    load: OwnLoad
    clock: Clock
    cpu: CpuMeter  # measures the steady states
    watch: Watch
    part: Part

    def run(self, level: Level) -> LevelReport:
        """Return what was seen of the level; it ends early where the load is told to."""
        start_s, users, traffic = self.clock.now_s(), self.watch.users, self.load.traffic
        more = level.users - users.expected
        users.expect(level.users)
        if more:
            self.part.bring_users(traffic, level.users)
        if level.rate_per_s is not None:
            traffic.change_rate(level.rate_per_s, more / self.job.spawn_rate)
        ramped_s = self.part.await_users(self.watch, self.job.spawn_limit_s(more))
        traffic.spare_users_from_collection()
        # A pause at the end of the warm-up makes that late: what is left of it counts already.
        steady_due_s = ramped_s + level.warm_up_s
        self.watch.wait(Phase.WARM_UP, steady_due_s - self.clock.now_s())
        steady_start_s, before = self.clock.now_s(), self.load.journal.counts
        thinks = traffic.thinking.times
        if self.watch.stop.requested:
            return LevelReport.without_steady_state(level, start_s, users.arrived_s, steady_start_s)
        with self.cpu.measure():
            self.watch.wait(Phase.STEADY_STATE, level.steady_s)
        steady_end_s = self.clock.now_s()
        self.load.heartbeat.count(steady_due_s, steady_end_s)
        seen = self.load.journal.counts - before
        slow_s = self.job.slow_ms / 1000
        stuck = traffic.in_flight.older_than(slow_s)
        stuck += sum(age_s > slow_s for age_s in traffic.waiting_s)
        return LevelReport(
            level.users,
            start_s,
            users.arrived_s,
            steady_start_s,
            steady_end_s,
            seen.requests + stuck,
            seen.slow + stuck,
            seen.failures,
            level.rate_per_s,
            traffic.thinking.times - thinks,
        )
