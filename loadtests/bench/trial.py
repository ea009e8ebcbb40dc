"""One trial: one setting, fresh containers, one level of load."""

from pathlib import Path

from loadtests.bench.generator import OnLine
from loadtests.bench.load import run_load
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.generator.job import Level
from loadtests.question import EarlyStop, Setting


def run_trial(bench: Bench, setting: Setting, repeat: int, on_tick: OnLine) -> Path:
    """Measure one setting in fresh containers and return the stored trial's folder.

    Raises what `run_load` raises.
    """
    workload = bench.question.workload
    plan = LoadPlan(
        key=bench.key(setting, repeat),
        setting=setting,
        repeat=repeat,
        levels=(Level(workload.users, workload.warm_up_s, workload.steady_s, workload.rate_per_s),),
        early_stop=EarlyStop.of(bench.question) if bench.stops_early else None,
        ready_s=bench.ready_s,
    )
    return run_load(bench, plan, on_tick, lambda _live, _level: None, lambda: ())
