"""Other people's scripts in real containers: what travels along, and what is refused first."""

import pytest
from docker import DockerClient

from loadtests.analysis.evidence import Evidence
from loadtests.bench.script_check import describe_script
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.errors import ImageError, QuestionError
from loadtests.question import Setting
from loadtests.studies import parameters
from loadtests.studies.experiment import Experiment
from loadtests.studies.parameters import Parameters
from tests.integration.benches import containers_of
from tests.integration.measuring import Printed

pytestmark = pytest.mark.docker

FILES = {
    "visit.py": """
import humanize
from locust import FastHttpUser, between, task
from shopping.paths import PATHS

class Visitor(FastHttpUser):
    wait_time = between(1, 2)

    @task
    def look(self):
        self.client.get(PATHS[0], name=humanize.intcomma(1000))
""",
    "shopping/__init__.py": "",
    "shopping/paths.py": "PATHS = open('paths.txt').read().split()\n",
    "paths.txt": "/health\n",
    "requirements.txt": "# counting\nhumanize==4.9.0\nlocust>=2  # the generator's own\n",
}


@pytest.fixture
def folder(tmp_path):
    """A script with a module, a data file and a package beside it."""
    for name, text in FILES.items():
        (tmp_path / "script" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "script" / name).write_text(text)
    return tmp_path / "script"


@pytest.fixture
def asked(tmp_path, monkeypatch, folder):
    """A small question with that script."""
    monkeypatch.setattr(parameters, "RUNS", tmp_path / "runs")
    return Parameters(
        run="script", locustfile=str(folder / "visit.py"), users=20, spawn_rate=20, think_min=0.5,
        think_max=1.5, steady_s=4, p95_ms=5000, error_rate=0.05,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def images_with_packages(client):
    """Begin and end without load generators that have a script's packages."""
    _remove_images_with_packages(client)
    yield
    _remove_images_with_packages(client)


def _remove_images_with_packages(client: DockerClient) -> None:
    for image in client.images.list(filters={"reference": "aguanta-locust:script-*"}):
        client.images.remove(image.id, force=True)


def test_modules_data_and_packages_travel_along(client, asked, capsys):
    bench = Experiment(asked, client, Printed()).bench
    evidence = Evidence.read(run_trial(bench, Setting(1, 500), 0, lambda _: None))
    assert set(evidence.requests["name"].dropna()) == {"1,000"}
    assert set(evidence.requests["outcome"]) <= {"ok", "in_flight"}
    said = capsys.readouterr().out
    assert "the script's own between(1, 2) of Visitor is not used" in said
    assert "humanize==4.9.0" in said
    assert "locust" not in said.partition("asks for: ")[2].partition("\n")[0]


def test_a_module_that_is_nowhere_is_told_before_any_service_is_started(client, asked, folder):
    (folder / "requirements.txt").unlink()
    with pytest.raises(QuestionError, match=r"needs the module humanize.*requirements\.txt"):
        Experiment(asked, client, Printed())
    assert containers_of(client, Store(asked.folder)) == []


def test_a_package_that_nobody_has_is_told_before_any_service_is_started(client, asked, folder):
    (folder / "requirements.txt").write_text("humanize==999\n")
    said = r"asks for humanize==999, which pip of this machine finds nowhere .*; check its name"
    with pytest.raises(ImageError, match=said):
        Experiment(asked, client, Printed())


def test_packages_that_cannot_be_together_are_told_before_any_service_is_started(
    client, asked, folder
):
    (folder / "requirements.txt").write_text("humanize==4.9.0\nhumanize==4.8.0\n")
    with pytest.raises(ImageError, match=r"cannot be had together, and beside those that the load"):
        Experiment(asked, client, Printed())


SHAPES = """
from locust import FastHttpUser, LoadTestShape, constant_throughput, task

class Visitor(FastHttpUser):
    wait_time = constant_throughput(0.1)

    @task
    def look(self):
        self.client.get("/")

class Waves(LoadTestShape):
    def tick(self):
        return 1, 1
"""


def test_a_shape_and_a_pacing_of_its_own_are_told_before_any_service(client, asked, folder, capsys):
    (folder / "requirements.txt").unlink()
    (folder / "visit.py").write_text(SHAPES)
    Experiment(asked, client, Printed())
    said = capsys.readouterr().out
    assert "(think_min, think_max); the script's own constant_" in said
    assert "(users, spawn_rate); the script's own Waves is not used" in said


def test_a_script_without_users_is_refused_before_any_service(client, asked, folder):
    (folder / "requirements.txt").unlink()
    (folder / "visit.py").write_text("HOST = 1\n")
    with pytest.raises(QuestionError, match=r"visit.py has no user class: it needs one that is de"):
        Experiment(asked, client, Printed())


def test_a_script_that_allows_fewer_users_is_refused_before_any_service(client, asked, folder):
    script = folder / "visit.py"
    script.write_text(
        script.read_text().replace("    wait_time", "    fixed_count = 5\n    wait_time")
    )
    with pytest.raises(QuestionError, match=r"5 users at most \(fixed_count\), 20 are asked for"):
        Experiment(asked, client, Printed())


def test_this_projects_own_script_is_described_in_a_container_too(bench):
    here = bench()
    assert describe_script(here).users == ("PenguinUser",)
    assert here.script.is_own
