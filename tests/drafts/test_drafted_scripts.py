"""Drafted locustfiles run: whatever they ask, the service answers as it said it would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.drafts.openapi import draft_of
from loadtests.drafts.recording import recorded
from loadtests.drafts.source import parse, read_text
from loadtests.drafts.writing import locustfile
from tests.drafts.entries import entry, recording
from tests.drafts.programs.shop_api import KEY
from tests.running import for_long_enough

pytestmark = pytest.mark.waits

PROJECT = Path(__file__).parents[2]
GIVE_UP_S = 120
SECONDS = (4, 15, 40)
ENOUGH = 150  # calls, of 20 users
LOG_IN = "ann:a:b"


def drafted(url, folder):
    """Write the locustfile of a service that runs, and return its path."""
    source = f"{url}/openapi.json"
    path = folder / "locustfile.py"
    path.write_text(locustfile(draft_of(parse(read_text(source), source), source)))
    return path


def run(script, url, **environment):
    """Run a script with Locust's own command until it made calls enough; return its calls."""
    return for_long_enough(
        lambda seconds: run_for(seconds, script, url, environment),
        lambda calls: sum(calls.values()) >= ENOUGH,
        SECONDS,
    )


def run_for(seconds, script, url, environment):
    """Run a script for some seconds; return its calls, none of which failed."""
    done = subprocess.run(
        [
            sys.executable, "-m", "locust", "-f", str(script), "--headless", "-u", "20", "-r", "20",
            "-t", f"{seconds}s", "--only-summary", "--host", url,
            "--json-file", str(script.with_name("of")),
        ],
        capture_output=True, text=True, timeout=GIVE_UP_S, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    table = script.with_name("of.json")
    assert table.exists(), done.stderr
    rows = json.loads(table.read_text())
    failures = {row["name"]: row["num_failures"] for row in rows if row["num_failures"]}
    assert failures == {}, done.stdout
    return {row["name"]: row["num_requests"] for row in rows}


def described(script):
    """Return what the load generator says of a script before it runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.generator.describe", str(script)],
        cwd=PROJECT, capture_output=True, text=True, timeout=GIVE_UP_S, check=False,
    )  # fmt: skip
    return json.loads(done.stdout)


def hurried(script):
    """Let a script's users think for a moment only, so that each call has its turn."""
    script.write_text(script.read_text().replace("between(5, 15)", "between(0.05, 0.1)"))
    return script


def test_the_projects_own_service_is_asked_as_it_says_of_itself(penguin_service, tmp_path):
    script = hurried(drafted(penguin_service, tmp_path))
    calls = run(script, penguin_service)
    assert set(calls) == {"/predict/"}
    assert calls["/predict/"] > 100
    told = described(script)
    assert (told["event"], told["users"]) == ("script", ["ApiUser"])


def test_a_service_that_is_particular_gets_what_it_asks_for(shop, tmp_path):
    script = hurried(drafted(f"{shop}/shop", tmp_path))
    (tmp_path / "APIKEY_HEADER.txt").write_text(f"{KEY}\n")
    calls = run(script, shop, LOG_IN=LOG_IN)
    assert set(calls) == {
        "/shop/items", "POST /shop/orders", "/shop/kinds/{kind}/{day}", "/shop/me",
    }  # fmt: skip
    assert calls["/shop/items"] > calls["POST /shop/orders"] > 0


def test_a_secret_that_is_missing_is_told_before_anything_runs(shop, tmp_path):
    told = described(drafted(f"{shop}/shop", tmp_path))
    assert told["event"] == "bad_script"
    assert "LOG_IN.txt, which is not there; put it into the script's folder" in told["message"]


def test_a_draft_in_which_nothing_can_be_called_is_told_for_what_it_is(tmp_path):
    document = {"openapi": "3.1.0", "paths": {"/a": {"delete": {"responses": {}}}}}
    path = tmp_path / "locustfile.py"
    path.write_text(locustfile(draft_of(document, "x")))
    assert described(path)["message"] == "ApiUser in locustfile.py has no tasks"


@pytest.mark.parametrize("at_s", [0.1, 30.0])
def test_what_was_recorded_is_done_again(shop, tmp_path, at_s):
    query = "/shop/items?limit=7&kinds=book"
    headers = {"X-API-Key": KEY, "X-Trace": "6f1c2f0e-3c5b-4b1e-9a57-0d7b1c1f2a10"}
    day = "/shop/kinds/game/2026-02-03"
    visit = recording(
        entry(f"https://shop.example{query}", headers=headers),
        entry(f"https://shop.example{day}", at_s=at_s),
        entry("https://cdn.example/logo.png", kind="image/png"),
    )
    script = tmp_path / "locustfile.py"
    script.write_text(recorded(visit, "visit.har").text)
    calls = run(hurried(script), shop, X_API_KEY=KEY)
    assert set(calls) == {"/shop/items", day}
    assert abs(calls["/shop/items"] - calls[day]) <= 20
