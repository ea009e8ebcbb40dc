"""What was found is written into the README, and each way asks what its name says."""

from loadtests.jobs import least
from loadtests.jobs.notebooks import REPORT, SEARCH
from loadtests.jobs.plan import make_plan
from loadtests.peers.least import WAYS, found, write
from tests.peers.test_least import HELD


def test_the_readme_has_what_was_found(tmp_path):
    kept, readme = tmp_path / "least.json", tmp_path / "README.md"
    write(kept, [found(WAYS[0], HELD, "It holds.", "2026-11-27")])
    readme.write_text("# A\n<!-- least: written by it -->\nold\n<!-- /least -->\nrest\n")
    least.keep(kept, readme)
    said = readme.read_text()
    assert "0.25 CPU / 200 MiB" in said
    assert "\nold\n" not in said
    assert said.endswith("rest\n")


def test_all_ways_ask_for_the_same_load_within_the_same_limits():
    plans = [make_plan({"run": way.key, **way.parameters}, (SEARCH, REPORT)) for way in WAYS]
    assert len({plan.asked.question for plan in plans}) == 1
    assert len({(plan.asked.target, plan.asked.locustfile) for plan in plans}) == len(WAYS)
