"""The live staircase: one ramp-up, then level after level under the same users.

Either the CPU limit falls by the engine's live update while the users stay, or users are added
while the limit stays. Which comes next is decided elsewhere, from what was seen so far.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.bench.generator import Line, OnLine
from loadtests.bench.live import LiveLoad, finish
from loadtests.bench.load import run_load
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.generator.job import Level
from loadtests.question import Setting
from loadtests.verdicts import Step

# What the next level's CPU limit (cores) is, given all levels so far; None: the staircase is over.
NextLimit = Callable[[Sequence[Step]], float | None]


def staircase_plan(
    bench: Bench,
    start: Setting,
    users: Sequence[int],
    cpus: Sequence[float],
    rates: Sequence[float] = (),
    repeat: int = 0,
    level_warm_up_s: float | None = None,
) -> LoadPlan:
    """Plan a staircase that begins at a setting, with so many users at each level.

    Of an open load `rates` are the arrivals per second at each level, and its users stand ready;
    where none are given it is the load's own at all levels. `cpus` are the limits (cores) that may
    come: another choice is another staircase, and so is another `repeat`.

    The first level settles as long as a trial does, for its ramp-up; the others only until a change
    shows, or for as long as is given (s). None is stopped early: how it gets worse is what is
    looked at.
    """
    workload = bench.question.workload
    each_s = workload.level_warm_up_s if level_warm_up_s is None else level_warm_up_s
    warm_up_s = [workload.warm_up_s, *[each_s] * (len(users) - 1)]
    at_rates: Sequence[float | None] = rates or [workload.rate_per_s] * len(users)
    levels = tuple(
        Level(n, warm_up, workload.level_steady_s, rate)
        for n, warm_up, rate in zip(users, warm_up_s, at_rates, strict=True)
    )
    asked = f"{bench.key(start, repeat)} staircase {levels} {[*cpus]}"
    return LoadPlan(
        key=hashlib.sha256(asked.encode()).hexdigest(),
        setting=start,
        repeat=repeat,
        levels=levels,
        early_stop=None,
        ready_s=bench.ready_s,
    )


def run_staircase(bench: Bench, plan: LoadPlan, next_limit: NextLimit, on_tick: OnLine) -> Path:
    """Climb until `next_limit` says so or the levels are used up; return the record's folder.

    Raises what `run_load` raises.
    """
    climb = _Climb(next_limit, plan.setting.cpus)
    return run_load(bench, plan, on_tick, climb.after_level, lambda: climb.steps)


@dataclass
class _Climb:
    """The levels so far, and the limit they are at."""

    next_limit: NextLimit
    cpus: float
    steps: list[Step] = field(default_factory=list)

    def after_level(self, live: LiveLoad, line: Line) -> None:
        """Note the level that was held, and change the limit or end the load."""
        began_s = line["started_wall_s"]
        used = live.cpu_cores(began_s + line["steady_start_s"], began_s + line["steady_end_s"])
        self.steps.append(
            Step(
                cpus=self.cpus,
                cpu_cores=used,
                **{name: line[name] for name in Step.__dataclass_fields__ if name in line},
            )
        )
        following = self.next_limit(self.steps)
        if following is None:
            finish(live.generator)
        elif following != self.cpus:
            live.limit_cpus(following)
            self.cpus = following
