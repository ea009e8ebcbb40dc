"""The project's own service, as it is started, and a shop that is somebody else's."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.service.conftest import csv, exported, forest, model_dir, penguins  # noqa: F401

PROJECT = Path(__file__).parents[2]
GIVE_UP_S = 60


@contextmanager
def served(folder: Path, *arguments: str, **environment: str) -> Iterator[str]:
    """Yield the address of an application under uvicorn."""
    log = folder / "log.txt"
    command = [sys.executable, "-m", "uvicorn", *arguments, "--port", "0"]
    with (
        log.open("w") as file,
        subprocess.Popen(
            command, cwd=PROJECT, stdout=file, stderr=file, env={"PATH": "", **environment}
        ) as process,
    ):
        try:
            deadline = time.monotonic() + GIVE_UP_S
            while not (found := re.search(r"running on (http://\S+)", log.read_text())):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield found[1]
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def penguin_service(model_dir, tmp_path_factory) -> Iterator[str]:  # noqa: F811
    """The project's own service."""
    folder = tmp_path_factory.mktemp("penguins")
    with served(folder, "--factory", "service.main:app", MODEL_DIR=str(model_dir)) as url:
        yield url


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[str]:
    """A service that refuses what is not as it said."""
    with served(tmp_path_factory.mktemp("shop"), "tests.drafts.programs.shop_api:mounted") as url:
        yield url
