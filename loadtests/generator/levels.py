"""The way through one level: ramp-up, warm-up, steady state."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadtests.generator.clock import Clock
from loadtests.generator.cpu import CpuMeter
from loadtests.generator.job import Job, Level, Phase
from loadtests.generator.journal import Journal
from loadtests.generator.report import LevelReport
from loadtests.generator.watch import Watch

if TYPE_CHECKING:  # Locust patches the standard library of whatever imports it
    from loadtests.generator.traffic import Traffic


@dataclass(frozen=True)
class LevelRunner:
    """Takes the load through its levels, one call each."""

    job: Job
    traffic: "Traffic"
    clock: Clock
    journal: Journal
    cpu: CpuMeter  # measures the steady states
    watch: Watch

    def run(self, level: Level) -> LevelReport:
        """Return what was seen of the level; it ends early where the load is told to."""
        start_s, users = self.clock.now_s(), self.watch.users
        more = level.users - users.expected
        users.expect(level.users)
        if more:
            self.traffic.start_users(level.users)
        if level.rate_per_s is not None:
            self.traffic.change_rate(level.rate_per_s, more / self.job.spawn_rate)
        self.watch.wait(
            Phase.RAMP_UP, self.job.spawn_limit_s(more), done=lambda: users.arrived_s is not None
        )
        self.traffic.spare_users_from_collection()
        # A pause at the end of the warm-up makes that late: what is left of it counts already.
        steady_due_s = self.clock.now_s() + level.warm_up_s
        self.watch.wait(Phase.WARM_UP, level.warm_up_s)
        steady_start_s, before = self.clock.now_s(), self.journal.counts
        thinks = self.traffic.thinking.times
        if self.watch.stop.requested:  # there is no steady state
            return LevelReport(
                level.users,
                start_s,
                users.arrived_s,
                steady_start_s,
                steady_start_s,
                rate_per_s=level.rate_per_s,
            )
        with self.cpu.measure():
            self.watch.wait(Phase.STEADY_STATE, level.steady_s)
        steady_end_s = self.clock.now_s()
        self.watch.heartbeat.count(steady_due_s, steady_end_s)
        seen = self.journal.counts - before
        slow_s = self.job.slow_ms / 1000
        stuck = self.traffic.in_flight.older_than(slow_s)
        stuck += sum(age_s > slow_s for age_s in self.traffic.waiting_s)
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
            self.traffic.thinking.times - thinks,
        )
