"""Locustfiles of every shape, run both ways: the same calls, by name and by how they end."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from tests.generator.conftest import command
from tests.generator.running import GIVE_UP_S, PROJECT, begin, level
from tests.running import for_long_enough

pytestmark = pytest.mark.waits

FOLDER = Path(__file__).parent / "scripts"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
USERS, AT_ONCE = 8, 4
SECONDS = (6.0, 15.0, 40.0)
ENOUGH = 5 * USERS  # calls of a run: what is called less often is missed by chance
CHANCE = 1e-4  # so rarely two runs of one script differ by so much


@dataclass(frozen=True)
class Both:
    """Calls of one script by name: how many ended well, and how many did not."""

    plain: dict[str, tuple[int, int]]
    ours: dict[str, tuple[int, int]]


def options_of(script):
    """Return the options that a script asks to be run with."""
    found = re.search(r"^# options: (.*)$", (FOLDER / f"{script}.py").read_text(), re.MULTILINE)
    return found[1].split() if found else []


def run_plainly(script, port, folder, seconds):
    """Run a script with Locust's own command; return its calls."""
    done = subprocess.run(
        [
            sys.executable, "-m", "locust", "-f", str(FOLDER / f"{script}.py"), "--headless",
            "-u", str(USERS), "-r", str(USERS), "-t", f"{seconds:g}s", "--only-summary",
            "--host", f"http://127.0.0.1:{port}", "--json-file", str(folder / "of"),
            *options_of(script),
        ],
        cwd=FOLDER, capture_output=True, text=True, timeout=GIVE_UP_S, check=False,
    )  # fmt: skip
    table = folder / "of.json"
    assert table.exists(), done.stderr
    told = pd.DataFrame(
        json.loads(table.read_text()), columns=["name", "num_requests", "num_failures"]
    )
    rows = told.groupby("name").sum()
    ok = rows["num_requests"] - rows["num_failures"]
    return {name: (int(ok[name]), int(row["num_failures"])) for name, row in rows.iterrows()}


def run_here(script, port, folder, seconds):
    """Run a script with the generator; return its calls."""
    changes = {
        "levels": [level(USERS, 0.0, seconds)],
        "spawn_rate": float(USERS),
        "script_options": options_of(script),
        "health_path": "/items",
    }
    process = begin(folder, port, FOLDER / f"{script}.py", **changes)
    _, printed = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0, printed
    table = pd.read_csv(folder / "out" / "requests.csv").query("outcome != 'in_flight'")
    ok = table["outcome"] == "ok"
    return {name: (int(of.sum()), int((~of).sum())) for name, of in ok.groupby(table["name"])}


def run_until_told(run, script, port, folder):
    """Run a script for seconds, until calls enough were made."""

    def into_its_own(seconds):
        into = folder / f"{seconds:g}"
        into.mkdir()
        return run(script, port, into, seconds)

    return for_long_enough(
        into_its_own, lambda calls: sum(map(sum, calls.values())) >= ENOUGH, SECONDS
    )


@pytest.fixture(scope="module")
def shop():
    """The port of a shop that is open while the tests run."""
    with subprocess.Popen(command("shop"), cwd=PROJECT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.fixture(scope="module")
def both(shop, tmp_path_factory):
    """Every script, run both ways, a few side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {
            script: [
                pool.submit(run_until_told, run, script, shop, tmp_path_factory.mktemp(script))
                for run in (run_plainly, run_here)
            ]
            for script in SCRIPTS
        }
        return {script: Both(*(run.result() for run in made)) for script, made in runs.items()}


def test_there_are_scripts_enough_to_tell():
    assert len(SCRIPTS) >= 25


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_same_calls_are_made_and_end_alike(both, script):
    plain, ours = both[script].plain, both[script].ours
    assert sum(map(sum, plain.values())) >= ENOUGH
    assert set(ours) == set(plain)
    for name in plain:
        for was, here in zip(plain[name], ours[name], strict=True):
            assert bool(was) == bool(here), f"{name}: {plain[name]} plainly, {ours[name]} here"


@pytest.mark.parametrize("script", SCRIPTS)
def test_calls_are_made_as_often_relative_to_each_other(both, script):
    plain, ours = both[script].plain, both[script].ours
    table = [[sum(run[name]) for name in sorted(plain)] for run in (plain, ours)]
    if len(table[0]) > 1:
        assert chi2_contingency(table).pvalue > CHANCE, json.dumps(table)
