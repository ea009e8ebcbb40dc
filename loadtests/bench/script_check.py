"""Look at the users' script before any service is started: can it be run, and is it the question?

The script is loaded where it will run: in a container of the load generator's image.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from docker.errors import APIError
from requests.exceptions import RequestException

from loadtests.bench import containers
from loadtests.bench.containers import Names
from loadtests.bench.plan import Bench
from loadtests.bench.start import start
from loadtests.errors import EngineError, QuestionError
from loadtests.question import Workload

LIMIT_S = 120  # to import it
KEY = "script"  # stands in the container's name where trials have their key
TAIL_LINES = 10
_LOAD_OPTIONS = {
    "-u", "--users", "-r", "--spawn-rate", "-t", "--run-time", "-H", "--host", "--processes",
    "--master", "--worker",
}  # fmt: skip


@dataclass(frozen=True)
class ScriptReport:
    """What a locustfile holds."""

    users: tuple[str, ...]  # classes
    most_users: int | None  # that it lets there be; None: any number
    wait_times: dict[str, str]  # of users and task sets, as the script has them
    shapes: tuple[str, ...]


def describe_script(bench: Bench) -> ScriptReport:
    """Return what the users' script holds.

    Raises QuestionError where it cannot be run, EngineError where the engine cannot start it.
    """
    bench.ensure_network()
    container = containers.create_script_check(
        bench.client, Names(bench.store.identity, KEY), bench.generator.id, bench.script
    )
    try:
        start(container)
        container.wait(timeout=LIMIT_S)
        said = container.logs(stdout=True, stderr=False).decode(errors="replace")
        printed = container.logs(stdout=False, stderr=True).decode(errors="replace")
    except RequestException as error:
        raise QuestionError(
            f"{bench.script.name} was still being loaded after {LIMIT_S} s: what it does when it "
            "is imported has to end by itself"
        ) from error
    except APIError as error:
        raise EngineError(f"{bench.script.name} could not be looked at: {error}") from error
    finally:
        containers.remove([container])
    return _read(bench.script.name, said, printed)


def _read(name: str, said: str, printed: str) -> ScriptReport:
    line = next((line for line in reversed(said.splitlines()) if line.startswith("{")), None)
    if line is None:
        tail = "\n".join(printed.splitlines()[-TAIL_LINES:])
        raise QuestionError(f"{name} ended the program that loads it:\n{tail}")
    told = json.loads(line)
    if told["event"] == "bad_script":
        raise QuestionError(told["message"])
    return ScriptReport(
        tuple(told["users"]), told["most_users"], told["wait_times"], tuple(told["shapes"])
    )


def check_script(
    script: ScriptReport, workload: Workload, options: Sequence[str] = ()
) -> list[str]:
    """Return what of a script the question replaces, in sentences.

    Raises QuestionError where the load that is asked for cannot be had with it.
    """
    of_load = sorted(_LOAD_OPTIONS & {option.partition("=")[0] for option in options})
    if of_load:
        raise QuestionError(
            f"script_options has {', '.join(of_load)}: users, their rate and the host are the "
            "question's; leave it out"
        )
    if script.most_users is not None and script.most_users < workload.users:
        needed = (
            f"{workload.users:,} have to stand ready for {workload.label}; remove fixed_count from "
            "it, or ask for a lower rate"
            if workload.is_open
            else f"{workload.users:,} are asked for; remove fixed_count from it, or ask for so many"
        )
        raise QuestionError(
            f"the script lets there be {script.most_users:,} users at most (fixed_count), {needed}"
        )
    low_s, high_s = workload.think_time_s
    asked = f"between({low_s:g}, {high_s:g})"
    others = {name: wait for name, wait in script.wait_times.items() if wait != asked}
    notes = []
    if others:
        own = ", ".join(f"{wait} of {name}" for name, wait in others.items())
        notes.append(
            f"In place of thinking users wait for what arrives next (rate); the script's own {own} "
            "is not used"
            if workload.is_open
            else f"Users think for {low_s:g} to {high_s:g} s, as the question says (think_min, "
            f"think_max); the script's own {own} is not used"
        )
    if script.shapes:
        notes.append(
            f"Users come as the question says (users, spawn_rate); the script's own "
            f"{', '.join(script.shapes)} is not used"
        )
    return notes
