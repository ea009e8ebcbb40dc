"""What is offered to geventhttpclient is true: the fault is there, and the patch mends it."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.waits

UPSTREAM = Path(__file__).parents[2] / "docs" / "upstream"
PATCH = UPSTREAM / "geventhttpclient-descriptors.patch"
SCRIPT = UPSTREAM / "reproduce_geventhttpclient_descriptors.py"


def reproduce(*ahead):
    """Run the reproduction, with folders ahead of what is installed."""
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, ahead))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def patched(tmp_path_factory):
    """A folder with a patched copy of the installed package."""
    folder = tmp_path_factory.mktemp("patched")
    found = find_spec("geventhttpclient")
    assert found is not None
    (installed,) = found.submodule_search_locations or ()
    shutil.copytree(installed, folder / "geventhttpclient")
    done = subprocess.run(
        ["git", "apply", str(PATCH)],
        cwd=folder,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)},  # it is no repository
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_as_released_a_client_reconnects_for_every_request_above_1023_descriptors():
    """The reason for the offer; once this fails, it can go, and `keep_alive` with it."""
    done = reproduce()
    assert "below 1024: 1 connection(s)" in done.stdout, done.stderr
    assert "above 1024: 10 connection(s)" in done.stdout
    assert done.returncode == 1


def test_with_the_patch_it_keeps_its_connection_and_still_sees_those_that_were_closed(patched):
    done = reproduce(patched)
    assert "below 1024: 1 connection(s)" in done.stdout, done.stderr
    assert "above 1024: 1 connection(s)" in done.stdout
    assert "closed by the server are replaced: True" in done.stdout
    assert done.returncode == 0
