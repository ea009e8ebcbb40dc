"""The command that asks again: what was asked and nothing else, so that make takes it."""

import hashlib
import re
import shlex
from dataclasses import asdict, replace

import pytest

from loadtests.analysis.cost import Prices
from loadtests.bench.needs import Needs
from loadtests.bench.stack import Stack
from loadtests.jobs.notebooks import REPORT, SCALE_OUT, declared
from loadtests.jobs.report import read_value
from loadtests.question import Balancing, EndpointMode, Setting, Target
from loadtests.studies import besides
from loadtests.studies.manifest import SCALE_OUT as SCALE_OUT_PART
from loadtests.studies.manifest import VERTICAL
from loadtests.studies.parameters import MACHINES, ROOT, Parameters
from loadtests.studies.reproduce import make_command
from loadtests.verdicts import Verdict
from tests.told import measured, notes, table

OWN_SCRIPT = hashlib.sha256(Parameters().locustfile_path.read_bytes()).hexdigest()
BY_NAME = table(
    measured(Setting(1, 300), Verdict.HOLDS), measured(Setting(0.5, 300), Verdict.FAILS)
)
SCALED = table(
    *(measured(Setting(0.5, 300, count), Verdict.HOLDS) for count in (1, 3)),
    measured(Setting(0.25, 200, 1), Verdict.FAILS),
)


def given(vertical=BY_NAME, scale_out=SCALED, sha256=OWN_SCRIPT, more=None):
    """Return the variables of the command with their values, as make passes them on."""
    command = make_command(vertical, scale_out, sha256, more or {}).replace("\\\n", "")
    make, target, *words = shlex.split(command)
    assert (make, target) == ("make", "report")
    return {name: read_value(value) for name, value in (word.split("=", 1) for word in words)}


def priced(prices):
    return replace(BY_NAME, manifest=replace(BY_NAME.manifest, prices=prices))


def test_settings_given_by_name_are_named_again():
    asked = given()
    assert asked["SETTINGS"] == [[1, 300], [0.5, 300]]
    assert not {"CPU_STEPS", "MEMORY_STEPS"} & set(asked)


def test_a_setting_with_which_nothing_answered_was_asked_for_too():
    asked = given(table(measured(Setting(1, 300), Verdict.HOLDS), never_ready=[Setting(0.5, 6)]))
    assert asked["SETTINGS"] == [[1, 300], [0.5, 6]]


def test_a_search_is_repeated_in_its_steps_and_not_in_the_settings_it_came_to():
    search = notes((0.5, 1.0), (100, 300))
    asked = given(replace(BY_NAME, manifest=replace(BY_NAME.manifest, search=search)))
    assert (asked["CPU_STEPS"], asked["MEMORY_STEPS"]) == ([0.5, 1.0], [100, 300])
    assert "SETTINGS" not in asked


def test_sizes_and_counts_are_named_once_each():
    assert given()["SIZES"] == [[0.5, 300], [0.25, 200]]
    assert given()["REPLICA_COUNTS"] == [1, 3]


def told_of(**target):
    manifest = replace(BY_NAME.manifest, target=Target("api", **target))
    return given(replace(BY_NAME, manifest=manifest))


def test_what_the_container_was_given_is_named_without_its_values():
    asked = told_of(
        command=("serve", "--name", "a b"),
        user="1000",
        environment=("DB_URL", "MODE"),
        environment_digest="abcd",
        host_header="shop.example",
        files=("/etc/app.ini",),
        files_digest="abcdef",
    )
    assert shlex.split(asked["COMMAND"]) == ["serve", "--name", "a b"]
    assert (asked["CONTAINER_USER"], asked["HOST_HEADER"]) == (1000, "shop.example")
    assert asked["ENV_FILE"] == "<your file with DB_URL, MODE>"
    assert asked["FILES"] == {"/etc/app.ini": "<your file>"}


def test_what_a_compose_file_says_is_not_said_again():
    asked = told_of(user="1000", environment=("A",), stack_digest="abcd-ef")
    assert not {"COMMAND", "CONTAINER_USER", "ENV_FILE"} & set(asked)


def test_a_container_that_was_given_nothing_is_given_nothing_again():
    assert not {"COMMAND", "CONTAINER_USER", "ENV_FILE", "FILES", "HOST_HEADER"} & set(given())


@pytest.mark.parametrize(("final_s", "named"), [(None, False), (24.0, False), (60.0, True)])
def test_a_last_trial_of_another_length_is_named(final_s, named):
    """Four times the 6 s of the others is the usual."""
    search = replace(notes((0.5, 1.0), (100, 300)), final_steady_s=final_s)
    asked = given(replace(BY_NAME, manifest=replace(BY_NAME.manifest, search=search)))
    assert ("FINAL_STEADY_S" in asked) is named


def test_the_projects_own_script_is_not_named_and_another_only_by_its_hash():
    """Where it lay is nobody's business, and the hash tells whether it is the same."""
    assert "LOCUSTFILE" not in given()
    assert given(sha256="0123456789ab" * 5)["LOCUSTFILE"] == "<your file, SHA-256 0123456789ab...>"


@pytest.mark.parametrize(
    "prices",
    [
        Prices(vcpu_hour=0.05),
        Prices(gib_hour=0.01),
        Prices(currency="EUR"),
        Prices(source="us, 'cheap'"),
        Prices(date="2026-04"),
    ],
)
def test_prices_are_named_where_any_of_them_is_not_the_usual(prices):
    named = {name.lower(): value for name, value in given(priced(prices)).items()}
    wanted = ("vcpu_hour", "gib_hour", "currency", "price_source", "price_date")
    assert Parameters(**{name: named[name] for name in wanted}).prices == prices


def test_the_usual_prices_are_left_out():
    assert not {"VCPU_HOUR", "GIB_HOUR", "CURRENCY", "PRICE_SOURCE", "PRICE_DATE"} & set(given())


def test_what_is_named_is_what_may_be_set():
    search = replace(priced(Prices(1, 1)).manifest, search=notes((1.0,), (300,)))
    for asked in (given(sha256="0" * 64), given(replace(BY_NAME, manifest=search))):
        Parameters.from_mapping({name.lower(): value for name, value in asked.items()})


def test_a_proxy_is_asked_for_again_and_dns_is_the_default():
    assert told_of(balancing=Balancing.ROUND_ROBIN)["BALANCING"] == "haproxy-roundrobin"
    assert "BALANCING" not in told_of()


def test_a_swarm_is_named_and_its_engines_are_for_whoever_has_them():
    asked = told_of(swarm=EndpointMode.DNSRR)
    assert (asked["ORCHESTRATOR"], asked["ENDPOINT_MODE"]) == ("swarm", "dnsrr")
    assert asked["NODES"] == {"<name of a node>": "<address of its engine>"}
    assert "ORCHESTRATOR" not in told_of()


# --- what only the parts of a run tell

BESIDES = {
    "ready_s": 90.0, "script_options": "--tags read", "workers": 2, "early_stop": False,
    "reference_us": 250.0,
    "trials_at_most": 20, "minutes_at_most": 60.0, "replica_minutes_at_most": 3.0,
    "replicates": 5, "splits": [1, 2], "users_beyond": 2.0, "capacity_size": [0.1, 100],
    "capacity_counts": [1, 2], "capacity_repeats": 3, "cpu_headroom": 0.5,
    "memory_headroom": 0.4, "replicas_lost": 2,
}  # fmt: skip
USUAL = Parameters.from_mapping(declared(SCALE_OUT))


def keeping(asked):
    """Return both tables as parts that keep what was asked, as an experiment does."""
    return [
        replace(told, manifest=replace(told.manifest, asked=besides.asked_of_part(part, asked)))
        for told, part in ((BY_NAME, VERTICAL), (SCALED, SCALE_OUT_PART))
    ]


def planned(tmp_path):
    """Return what a plan was asked, all of it otherwise than usual."""
    table_of_mine = tmp_path / "mine.csv"
    table_of_mine.write_bytes(MACHINES.read_bytes())
    return besides.asked_of_plan(
        Parameters(
            plan_users=[5_000],
            machines=str(table_of_mine),
            architecture="arm64",
            machines_lost=2,
            replicas_lost=3,
            cpu_ratio=0.8,
            cpu_reserve=0.1,
            memory_reserve=0.2,
        )
    )


def test_what_only_a_part_keeps_is_named_as_it_was_asked():
    named = given(*keeping(Parameters(**BESIDES)))
    assert {name: named[name.upper()] for name in BESIDES} == BESIDES


def test_what_is_asked_where_nothing_is_given_is_left_out():
    """Also what only the notebooks ask for, so that the command stays short."""
    of_plan = besides.asked_of_plan(Parameters.from_mapping(declared(REPORT)))
    assert given(*keeping(USUAL), more=of_plan) == given()
    assert given(*keeping(USUAL), more=besides.asked_of_plan(Parameters())) == given()


@pytest.mark.parametrize(
    ("name", "value"),
    [("splits", []), ("splits", None), ("capacity_size", None), ("capacity_counts", [])],
)
def test_what_was_not_to_be_measured_is_not_measured_again(name, value):
    named = given(*keeping(replace(USUAL, **{name: value})))
    assert named[name.upper()] == value


def test_what_a_plan_was_asked_is_named_and_a_table_of_machines_only_by_its_hash(tmp_path):
    named = given(more=planned(tmp_path))
    assert (named["PLAN_USERS"], named["ARCHITECTURE"]) == ([5_000], "arm64")
    assert (named["MACHINES_LOST"], named["CPU_RATIO"]) == (2, 0.8)
    digest = hashlib.sha256(MACHINES.read_bytes()).hexdigest()
    assert named["MACHINES"] == f"<your table, SHA-256 {digest[:12]}...>"


LISTED = re.search(
    r"^PARAMETERS = ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE
)[1]  # type: ignore[index]
# Of values in `environment` no record is kept; their names stand in ENV_FILE. And the command is of
# the search for the least setting: what `find` asks else has another report.
NOT_NAMED = {"ENVIRONMENT", "FIND"}
IN_STEPS = {"cpu_steps": [0.5, 1.0], "memory_steps": [100, 300]}
# Of each parameter something else than is usual, with what it is refused without.
UNUSUAL = {
    **{name: {name: value} for name, value in BESIDES.items()},
    "run": {"run": "again"},
    "image": {"image": "shop:1"},
    "port": {"port": 8080},
    "health_path": {"health_path": "/ready"},
    "command": {"command": "serve --name 'a b'"},
    "container_user": {"container_user": "1000:1000"},
    "host_header": {"host_header": "shop.example"},
    "balancing": {"balancing": "haproxy"},
    "orchestrator": {"orchestrator": "swarm"},
    "endpoint_mode": {"orchestrator": "swarm", "endpoint_mode": "vip"},
    "script_options": {"locustfile": "visit.py", "script_options": "--tags read"},
    "users": {"users": 700},
    "spawn_rate": {"spawn_rate": 7.5},
    "think_min": {"think_min": 0.5},
    "think_max": {"think_max": 20},
    "steady_s": {"steady_s": 12.5},
    "timeout_s": {"timeout_s": 3},
    "arrivals": {"arrivals": "constant", "rate": 50},
    "rate": {"arrivals": "poisson", "rate": 70.5},
    "p95_ms": {"p95_ms": 250},
    "error_rate": {"error_rate": 0.02},
    "cpu_steps": IN_STEPS,
    "memory_steps": IN_STEPS,
    "settings": {"settings": [[0.5, 300], [0.25, 100]]},
    "reliability": {"reliability": 0.5},
    "final_steady_s": {"final_steady_s": 200},
    "replicas_at_most": {"replicas_at_most": 2},
    "cpus": {"cpus": 0.4},
    "memory_mib": {"memory_mib": 150},
    "replicas": {"replicas": 3},
    "sizes": {"sizes": [[0.5, 300], [0.25, 100]], "replica_counts": [1]},
    "replica_counts": {"sizes": [[0.5, 300]], "replica_counts": [2, 5]},
    "vcpu_hour": {"vcpu_hour": 0.05},
    "gib_hour": {"gib_hour": 0.01},
    "currency": {"currency": "EUR"},
    "price_source": {"price_source": "us, 'cheap'"},
    "price_date": {"price_date": "2026-04"},
    "plan_users": {"plan_users": [5_000]},
    "architecture": {"architecture": "arm64"},
    "machines_lost": {"machines_lost": 2},
    "cpu_ratio": {"cpu_ratio": 0.8},
    "cpu_reserve": {"cpu_reserve": 0.1},
    "memory_reserve": {"memory_reserve": 0.2},
}
# What lies on the machine of whoever asked is named by what tells it apart.
BY_NATURE = {
    "compose": "<your file, digest ",
    "service": "<the service of shop:1 in it>",
    "env_file": "<your file with MODE>",
    "files": {"/etc/app.ini": "<your file>"},
    "nodes": {"<name of a node>": "<address of its engine>"},
    "locustfile": "<your file, SHA-256 ",
    "machines": "<your table, SHA-256 ",
    "objectives": {"*": {"p95_ms": 500, "error_rate": 0.001}, "/predict": {"p95_ms": 300}},
}


@pytest.fixture
def of_mine(tmp_path):
    """Parameters that name something on this machine, by their names."""
    for name, text in (("visit.py", ""), ("mine.env", "MODE=x"), ("app.ini", "x")):
        (tmp_path / name).write_text(text)
    (tmp_path / "mine.csv").write_bytes(MACHINES.read_bytes())
    in_file = {"compose": "compose.yaml", "service": "api"}
    return {
        "compose": in_file,
        "service": in_file,
        "env_file": {"env_file": str(tmp_path / "mine.env")},
        "files": {"files": {"/etc/app.ini": str(tmp_path / "app.ini")}},
        "nodes": {"orchestrator": "swarm", "nodes": {"node-2": "tcp://10.0.0.2:2376"}},
        "locustfile": {"locustfile": str(tmp_path / "visit.py")},
        "machines": {"machines": str(tmp_path / "mine.csv")},
        "objectives": {"objectives": {"/predict": {"p95_ms": 300}}},
        "visit.py": str(tmp_path / "visit.py"),
    }


def named_again(asked):
    """Return what the command names of a run that was asked so, as its parts keep it."""
    search = replace(
        notes(asked.cpu_steps or (0.5, 1.0), asked.memory_steps or (100, 300)),
        goal=asked.goal,
        final_steady_s=asked.final_question.workload.steady_s,
        replica_counts=asked.counts_asked_about,
    )
    told = []
    for part, settings in (
        (VERTICAL, asked.vertical_settings or [Setting(1, 300)]),
        (SCALE_OUT_PART, asked.scale_out_settings),
    ):
        measured_so = table(*(measured(each, Verdict.HOLDS) for each in settings))
        manifest = replace(
            measured_so.manifest,
            name=part,
            question=asked.question,
            target=asked.target,
            prices=asked.prices,
            asked=besides.asked_of_part(part, asked),
            search=search if part == VERTICAL and not asked.settings else None,
        )
        told.append(replace(measured_so, manifest=manifest))
    more = besides.asked_of_plan(asked) | asdict(asked.setting)
    return given(*told, sha256=asked.script.sha256, more=more)


@pytest.mark.parametrize("name", sorted({*LISTED.replace("\\\n", " ").split()} - NOT_NAMED))
def test_every_parameter_of_make_is_named_as_it_was_asked(name, of_mine):
    """One that is added has to be recorded and named, or the command would ask something else."""
    parameter = name.lower()
    asked_so = dict(of_mine.get(parameter) or UNUSUAL[parameter])
    if asked_so.get("locustfile") == "visit.py":
        asked_so["locustfile"] = of_mine["visit.py"]
    asked = Parameters(**asked_so)
    if asked.compose:
        vars(asked)["stack"] = Stack("api", "shop:1", Needs(), {"db": {"image": "db:1"}})
    found = named_again(asked)[name]
    wanted = BY_NATURE.get(parameter, asked_so.get(parameter))
    if isinstance(wanted, str) and wanted.startswith("<"):
        assert str(found).startswith(wanted)
    else:
        assert found == wanted


def test_what_goes_before_a_compose_file_is_named_beside_it():
    asked = Parameters(
        compose="compose.yaml", service="api", command="serve --quick", container_user="1000",
        environment={"MODE": "x"},
    )  # fmt: skip
    own = Needs({"KEY": "sesame"}, ("serve",), "root")
    vars(asked)["stack"] = Stack("api", "shop:1", own, {"db": {"image": "db:1"}})
    found = named_again(asked)
    assert (found["COMMAND"], found["CONTAINER_USER"]) == ("serve --quick", 1000)
    assert found["ENV_FILE"].startswith("<your file with variables in place of those")
    assert "sesame" not in str(found)
