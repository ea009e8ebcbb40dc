"""The compose files beside the Compose specification's own schema, which Compose v2 goes by."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "tests" / "compose_spec" / "compose-spec.json").read_text())
FILES = sorted(
    str(path.relative_to(ROOT))
    for room in (".", "loadtests", "service", "examples/*")
    for path in ROOT.glob(f"{room}/*compose*.y*ml")
)


def complaints(definition: object) -> list[str]:
    """Return what the schema finds wrong with a compose file."""
    found = Draft202012Validator(SCHEMA).iter_errors(definition)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def read(name: str) -> dict:
    """Return what a compose file has."""
    return yaml.safe_load((ROOT / name).read_text())


@pytest.mark.parametrize("name", FILES)
def test_a_compose_file_is_as_the_specification_wants_it(name):
    assert complaints(read(name)) == []


def test_the_files_that_people_start_are_among_them():
    assert {"docker-compose.yaml", "loadtests/docker-compose.locust.yaml"} < set(FILES)


@pytest.mark.parametrize(
    ("path", "wrong", "what"),
    [
        (("deploy", "resources", "limits", "cpu"), "0.5", "a limit under another name"),
        (("memory_swap",), "500M", "a key of the engine's, which is another in the file"),
        (("ulimits", "nofile"), [1024], "a value of another kind"),
        (("networks",), 3, "no list"),
    ],
)
def test_the_schema_would_notice(path, wrong, what):
    definition = read("docker-compose.yaml")
    place = definition["services"]["api"]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = wrong
    assert complaints(definition), what
