"""Measure how fast and small the project is, each figure beside its limit (`make bench`).

With another commit, `make bench BASE=v0.1`, both are measured in each round, in an order drawn by
chance, the other one in a worktree of its own: only ratios within a round tell two commits apart.
Both run with the packages of this environment, and their images with those of their own locks.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtests.errors import AguantaError, QuestionError
from loadtests.jobs.console import say, tells_refusals
from loadtests.jobs.speed import OF_THIS_MAKE, PARTS, SPEEDS
from loadtests.report.speed_table import speed_table
from loadtests.studies.parameters import ROOT, RUNS

RUN = RUNS / "bench"
ROUNDS = 3
MODULE = "loadtests.jobs.bench"
MODEL = Path("service") / "model"  # in no clone, and the same for both


def measure_here(parts: Sequence[str], folder: Path, number: int) -> dict[str, float]:
    """Measure parts of this checkout once; of one that cannot be, say why."""
    found: dict[str, float] = {}
    for part in PARTS:
        if part.__name__ in parts:
            try:
                found |= part(folder, number)
            except AguantaError as error:
                say(f"{part.__name__}: {error}")
    return found


@contextmanager
def worktree(revision: str) -> Iterator[Path]:
    """Check out a commit beside this one, with this one's model, and remove it in the end.

    Raises QuestionError where there is no such commit, or it cannot measure itself.
    """
    git = ("git", "-C", str(ROOT), "worktree")
    with TemporaryDirectory(prefix="aguanta-bench-") as folder:
        tree = Path(folder) / "base"
        added = subprocess.run(
            [*git, "add", "--quiet", "--detach", str(tree), revision],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if added.returncode != 0:
            raise QuestionError(f"{revision} cannot be checked out: {added.stderr.strip()}")
        try:
            if not (tree / MODULE.replace(".", "/")).with_suffix(".py").exists():
                raise QuestionError(f"{revision} has no `make bench` yet; choose a later commit")
            shutil.copytree(ROOT / MODEL, tree / MODEL, dirs_exist_ok=True)
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def measure_in(tree: Path, parts: Sequence[str], number: int) -> dict[str, float]:
    """Let a checkout measure itself once, in a process of its own."""
    with TemporaryDirectory(prefix="aguanta-bench-") as folder:
        into = Path(folder) / "round.json"
        environment = {name: of for name, of in os.environ.items() if name not in OF_THIS_MAKE}
        command = [sys.executable, "-m", MODULE, "--round", str(number), "--into", str(into)]
        subprocess.run(
            [*command, "--parts", *parts],
            cwd=tree,
            env=environment | {"PYTHONPATH": str(tree)},
            check=True,
        )
        return dict(json.loads(into.read_text()))


def measure_rounds(
    trees: dict[str, Path], parts: Sequence[str], rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Measure every checkout in each round, in random order; by their names, in order of rounds."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
    for number in range(1, rounds + 1):
        names = [*trees]
        random.Random(number).shuffle(names)  # noqa: S311  (no secret)
        for name in names:
            say(f"Round {number} of {rounds}: {name}")
            found[name].append(measure_in(trees[name], parts, number))
    return found


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    names = [part.__name__ for part in PARTS]
    parser.add_argument("--base", default="", help="a commit to compare with")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--parts", nargs="+", choices=names, default=names)
    parser.add_argument("--round", type=int, help="measure this round here, and nothing else")
    parser.add_argument("--into", type=Path, help="where that round is written")
    return parser.parse_args(arguments)


@tells_refusals
def main(arguments: Sequence[str]) -> int:
    """Measure, keep bench.json, and print the table."""
    asked = _arguments(arguments)
    RUN.mkdir(parents=True, exist_ok=True)
    if asked.round is not None:
        asked.into.write_text(json.dumps(measure_here(asked.parts, RUN, asked.round)))
        return 0
    if asked.base:
        with worktree(asked.base) as tree:
            found = measure_rounds({"now": ROOT, "base": tree}, asked.parts, asked.rounds)
    else:
        found = measure_rounds({"now": ROOT}, asked.parts, asked.rounds)
    path = RUN / "bench.json"
    path.write_text(json.dumps({"base": asked.base, "rounds": found}, indent=1) + "\n")
    say(speed_table(SPEEDS, found["now"], found.get("base", ())).to_string(index=False))
    say(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
