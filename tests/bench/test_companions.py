"""Companions are known by what their images are, and have words of their own for their ends."""

from types import SimpleNamespace

import pytest
from docker.errors import ImageNotFound, NotFound

from loadtests.bench.companion import Companion
from loadtests.bench.companions import NO_COMPANIONS, Companions
from loadtests.bench.compose_file import stack_of
from loadtests.bench.containers import Names
from loadtests.errors import EngineError, ImageError, TrialError
from loadtests.question import Setting
from tests.bench.idle import idle_bench

NAMES = Names("0123456789abcdef", "a" * 64)
LOCAL, REMOTE = "http+docker://localhost", "tcp://elsewhere:2375"
SERVICES = {
    "api": {"image": "shop:1", "depends_on": {"db": {}}, "volumes": ["media:/media"]},
    "db": {"image": "postgres:15", "environment": {"POSTGRES_PASSWORD": "correct horse"}},
}


class Engine:
    """An engine that has two images, no network and no volume, on this machine or another."""

    def __init__(self, address=LOCAL, lacks=""):
        self.api = SimpleNamespace(base_url=address)
        self.images = SimpleNamespace(get=self.image, pull=self.image)
        self.volumes = SimpleNamespace(get=self.none, create=self.created)
        self.lacks, self.made = lacks, []

    def image(self, name, **_how):
        if name == self.lacks:
            raise ImageNotFound("no such image")
        return SimpleNamespace(id=f"sha256:{name}")

    def none(self, name):
        raise NotFound(f"no {name}")

    def created(self, name, labels):
        self.made.append((name, labels))


def stack(**changes):
    """The stack of a shop."""
    services = {name: {**spec, **changes.get(name, {})} for name, spec in SERVICES.items()}
    return stack_of({"services": services, "volumes": {"media": {}}}, "api", "shop.yaml")


def container(running=False, code=0, said="", **state):
    """A container that runs or has ended."""
    given = {"Running": running, "ExitCode": code, "Status": "running" if running else "exited"}
    return SimpleNamespace(
        reload=lambda: None, attrs={"State": given | state}, logs=lambda **_: said.encode()
    )


def test_companions_are_known_by_the_images_that_their_names_meant():
    assert Companions.of(Engine(), stack()).images == (("db", "sha256:postgres:15"),)


def test_an_image_that_cannot_be_had_is_told_with_the_companion_that_needs_it():
    with pytest.raises(ImageError, match=r"^db, a companion of api: the image postgres:15"):
        Companions.of(Engine(lacks="postgres:15"), stack())


def test_files_of_this_machine_are_refused_where_the_engine_is_on_another(tmp_path):
    db = {"volumes": [f"{tmp_path}:/x"]}
    with pytest.raises(EngineError, match="the engine is on another"):
        Companions.of(Engine(REMOTE), stack(db=db))
    assert Companions.of(Engine(REMOTE), stack()).images
    assert Companions.of(Engine(), stack(db=db)).images


def test_another_image_of_a_companion_is_another_trial(tmp_path):
    def key(companions):
        return idle_bench(tmp_path, companions=companions).key(Setting(1, 100), 0)

    of = stack()
    keys = {key(NO_COMPANIONS)} | {key(Companions(of, (("db", i),))) for i in ("1", "2")}
    assert len(keys) == 3


def test_a_volume_of_the_service_alone_is_made_for_the_trial_with_its_labels():
    engine = Engine()
    mounted = Companions.of(engine, stack()).volumes(engine, NAMES)
    ((name, labels),) = engine.made
    assert mounted == [f"{name}:/media:rw"]
    assert name == f"{NAMES.project}_media"
    assert labels == NAMES.labels


def test_no_container_of_a_companion_has_the_name_of_a_replica():
    """Compose names containers by project, service and number."""
    names = {f"{NAMES.project}{mark}api{mark}1" for mark in "-_"}
    assert NAMES.container("api-1") not in names
    assert not NAMES.container("api-1").startswith(NAMES.project)


ENDS = [
    (container(code=1, said="no space left\n"), "db ended with exit code 1: no space left"),
    (container(code=1), "db ended with exit code 1, without a word"),
    (
        container(code=137, OOMKilled=True),
        "db was ended by SIGKILL (exit code 137), out of memory, without a word",
    ),
    (container(running=True), "db ended and was started again, as its file says, without a word"),
]


@pytest.mark.parametrize(("ended", "said"), ENDS)
def test_an_end_is_told_with_its_last_words(ended, said):
    assert Companion("db", ended).end == said


READY = [
    (container(running=True), False, True, "it runs and has no health check"),
    (container(running=True), True, False, "it is still at its work"),
    (container(running=True, Health={"Status": "starting"}), False, False, "not healthy yet"),
    (container(running=True, Health={"Status": "healthy"}), False, True, "healthy"),
    (container(), True, True, "it has done its work"),
    (container(code=1), True, False, "its work has failed"),
    (container(Status="created"), False, False, "it was not started yet"),
]


@pytest.mark.parametrize(("one", "completes", "ready", "what"), READY)
def test_a_companion_is_ready_as_its_file_wants_it(one, completes, ready, what):
    assert Companion("db", one).is_ready(completes) is ready, what


def test_a_dead_companion_is_named_in_place_of_whoever_needed_it_and_no_secret_with_it():
    companions = Companions.of(Engine(), stack())
    dead = Companion("db", container(code=1, said="password correct horse is wrong"))
    with pytest.raises(TrialError, match=r"password <db\.POSTGRES_PASSWORD> is wrong$"):
        companions.refuse_dead([dead])
    companions.refuse_dead([Companion("db", container(running=True))])
