"""One trial: one setting, cold containers, one level of load."""

from pathlib import Path

from loadtests.bench.generator import OnLine
from loadtests.bench.load import run_load
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.generator.job import Level
from loadtests.question import Patience, Setting


def run_trial(bench: Bench, setting: Setting, repeat: int, on_tick: OnLine) -> Path:
    """Measure one setting from a cold start and return the stored trial's folder.

    Raises what `run_load` raises.
    """
    load = bench.question.load
    plan = LoadPlan(
        key=bench.key(setting, repeat),
        setting=setting,
        repeat=repeat,
        levels=(Level(load.users, load.settle_s, load.hold_s),),
        patience=Patience.of(bench.question) if bench.gives_up else None,
    )
    return run_load(bench, plan, on_tick, lambda _live, _level: None, lambda: ())
