"""What `make bench` measures of this checkout in a round, each part in its own words.

Every part returns figures by their keys, and raises AguantaError where this machine cannot tell.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.images import GENERATOR
from loadtests.errors import HostError, ImageError
from loadtests.jobs.analysis_cost import measured as analysed_sizes
from loadtests.jobs.console import say
from loadtests.jobs.overhead import CASES, overhead
from loadtests.peers.contenders import BARE, OURS
from loadtests.peers.generator import CPU, MEMORY, PAUSE
from loadtests.peers.generator_bench import prepared as prepared_generators
from loadtests.peers.generator_contenders import OURS as OUR_USERS
from loadtests.peers.half import Prepare
from loadtests.peers.rounds import order
from loadtests.peers.service import AT_REST, CONNECTION, OF_BARE
from loadtests.peers.service_bench import prepared as prepared_services
from loadtests.report.speed_table import Speed
from loadtests.studies.parameters import EXAMPLE, ROOT, RUNS
from loadtests.studies.progress import PlainProgress
from loadtests.studies.synthetic_run import read_templates
from loadtests.units import MIB

SPEEDS = (
    Speed("service_cpu_ms", "service: CPU of a request", "ms", 0.2),
    Speed(
        "service_of_bare",
        "service: CPU of a request, 10,000 connections, of a bare ASGI function's",
        "x",
        OF_BARE.at_most,
    ),
    Speed("service_rest_mib", "service: memory at rest", "MiB", AT_REST.at_most),
    Speed("service_connection_kib", "service: memory of a connection", "KiB", CONNECTION.at_most),
    Speed("generator_cpu_ms", "generator: CPU of a request", "ms", CPU.at_most),
    Speed("generator_mib", "generator: memory, 10,000 users", "MiB", MEMORY.at_most),
    Speed("generator_pause_ms", "generator: longest pause", "ms", PAUSE.at_most),
    Speed("trial_s", "trial: time beyond its load", "s", 4),
    Speed("analysis_s", "analysis: CPU of 50 trials", "s", 15),
    Speed("analysis_ms", "analysis: CPU of each trial more", "ms", 60),
    Speed("setup_s", "set-up: packages from nothing", "s", 60),
    Speed("environment_mib", "size of the environment", "MiB", 1200),
    Speed("service_image_mib", "size of the service's image", "MiB", 350),
    Speed("generator_image_mib", "size of the generator's image", "MiB", 250),
)
ANALYSED = (50, 200)  # trials
# What a make in a make, and what an environment in an environment, would inherit.
OF_THIS_MAKE = (
    "MAKEFLAGS",
    "MAKEOVERRIDES",
    "MFLAGS",
    "MAKELEVEL",
    "UV_CACHE_DIR",
    "PIP_CACHE_DIR",
)


def service(folder: Path, number: int) -> dict[str, float]:
    """Measure the service beside a bare function on the same server."""
    names = (OURS.name, BARE.name)
    found = _peers(prepared_services, names, folder / "service", number)
    ours = found[OURS.name]
    return {
        "service_cpu_ms": ours["cpu_ms"],
        "service_of_bare": OF_BARE.of(found),
        "service_rest_mib": AT_REST.of(found),
        "service_connection_kib": CONNECTION.of(found),
        "service_image_mib": ours["image_mib"],
    }


def generator(folder: Path, number: int) -> dict[str, float]:
    """Measure the load generator against a server that answers the same after the same time."""
    users = OUR_USERS.name  # the sample's
    found = _peers(prepared_generators, (users,), folder / "generator", number)
    image = ensure_engine(say).images.get(GENERATOR.name)
    return {
        "generator_cpu_ms": CPU.of(found),
        "generator_mib": MEMORY.of(found),
        "generator_pause_ms": PAUSE.of(found),
        "generator_image_mib": image.attrs["Size"] / MIB,
    }


def _peers(
    prepare: Prepare, names: Sequence[str], folder: Path, number: int
) -> dict[str, dict[str, float]]:
    """Return the figures of contenders, by name, each measured once in random order."""
    folder.mkdir(parents=True, exist_ok=True)
    with prepare(names, folder, say) as ready:
        if ready.absent:
            raise ImageError("; ".join(ready.absent.values()))
        return {name: ready.measure(name, number).values for name in order(names, number)}


def trial(_folder: Path, _number: int) -> dict[str, float]:
    """Measure what a small trial takes beyond its load."""
    progress = PlainProgress()
    return {"trial_s": overhead(CASES[0], ensure_engine(progress.note), progress)["beyond_load_s"]}


def analysis(_folder: Path, number: int) -> dict[str, float]:
    """Measure what reading, judging and drawing few and many trials takes of a CPU."""
    found = analysed_sizes(ANALYSED, 1, number, read_templates(EXAMPLE))
    few_s, many_s = (of.cpu_s for of in sorted(found, key=lambda of: of.trials))
    few, many = ANALYSED
    return {"analysis_s": few_s, "analysis_ms": 1000 * (many_s - few_s) / (many - few)}


def set_up(_folder: Path, _number: int) -> dict[str, float]:
    """Measure how long an environment takes from nothing, nothing kept from another; its size.

    Raises HostError with make's last line where it cannot be made.
    """
    RUNS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".set-up-", dir=RUNS) as folder:
        home = {name: value for name, value in os.environ.items() if name not in OF_THIS_MAKE}
        environment = Path(folder) / "env"
        began_s = time.monotonic()
        done = subprocess.run(
            ["make", "env", f"ENV={environment}"],
            cwd=ROOT,
            env=home | {"XDG_CACHE_HOME": f"{folder}/cache"},
            capture_output=True,
            text=True,
            check=False,
        )
        took_s = time.monotonic() - began_s
        if done.returncode != 0:
            raise HostError(f"no environment could be made: {done.stderr.strip()[-300:]}")
        return {"setup_s": took_s, "environment_mib": size_mib(environment)}


def size_mib(folder: Path) -> float:
    """Return what the files of a folder take on disk, each once, in MiB."""
    found = (path.lstat() for path in folder.rglob("*"))
    return sum({each.st_ino: each.st_blocks * 512 for each in found}.values()) / MIB


PARTS = (service, generator, trial, analysis, set_up)
