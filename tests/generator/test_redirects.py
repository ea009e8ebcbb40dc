"""Calls that the service sends on elsewhere are told, by either of Locust's clients."""

import json
import subprocess

import pytest

from tests.generator.conftest import command
from tests.generator.running import FAST, KINDS, PROJECT, begin, ended, of_kind

pytestmark = pytest.mark.waits


@pytest.fixture(scope="module")
def shop():
    """The port of a shop whose page /old has moved to /items."""
    with subprocess.Popen(command("shop"), cwd=PROJECT, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.kill()


@pytest.mark.parametrize("kind", KINDS)
def test_where_a_call_was_sent_on_to_is_kept_by_its_name(shop, tmp_path, kind):
    """The first is enough; a call that is answered where it was asked is none of them."""
    asks = 'self.client.get("/old?token=1", name="old")\n        self.client.get("/items")'
    users = tmp_path / "users.py"
    users.write_text(of_kind(FAST, kind).replace('self.client.get("/")', asks))
    process = begin(tmp_path, shop, users, health_path="/items")
    try:
        lines, code = ended(process)
    finally:
        process.kill()
    assert code == 0, lines
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["redirected"] == {"old": "/items"}
    assert report["failures"] == 0
