"""Where a load generator's CPU goes: what py-spy saw it run, by function and by owner."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtests.peers.tables import NOTHING
from loadtests.report.markdown import row

OURS = "this project"
OTHERS = "all others"
_FRAME = re.compile(r"^(?P<function>.+) \((?P<file>[^()]+?)(?::\d+)?\)$")
_OWNERS = {"loadtests": OURS, "gevent": "gevent", "greenlet": "gevent", "locust": "Locust"}
OTHER_CODE = "scripts, Python, other packages"
LOOP = "Hub.run (gevent/hub.py)"  # waits, and wakes who may go on
SHOWN = 15  # functions


@dataclass(frozen=True)
class Profile:
    """What a generator ran in its steady state, and what a request took of a CPU meanwhile.

    py-spy cannot tell in a container whether the event loop works or waits, so the loop has what
    remains of the CPU that the kernel counted.
    """

    generator: str  # as tables call it
    cpu_ms: float  # of a request
    look_ms: float  # of a request, that one look stands for
    seen: Mapping[str, int]  # how often each function's own code was seen to run

    def __post_init__(self) -> None:
        if self._beside_loop_ms > self.cpu_ms or not self.seen:
            raise ValueError(
                f"{self.generator} was seen at work for {self._beside_loop_ms:.3f} ms a request, "
                f"and took {self.cpu_ms:.3f} ms of a CPU"
            )

    @property
    def _beside_loop_ms(self) -> float:
        return sum(self.look_ms * often for name, often in self.seen.items() if name != LOOP)

    def ms(self, functions: Sequence[str]) -> float:
        """Return what of a request's CPU some functions' own code takes, in ms."""
        own = sum(self.look_ms * self.seen.get(each, 0) for each in functions if each != LOOP)
        return own + (self.cpu_ms - self._beside_loop_ms if LOOP in functions else 0.0)


def own_code(raw: str) -> dict[str, int]:
    """Return how often each function's own code ran, of py-spy's raw format.

    That has a stack a line, outermost first, frames by semicolons, and how often it was seen.
    """
    counted: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, often = line.rpartition(" ")
        found = _FRAME.match(stack.rpartition(";")[2])
        if found is not None:
            counted[f"{found['function']} ({found['file']})"] += int(often)
    return dict(counted)


def owner(function: str) -> str:
    """Return whose a function is."""
    return _OWNERS.get(function.rpartition("(")[2].partition("/")[0], OTHER_CODE)


def page(profiles: Sequence[Profile], looks: int, steady_s: int, where: str) -> str:
    """Return the page that tells it, as Markdown; `where` is when and on what it was seen."""
    functions = {each for profile in profiles for each in profile.seen}
    owners: dict[str, list[str]] = {}
    for each in functions:
        owners.setdefault(owner(each), []).append(each)
    by_weight = sorted(functions, key=lambda each: -max(profile.ms([each]) for profile in profiles))
    shown, others = by_weight[:SHOWN], by_weight[SHOWN:]
    lines = [
        "# What a request takes of a load generator's CPU",
        "",
        f"Written by `make profile`, {where}: every figure comes out of it. Each generator sent "
        f"the load of `make peers`, one after another, a core each, and in its steady state of "
        f"{steady_s} s py-spy looked {looks} times a second at which function's own code ran; what "
        "C code does counts for the function that called it. py-spy cannot tell whether gevent's "
        f"event loop, `{LOOP}`, works or waits: it has what remains of the CPU that the kernel "
        "counted. Being looked at makes a generator a little slower.",
        "",
        "## Whose code runs",
        "",
        *_table("ms of CPU a request", profiles, sorted(owners.items())),
        row("**all**", *(f"**{profile.cpu_ms:.3f}**" for profile in profiles)),
        "",
        "## Which functions",
        "",
        *_table(
            "ms of CPU a request",
            profiles,
            [*((f"`{each}`", [each]) for each in shown), (OTHERS, others)],
        ),
    ]
    return "\n".join(lines) + "\n"


def _table(
    head: str, profiles: Sequence[Profile], rows: Sequence[tuple[str, Sequence[str]]]
) -> list[str]:
    return [
        row(head, *(profile.generator for profile in profiles)),
        row("---", *("---:" for _ in profiles)),
        *(row(name, *(_ms(profile.ms(of)) for profile in profiles)) for name, of in rows),
    ]


def _ms(value: float) -> str:
    return f"{value:.3f}" if value else NOTHING
