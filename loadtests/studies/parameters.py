"""What a person may set, in every notebook and on the command line: names, types, defaults.

papermill only warns of a name it does not know and checks no type; here both are refused.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from loadtests.analysis.cost import (
    FARGATE_DATE,
    FARGATE_GIB_HOUR,
    FARGATE_SOURCE,
    FARGATE_VCPU_HOUR,
    Prices,
)
from loadtests.errors import QuestionError
from loadtests.question import SLO, Question, Setting, Target, Workload
from loadtests.search.budget import Budget
from loadtests.search.space import Space

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "data" / "runs"
EXAMPLE = ROOT / "data" / "example"
DEFAULT_RUN = "report"
FINDS = ("minimum", "users")
API_IMAGE = "aguanta-api:latest"

# Lists of which None is another choice, and none at all is no choice.
_NEVER_EMPTY = ("settings", "cpu_steps", "memory_steps")
# Names every notebook kernel has that are nobody's parameter.
_KERNEL_NAMES = {"In", "Out", "exit", "quit", "open", "get_ipython"}


@dataclass(frozen=True)
class Parameters:
    """Every parameter there is; each notebook declares those it uses."""

    run: str = ""  # name under data/runs; "" takes the default run, "example" the recorded one
    image: str = API_IMAGE
    port: int = 8000
    health_path: str = "/health"
    locustfile: str = ""  # "" is loadtests/locustfile.py
    users: int = 10_000
    spawn_rate: float = 500  # users per second
    think_min: float = 5  # seconds
    think_max: float = 15  # seconds
    steady_s: float = 30
    p95_ms: float = 500
    error_rate: float = 0.001
    cpus: float = 1.0
    memory_mib: int = 500
    replicas: int = 1
    find: str = "minimum"  # or "users": how many of them the setting cpus / memory_mib holds
    settings: list[list[float]] | None = None  # [[cpus, memory_mib], …], to measure all of them
    cpu_steps: list[float] | None = None  # cores the search may choose from; None: usual steps
    memory_steps: list[int] | None = None  # MiB it may choose from
    trials_at_most: int = 12
    minutes_at_most: float = 30  # under load
    early_stop: bool = True  # end a trial once no rest of it could make it hold
    vcpu_hour: float = FARGATE_VCPU_HOUR
    gib_hour: float = FARGATE_GIB_HOUR
    currency: str = "USD"
    price_source: str = FARGATE_SOURCE
    price_date: str = FARGATE_DATE
    sizes: list[list[float]] | None = None  # [[cpus, memory_mib], …] of one replica
    replica_counts: list[int] | None = None

    @classmethod
    def check(cls, names: Mapping[str, Any]) -> "Parameters":
        """Build from a notebook's names (`Parameters.check(globals())`).

        Raises QuestionError for a name that is no parameter, or a value of the wrong type.
        """
        plain = (str, int, float, list, tuple, dict, bool, type(None))
        given = {
            name: value
            for name, value in names.items()
            if not name.startswith("_") and name not in _KERNEL_NAMES and isinstance(value, plain)
        }
        return cls.from_mapping(given)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> "Parameters":
        """Build from names and values; raises QuestionError as `check` does."""
        known = {field.name: field for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise QuestionError(f"there is no parameter {name!r}; {hint}")
            kind = known[name].type
            declared = kind.__name__ if kind in (str, int, float, bool) else str(kind)
            _require_type(name, value, declared, known[name].default)
            if name in _NEVER_EMPTY and value is not None and not value:
                raise QuestionError(f"{name} is {value!r}; name some, or leave it out (None)")
        return cls(**given)

    @property
    def question(self) -> Question:
        """The load and the SLO."""
        workload = Workload(
            users=self.users,
            spawn_rate=self.spawn_rate,
            think_time_s=(self.think_min, self.think_max),
            steady_s=self.steady_s,
        )
        return Question(workload, SLO(latency_ms=self.p95_ms, error_rate=self.error_rate))

    @property
    def target(self) -> Target:
        """The image and how its service is reached."""
        return Target(self.image, self.port, self.health_path)

    @property
    def setting(self) -> Setting:
        """The one setting of a notebook that measures one."""
        return Setting(self.cpus, self.memory_mib, self.replicas)

    @property
    def prices(self) -> Prices:
        """What CPU and memory cost, when, and who says so."""
        return Prices(
            self.vcpu_hour, self.gib_hour, self.currency, self.price_source, self.price_date
        )

    @property
    def budget(self) -> Budget:
        """What the search may cost."""
        return Budget(self.trials_at_most, self.minutes_at_most)

    @property
    def finds_users(self) -> bool:
        """Whether users are looked for, and not the least setting."""
        if self.find not in FINDS:
            raise QuestionError(f"find is {self.find!r}; it must be one of {', '.join(FINDS)}")
        return self.find == "users"

    def space(self, host_cpus: int, host_memory_mib: int) -> Space:
        """Return the steps the search may choose from, as far as a host grants them.

        Raises QuestionError where it grants none of those given.
        """
        usual = Space.of_host(host_cpus, host_memory_mib)
        cpus = [step for step in self.cpu_steps or usual.cpus if step <= host_cpus]
        memory = [step for step in self.memory_steps or usual.memory_mib if step <= host_memory_mib]
        if not cpus or not memory:
            raise QuestionError(
                f"the host grants none of cpu_steps {self.cpu_steps} and memory_steps "
                f"{self.memory_steps}: it has {host_cpus} CPUs and {host_memory_mib:,} MiB"
            )
        return Space(tuple(cpus), tuple(memory))

    @property
    def vertical_settings(self) -> list[Setting]:
        """The settings of the vertical table, one replica each."""
        return [_size(pair, 1, "settings") for pair in self.settings or []]

    @property
    def scale_out_settings(self) -> list[Setting]:
        """Every size with every replica count."""
        counts = self.replica_counts or []
        return [_size(pair, count, "sizes") for pair in self.sizes or [] for count in counts]

    @property
    def locustfile_path(self) -> Path:
        """The users' script; raises QuestionError when there is none."""
        path = Path(self.locustfile) if self.locustfile else ROOT / "loadtests" / "locustfile.py"
        path = path if path.is_absolute() else ROOT / path
        if not path.is_file():
            raise QuestionError(f"locustfile is {str(path)!r}; there is no such file")
        return path

    @property
    def folder(self) -> Path:
        """Where the run is kept; raises QuestionError for a name that is no folder name."""
        if self.run == EXAMPLE.name:
            return EXAMPLE
        name = self.run or DEFAULT_RUN
        if Path(name).name != name or name.startswith("."):
            raise QuestionError(f"run is {name!r}; it must be a plain folder name")
        return RUNS / name


def _size(pair: object, replicas: int, name: str) -> Setting:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise QuestionError(f"{name} has {pair!r}; each must be [cpus, memory_mib]")
    cpus, memory_mib = pair
    if isinstance(memory_mib, float) and memory_mib.is_integer():
        memory_mib = int(memory_mib)
    return Setting(cpus, memory_mib, replicas)


def _require_type(name: str, value: object, declared: str, default: object) -> None:
    if declared == "bool":
        right, what = isinstance(value, bool), "True or False"
    elif declared.startswith("list"):
        of_lists = declared.startswith("list[list")
        kinds = (list, tuple) if of_lists else (int, float)
        right = value is None or (
            isinstance(value, list | tuple) and all(isinstance(item, kinds) for item in value)
        )
        what = f"a list like {'[[0.5, 300]]' if of_lists else '[1, 3]'}"
    elif declared == "float":
        right, what = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    elif declared == "int":
        right, what = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    else:
        right, what = isinstance(value, str), "text"
    if not right:
        raise QuestionError(f"{name} is {value!r}; it must be {what}, for example {default!r}")
