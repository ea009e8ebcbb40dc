"""See what a load generator's CPU goes to, and write docs/generator-profile.md (`make profile`).

This project's users in its own program and in Locust's, and greenlets that only send and receive,
send the load of `make peers` while py-spy looks at them.
"""

import shutil
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from docker import DockerClient
from docker.models.containers import Container

from loadtests.bench.engine_start import ensure_engine
from loadtests.errors import HostError
from loadtests.jobs.console import say, tells_refusals
from loadtests.peers.generator_bench import LOAD, prepared
from loadtests.peers.generator_contenders import FLOOR, KEEP_ALIVE, OURS
from loadtests.peers.generator_run import GENERATOR
from loadtests.peers.measurement import Machine
from loadtests.peers.profiled import Profile, own_code, page
from loadtests.peers.rounds import Figures
from loadtests.studies.parameters import ROOT, RUNS

PAGE = ROOT / "docs" / "generator-profile.md"
RUN = RUNS / "profile"
NAMES = (FLOOR.name, KEEP_ALIVE.name, OURS.name)
LOOKS = 100  # a second
LOOKED_AT = replace(LOAD, hold_s=40)
POLL_S = 0.2


def profiler() -> str:
    """Return where py-spy is; raises HostError where it is not installed."""
    beside = Path(sys.executable).parent / "py-spy"
    found = str(beside) if beside.exists() else shutil.which("py-spy")
    if found is None:
        raise HostError("py-spy is not installed; `make env-dev` installs it")
    return found


def seen(pid: int, seconds: int, folder: Path) -> dict[str, int]:
    """Return what functions of a process ran; raises HostError where this user may not look."""
    into = folder / f"{pid}.raw"
    done = subprocess.run(
        [
            profiler(), "record", "--pid", str(pid), "--duration", str(seconds),
            "--rate", str(LOOKS), "--format", "raw", "--function", "--output", str(into),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise HostError(f"py-spy cannot look at process {pid}, try as root: {done.stderr.strip()}")
    return own_code(into.read_text())


def started(client: DockerClient, measuring: Future[Figures]) -> Container | None:
    """Return the generator's container once it runs, or nothing where measuring ended before."""
    while not measuring.done():
        running = client.containers.list(filters={"name": f"-{GENERATOR}$"})
        if running:
            return running[0]
        time.sleep(POLL_S)
    return None


def profiles(client: DockerClient) -> tuple[Machine, list[Profile]]:
    """Return where it was seen and a profile of each.

    Raises what measuring raises, and HostError without py-spy.
    """
    profiler()
    found = []
    RUN.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        prepared(NAMES, RUN, say, LOOKED_AT) as ready,
        ThreadPoolExecutor(1) as pool,
    ):
        for number, name in enumerate(NAMES, 1):
            measuring = pool.submit(ready.measure, name, number)
            container = started(client, measuring)
            counted: dict[str, int] = {}
            if container is not None:
                time.sleep(LOOKED_AT.ramp_s + LOOKED_AT.warm_up_s)
                counted = seen(container.attrs["State"]["Pid"], LOOKED_AT.hold_s, Path(folder))
            values = measuring.result().values
            cpu_ms, look_ms = values["cpu_ms"], 1000 / (values["rps"] * LOOKS * LOOKED_AT.hold_s)
            found.append(Profile(name, cpu_ms, look_ms, counted))
            say(f"{name}: {cpu_ms:.3f} ms of CPU a request")
        return ready.machine, found


@tells_refusals
def main() -> int:
    """Measure and write the page."""
    here, made = profiles(ensure_engine(say))
    where = f"{datetime.now(UTC).date().isoformat()}, {here.cpus} CPUs ({here.cpu_model})"
    PAGE.write_text(page(made, LOOKS, LOOKED_AT.hold_s, where))
    say(f"Written to {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
