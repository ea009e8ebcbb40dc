"""One set of packages: what pip, conda and the images install is the same, and hashed."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"
RUN_GROUPS = ("train", "generator", "drafts", "build")
IMAGE_LOCKS = {
    "service": "service/requirements.lock",
    "service-sklearn": "service/requirements-sklearn.lock",
    "generator": "loadtests/requirements.lock",
    "orders": "examples/orders/api/requirements.lock",
}
LOCKS = [LOCK, DEV_LOCK, *IMAGE_LOCKS.values()]


def entries(lock: str) -> list[str]:
    """Return a lock's entries, each with its hashes on one line."""
    text = (ROOT / lock).read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def versions(lock: str) -> dict[str, set[Version]]:
    """Return the versions of every package in a lock; several where markers tell them apart."""
    found: dict[str, set[Version]] = {}
    for entry in entries(lock):
        name, version = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", entry).groups()  # type: ignore[union-attr]
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def wanted(group: str) -> list[Requirement]:
    """Return the requirements of a dependency group, those it includes too."""
    found = []
    for item in PROJECT["dependency-groups"][group]:
        if isinstance(item, dict):
            found += wanted(item["include-group"])
        else:
            found.append(Requirement(item))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_is_pinned_and_hashed(lock):
    found = entries(lock)
    assert len(found) > 5
    for entry in found:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?==\S+", entry), entry[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}( |$)", entry), entry[:60]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_path(lock):
    """It must install anywhere, and tell nothing of where it was made."""
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|file:|\s/\w", text)


DEPENDENCIES = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
REQUIRED = [
    (LOCK, DEPENDENCIES),
    *((LOCK, wanted(group)) for group in RUN_GROUPS),
    (DEV_LOCK, DEPENDENCIES),
    *((DEV_LOCK, wanted(group)) for group in PROJECT["dependency-groups"]),
    *((lock, wanted(group)) for group, lock in IMAGE_LOCKS.items()),
]


@pytest.mark.parametrize(("lock", "requirements"), REQUIRED)
def test_every_dependency_is_in_its_lock_in_a_version_it_allows(lock, requirements):
    locked = versions(lock)
    for requirement in requirements:
        found = locked.get(canonicalize_name(requirement.name), set())
        assert found, requirement
        assert all(version in requirement.specifier for version in found), requirement


@pytest.mark.parametrize("lock", [LOCK, *IMAGE_LOCKS.values()])
def test_what_runs_has_the_versions_that_are_tested(lock):
    """Versions of Python 3.11: the universal lock may have others for later ones."""
    tested = versions(DEV_LOCK)
    for name, found in versions(lock).items():
        assert found <= tested.get(name, set()), name


def test_a_report_installs_nothing_that_only_tests_need():
    only_tested = {canonicalize_name(requirement.name) for requirement in wanted("dev")}
    run = {canonicalize_name(item.name) for item in DEPENDENCIES}
    run |= {canonicalize_name(item.name) for group in RUN_GROUPS for item in wanted(group)}
    # They come along with nbconvert, papermill and (pytest itself) with locust.
    through_others = {"beautifulsoup4", "nbformat", "pytest"}
    assert only_tested & run == set()
    assert only_tested & versions(LOCK).keys() <= through_others


def test_make_lock_writes_every_lock_from_its_groups():
    """The Makefile's own lines, so that a new group is not forgotten there."""
    makefile = (ROOT / "Makefile").read_text().replace("$(RUN_GROUPS)", run_groups())
    written = dict(re.findall(r"^\t\$\(UV\)(.*) -o (\S+)$", makefile, re.MULTILINE))
    groups = {lock: set(re.findall(r"--group (\S+)", line)) for line, lock in written.items()}
    assert groups == {
        LOCK: set(RUN_GROUPS),
        DEV_LOCK: set(PROJECT["dependency-groups"]) - {"strategies"},  # dev includes it
        **{lock: {group} for group, lock in IMAGE_LOCKS.items()},
    }


def run_groups() -> str:
    """Return the groups that make installs for every run, as it hands them to uv."""
    found = re.search(r"^RUN_GROUPS = (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


# --- what is imported is declared


def imported(code: str) -> set[str]:
    """Return the top-level modules that Python code imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".")[0])
    return found - {*sys.stdlib_module_names, "loadtests", "service", "tests"}


def notebook_code(path: Path) -> str:
    """Return a notebook's code without its magics."""
    cells = nbformat.read(path, as_version=4).cells
    lines = "\n".join(cell.source for cell in cells if cell.cell_type == "code").splitlines()
    return "\n".join(line for line in lines if line[:1] not in "%!")


SCRIPTS = ("tests/generator/scripts",)  # other people's: what they import lies beside them


def python_files(*rooms: str, without: Iterable[str] = ()) -> list[Path]:
    """Return the files of rooms, each a folder or a file, without those of others."""
    left_out = {path for room in without for path in python_files(room)}
    found = [
        path
        for room in rooms
        for path in ([ROOT / room] if (ROOT / room).is_file() else (ROOT / room).rglob("*.py"))
    ]
    assert found, rooms
    return [path for path in found if path not in left_out]


OWNERS = packages_distributions()  # of each module, the packages that bring it
GENERATOR = ("loadtests/generator", "loadtests/locustfile.py", "loadtests/peers/load")
# In other images, with packages of their own: their locks stand beside them.
PEERS = ("loadtests/peers/images",)
WITH_GROUPS = ("loadtests/comparison", "loadtests/drafts")
TRAINING = ("service/training.py", "service/registry.py")
ROOMS = [
    ("project", (), python_files("loadtests", without=(*GENERATOR, *PEERS, *WITH_GROUPS))),
    ("drafts", ("drafts",), python_files("loadtests/drafts")),
    ("comparison", ("strategies",), python_files("loadtests/comparison")),
    ("generator", ("generator",), python_files(*GENERATOR)),
    ("service", ("service-sklearn",), python_files("service", without=TRAINING)),
    ("training", ("train",), python_files(*TRAINING)),
    ("orders", ("orders",), python_files("examples/orders/api")),
    (
        "tests",
        ("dev", "drafts", "generator", "service", "train"),
        python_files("tests", without=SCRIPTS),
    ),
]
# In images of their own, without the project's dependencies.
ALONE = ("generator", "service", "orders")


@pytest.mark.parametrize(("room", "groups", "files"), ROOMS)
def test_what_a_room_imports_is_declared_for_it(room, groups, files):
    """What only comes along with something else may be gone with its next version."""
    declared = [item for group in groups for item in wanted(group)]
    assert_declared(files, declared + ([] if room in ALONE else DEPENDENCIES))


def test_what_notebooks_import_is_declared():
    """Training has its group; all others run with the project's own dependencies."""
    training, *others = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert_declared([training], DEPENDENCIES + wanted("train"))
    assert_declared(others, DEPENDENCIES)


def assert_declared(files: list[Path], requirements: list[Requirement]) -> None:
    """Assert that each import belongs to a requirement, naming file and module where not."""
    declared = {canonicalize_name(requirement.name) for requirement in requirements}
    missing = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files
        for module in imported(notebook_code(path) if path.suffix == ".ipynb" else path.read_text())
        if not declared & {canonicalize_name(name) for name in OWNERS.get(module, [module])}
    ]
    assert missing == []


def test_what_is_declared_for_every_run_is_used_by_it():
    """A package that nothing imports any more goes; those run as programs are named here."""
    programs = {"jupyterlab", "ipykernel"}
    files = python_files("loadtests", without=(*GENERATOR, *PEERS))
    used = {
        canonicalize_name(name)
        for path in files
        for module in imported(path.read_text())
        for name in OWNERS.get(module, [])
    }
    assert {canonicalize_name(item.name) for item in DEPENDENCIES} - used == programs


# --- others who install the same


def test_conda_users_get_the_same_lock_and_a_python_that_is_allowed():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *others, pip = environment["dependencies"]
    assert pip == {"pip": [f"-r {LOCK}"]}
    assert "pip" in others
    python = next(item for item in others if item.startswith("python="))
    allowed = SpecifierSet(PROJECT["project"]["requires-python"])
    assert python.removeprefix("python=") in allowed
    assert {item.split("=")[0] for item in others} == {"python", "pip"}, "else it is in no lock"


def test_images_have_the_python_their_locks_are_made_for():
    makefile = (ROOT / "Makefile").read_text()
    locked = re.search(r"--python-version (\S+)", makefile)
    assert locked is not None
    for file in ("service/Dockerfile", "loadtests/Dockerfile.locust"):
        base = re.search(r"^ARG BASE=python:(\d+\.\d+)-", (ROOT / file).read_text(), re.MULTILINE)
        assert base is not None
        assert base[1] == locked[1]
