"""The load generators that are compared: what each is made of, and how it is told the same load."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.images import GENERATOR, Recipe
from loadtests.peers.generator_reported import (
    Files,
    Reported,
    of_k6,
    of_locust,
    of_summary,
    of_this_project,
)

_IMAGES = Path(__file__).parent / "images"
_LOCUST_LOCK = GENERATOR.context / "requirements.lock"
SCRIPTS = Path(__file__).parent / "load" / "generators"
HOME = "/tmp/peers"  # noqa: S108  (inside the container: its script, and what it leaves)
BODY = json.dumps(
    {
        "bill_length_mm": 39.1,
        "bill_depth_mm": 18.7,
        "flipper_length_mm": 181,
        "body_mass_g": 3750,
    }
)
TIMEOUT_S = 10  # of one request, where it can be told


@dataclass(frozen=True)
class Load:
    """What every generator is asked for."""

    users: int = 10_000
    spawn_rate: int = 500  # users a second
    think_time_s: tuple[float, float] = (5.0, 15.0)
    warm_up_s: int = 10
    hold_s: int = 20
    slack_s: int = 3  # that it goes on after that, whose start the first request tells

    @property
    def ramp_s(self) -> int:
        """How long users come for, to the next whole second."""
        return -(-self.users // self.spawn_rate)

    @property
    def steady_requests(self) -> int:
        """How many requests it has in its steady state, where answers take no time."""
        return round(2 * self.users * self.hold_s / sum(self.think_time_s))

    @property
    def total_s(self) -> int:
        """How long a generator is told to go on."""
        return self.ramp_s + self.warm_up_s + self.hold_s + self.slack_s


@dataclass(frozen=True)
class Contender:
    """A load generator."""

    name: str  # in tables and files
    recipe: Recipe
    command: Callable[[Load, str], Sequence[str]]  # of a load, and the target's address:port
    read: Callable[[Files], Reported]
    job: Callable[[Load, str], dict[str, object]] | None = None  # in AGUANTA_JOB
    note: str = ""  # what makes its load another than the others'
    package: str = ""  # whose version is told
    lock: Path | None = None  # that has its version; None: Debian's packages in the image have it

    def environment(self, load: Load, target: str) -> dict[str, str]:
        """Return the variables that its script, or its program, reads."""
        low, high = load.think_time_s
        told: dict[str, object] = {
            "TARGET": f"http://{target}", "BODY": BODY, "RESULTS": HOME, "USERS": load.users,
            "THINK_MIN": low, "THINK_MAX": high, "RAMP_S": load.ramp_s,
            "WARM_UP_S": load.warm_up_s, "HOLD_S": load.hold_s, "SLACK_S": load.slack_s,
        }  # fmt: skip
        if self.job is not None:
            told["AGUANTA_JOB"] = json.dumps(self.job(load, target))
        return {name: str(value) for name, value in told.items()}


def _of_ours(name: str, script: str) -> Contender:
    """Return this project's own program with a script; see `loadtests/generator/job.py`."""

    def job(load: Load, target: str) -> dict[str, object]:
        host, _, port = target.rpartition(":")
        steady_s = load.hold_s + load.slack_s
        return {
            "host": host, "port": int(port), "health_path": "/", "replicas": 1,
            "levels": [
                {"users": load.users, "warm_up_s": load.warm_up_s, "steady_s": steady_s}
            ],
            "spawn_rate": float(load.spawn_rate), "think_time_s": load.think_time_s,
            "timeout_s": float(TIMEOUT_S), "slow_ms": 500.0, "early_stop": None,
            "ready_timeout_s": 30.0, "seed": 1, "locustfile": f"{HOME}/{script}", "results": HOME,
        }  # fmt: skip

    return Contender(
        name,
        GENERATOR,
        lambda _load, _target: ("python3", "-m", "loadtests.generator"),
        of_this_project,
        job,
        package="locust",
        lock=_LOCUST_LOCK,
    )


def _of_locust(name: str, script: str) -> Contender:
    """Return Locust's own program with a script, in the image of this project's generator."""

    def command(load: Load, target: str) -> Sequence[str]:
        return (
            "python3", "-m", "locust", "-f", f"{HOME}/{script}", "--headless", "--only-summary",
            "--host", f"http://{target}", "-u", str(load.users), "-r", str(load.spawn_rate),
            "-t", f"{load.total_s}s", "--reset-stats", "--exit-code-on-error", "0",
            "--json-file", f"{HOME}/locust",
        )  # fmt: skip

    return Contender(name, GENERATOR, command, of_locust, package="locust", lock=_LOCUST_LOCK)


def _wrk(load: Load, target: str) -> Sequence[str]:
    # Its users think before their first request too, and it counts who thinks as timed out.
    seconds = load.total_s + round(2 * load.think_time_s[0])
    return (
        "wrk", "-t1", f"-c{load.users}", f"-d{seconds}s", "--timeout", f"{2 * seconds}s",
        "-s", f"{HOME}/users.lua", f"http://{target}/predict/",
    )  # fmt: skip


OURS = _of_ours("this project, KeepAliveUser", "keep_alive.py")
OURS_FAST = _of_ours("this project, FastHttpUser", "fast.py")
KEEP_ALIVE = _of_locust("Locust, this project's KeepAliveUser", "keep_alive.py")
FAST = _of_locust("Locust, FastHttpUser", "fast.py")
FIXED = _of_locust("Locust, FastHttpUser with the descriptor fix", "fixed.py")
CLASSIC = _of_locust("Locust, HttpUser", "classic.py")
K6 = Contender(
    "k6",
    Recipe("aguanta-peer-k6:latest", _IMAGES / "k6", ("requirements.lock",)),
    lambda _load, _target: ("k6", "run", "--quiet", "--no-usage-report", f"{HOME}/users.js"),
    of_k6,
    package="k6",
    lock=_IMAGES / "k6" / "requirements.lock",
)
WRK = Contender(
    "wrk, its users made to think",
    Recipe("aguanta-peer-wrk:latest", _IMAGES / "wrk", ()),
    _wrk,
    of_summary,
    package="wrk",
    note="all of its users come at once, and what it reports is of all that it sent",
)
FLOOR = Contender(
    "greenlets that only send and receive",
    GENERATOR,
    lambda _load, _target: ("python3", f"{HOME}/floor.py"),
    of_summary,
    package="gevent",
    lock=_LOCUST_LOCK,
    note="the least that users of Locust can take: nothing is parsed, checked or counted, and what "
    "it reports is of all that it sent",
)
# The first is what ratios are of.
CONTENDERS = (OURS, OURS_FAST, KEEP_ALIVE, FIXED, FAST, CLASSIC, K6, WRK, FLOOR)
