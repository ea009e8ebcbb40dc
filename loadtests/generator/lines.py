"""The lines that a load says of itself, whether one process sends it or several."""

from dataclasses import asdict

from loadtests.generator.channel import say
from loadtests.generator.clock import Clock
from loadtests.generator.job import Phase
from loadtests.generator.report import LevelReport
from loadtests.generator.second import Second


def say_second(phase: Phase, second: Second) -> None:
    """Say the line of a second."""
    say(event="tick", **second.line(phase))


def say_level(clock: Clock, level: LevelReport) -> None:
    """Say a level's line where it had a steady state."""
    if level.has_steady_state:
        say(event="level", started_wall_s=clock.started_wall_s, **asdict(level))
