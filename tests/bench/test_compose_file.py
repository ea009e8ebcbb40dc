"""A compose file as Compose resolves it becomes a service and its companions, or a refusal."""

import copy

import pytest
import yaml

from loadtests.bench.compose_file import stack_of
from loadtests.bench.needs import Needs
from loadtests.errors import QuestionError

FILE = "shop.yaml"
PASSWORD = "correct horse"
LABELS = {"aguanta": "trial", "aguanta.trial": "1"}


@pytest.fixture
def read(tmp_path):
    """What `docker-compose config` (1.29) makes of a shop with a database and a migration."""
    (tmp_path / "schema.sql").write_text("CREATE TABLE orders (id integer);")
    return {
        "version": "3.9",
        "services": {
            "api": {
                "image": "shop:1",
                "build": {"context": str(tmp_path)},
                "command": "serve --name 'the shop' --cost $$5",
                "environment": {"DB_PASSWORD": PASSWORD, "DEBUG": True, "UNSET": None},
                "user": "1000",
                "ports": [{"published": 80, "target": 8000}],
                "depends_on": {"migrate": {"condition": "service_completed_successfully"}},
                "deploy": {"replicas": 3, "resources": {"limits": {"cpus": "0.5"}}},
                "restart": "always",
                "volumes": [f"{tmp_path}/schema.sql:/schema.sql:ro", "media:/media:rw"],
            },
            "migrate": {"image": "shop:1", "depends_on": {"db": {"condition": "service_healthy"}}},
            "db": {
                "image": "postgres:15",
                "container_name": "the-db",
                "environment": {"POSTGRES_PASSWORD": PASSWORD},
                "ports": ["127.0.0.1:5432:5432/tcp"],
                "restart": "always",
                "volumes": [
                    {"type": "bind", "source": str(tmp_path), "target": "/docker-entrypoint.d"},
                    "data:/var/lib/postgresql/data:rw",
                ],
            },
            "mail": {"image": "mailhog", "privileged": True},
        },
        "volumes": {"data": {"name": "shop_data"}, "media": {}},
    }


def of_v2(read):
    """The same as `docker compose config` (2) writes it."""
    read = copy.deepcopy(read)
    del read["version"]
    read["name"] = "shop"
    for spec in read["services"].values():
        spec |= {"command": spec.get("command"), "entrypoint": None, "networks": {"default": None}}
        for name, condition in (spec.get("depends_on") or {}).items():
            spec["depends_on"][name] = {**condition, "required": True}
    read["services"]["api"]["command"] = ["serve", "--name", "the shop", "--cost", "$$5"]
    read["networks"] = {"default": {"name": "shop_default", "ipam": {}}}
    return read


def started(stack):
    """What Compose is given to start."""
    return yaml.safe_load(stack.definition(LABELS))


@pytest.mark.parametrize("version", [dict, of_v2])
def test_the_service_is_given_what_its_file_says(read, version):
    stack = stack_of(version(read), "api", FILE)
    assert stack.image == "shop:1"
    assert stack.needs == Needs(
        {"DB_PASSWORD": PASSWORD, "DEBUG": "true"},
        ("serve", "--name", "the shop", "--cost", "$5"),
        "1000",
    )
    assert stack.networks == ("default",)
    assert stack.aliases == ("api",)
    assert [(mount.shown, mount.target, mount.kind) for mount in stack.mounts] == [
        ("schema.sql", "/schema.sql", "bind"),
        ("media", "/media", "volume"),
    ]


@pytest.mark.parametrize("version", [dict, of_v2])
def test_its_companions_are_what_it_depends_on_and_what_those_do(read, version):
    """Not the rest of the file, whatever that is."""
    stack = stack_of(version(read), "api", FILE)
    assert stack.names == ("db", "migrate")
    assert stack.completing == ("migrate",)


def test_companions_stay_as_written_but_for_what_reaches_beyond_the_trial(read):
    services = started(stack_of(read, "api", FILE))["services"]
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    db = services["db"]
    assert "ports" not in db
    assert "container_name" not in db
    assert db["environment"] == {"POSTGRES_PASSWORD": PASSWORD}
    assert db["restart"] == "always"
    bind, volume = db["volumes"]
    assert bind["read_only"] is True, "a trial would leave it changed for the next"
    assert "read_only" not in volume


def test_all_that_is_made_for_a_trial_can_be_found_by_its_labels(read):
    given = started(stack_of(of_v2(read), "api", FILE))
    made = [*given["services"].values(), *given["networks"].values(), *given["volumes"].values()]
    assert [one for one in made if not one["labels"].items() >= LABELS.items()] == []
    assert [one for one in made if "name" in one] == [], "every trial has its own"


def test_what_of_the_file_is_replaced_is_told(read):
    said = " ".join(stack_of(read, "api", FILE).notes)
    assert "db, migrate are started anew for every trial, and api is what is limited" in said
    assert "Limits and replicas of api are those of each setting" in said
    assert "Mounted read-only" in said


def test_that_nothing_is_started_beside_it_is_told(read):
    read["services"]["api"]["depends_on"] = {}
    stack = stack_of(read, "api", FILE)
    assert stack.names == ()
    assert any("has no depends_on" in note for note in stack.notes)


def test_no_secret_stands_in_its_text_or_its_digest(read):
    stack = stack_of(read, "api", FILE)
    assert PASSWORD not in repr(stack)
    assert stack.hidden(f"FATAL: password {PASSWORD} was refused") == (
        "FATAL: password <DB_PASSWORD> was refused"
    )
    public, _, private = stack.digest.partition("-")
    assert (len(public), len(private)) == (16, 4), "values could be guessed from more"


CHANGES = {
    "another value": lambda read, _: read["services"]["db"]["environment"].update(A="b"),
    "a mount": lambda read, _: read["services"]["api"].update(volumes=["media:/srv"]),
    "a secret": lambda _, folder: (folder.parent / "pw.txt").write_text("battery staple"),
    "an entrypoint": lambda read, _: read["services"]["api"].update(entrypoint="/run.sh"),
    "an option": lambda read, _: read["services"]["api"].update(working_dir="/srv"),
    "another image": lambda read, _: read["services"]["db"].update(image="postgres:16"),
    "a limit": lambda read, _: read["services"]["db"].update(mem_limit="100m"),
    "a file's content": lambda _, folder: (folder / "schema.sql").write_text("DROP TABLE orders;"),
    "a new file": lambda _, folder: (folder / "more.sql").write_text("SELECT 1;"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_beside_the_service_changes_the_digest(read, tmp_path, change):
    secret = tmp_path.parent / "pw.txt"
    secret.write_text(PASSWORD)
    read["secrets"] = {"pw": {"file": str(secret)}}
    read["services"]["db"]["secrets"] = ["pw"]
    before = stack_of(copy.deepcopy(read), "api", FILE).digest
    assert stack_of(copy.deepcopy(read), "api", FILE).digest == before
    change(read, tmp_path)
    assert stack_of(read, "api", FILE).digest != before


def at(service, **given):
    """A change of one service."""
    return lambda read: read["services"][service].update(given)


REFUSED = [
    (at("api", image=None), "give it an image: beside its build:"),
    (at("db", image=None), "give it an image: beside its build:"),
    (at("api", network_mode="host"), "network_mode: host"),
    (at("db", network_mode="host"), "network_mode: host"),
    (at("db", privileged=True), "privileged: remove it"),
    (at("api", devices=["/dev/kvm:/dev/kvm"]), "devices: remove it"),
    (at("db", deploy={"replicas": 2}), "only api is replicated"),
    (at("db", scale=2), "only api is replicated"),
    (at("db", pid="host"), "pid: remove it"),
    (at("db", volumes=["/var/run/docker.sock:/var/run/docker.sock"]), "the engine's socket"),
    (at("db", volumes=["/nowhere/schema.sql:/x"]), "schema.sql, which is not there"),
    (at("api", gpus="all"), "gpus, which its replicas in a trial cannot be given"),
    (lambda read: read["volumes"].update(data={"external": True}), "volume data of shop.yaml is"),
    (
        lambda read: read["volumes"].update(
            data={"driver_opts": {"type": "none", "o": "bind", "device": "/srv"}}
        ),
        "is a folder of this machine",
    ),
    (
        lambda read: (
            read.update(networks={"proxy": {"external": True}}),
            at("api", networks={"proxy": None})(read),
        ),
        "the network proxy of shop.yaml is external",
    ),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_what_a_trial_cannot_give_is_refused_with_what_to_do(read, change, said):
    change(read)
    with pytest.raises(QuestionError) as refused:
        stack_of(read, "api", FILE)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_service_that_is_not_there_is_refused_with_those_that_are(read):
    with pytest.raises(QuestionError, match="no service 'web'; there are api, db, mail, migrate"):
        stack_of(read, "web", FILE)


def test_what_is_refused_of_another_service_is_nobody_s_business(read):
    """The file has a privileged one that the service does not depend on."""
    assert read["services"]["mail"]["privileged"]
    stack_of(read, "api", FILE)


def test_secrets_from_files_are_mounted_where_compose_puts_them(read, tmp_path):
    (tmp_path / "pw.txt").write_text(PASSWORD)
    read["secrets"] = {"pw": {"file": str(tmp_path / "pw.txt")}}
    read["services"]["api"]["secrets"] = ["pw"]
    stack = stack_of(read, "api", FILE)
    assert ("pw.txt", "/run/secrets/pw", True) in [
        (mount.shown, mount.target, mount.written_read_only) for mount in stack.mounts
    ]


def test_options_of_the_service_are_in_the_engine_s_words(read):
    at("api", entrypoint="/run.sh now", working_dir="/srv", tmpfs="/tmp:size=1m", init=True)(read)
    at("api", extra_hosts=["old:10.0.0.1"], cap_add=["SYS_NICE"])(read)
    assert stack_of(read, "api", FILE).needs.options == {
        "entrypoint": ["/run.sh", "now"],
        "working_dir": "/srv",
        "tmpfs": {"/tmp": "size=1m"},
        "init": True,
        "extra_hosts": {"old": "10.0.0.1"},
        "cap_add": ["SYS_NICE"],
    }
