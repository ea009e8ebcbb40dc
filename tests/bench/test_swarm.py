"""Which nodes of a Swarm replicas may run on, and what is refused before any is started."""

from types import SimpleNamespace

import pytest
from docker.errors import ImageNotFound

from loadtests.bench import swarm
from loadtests.bench.swarm import Swarm
from loadtests.bench.swarm_service import Task, await_tasks
from loadtests.errors import EngineError, HostError, ImageError, QuestionError
from loadtests.question import EndpointMode

TWO_CPUS = {"NCPU": 2, "MemTotal": 8 << 30}
ENGINES = {"node-2": "tcp://10.0.0.2:2376", "node-3": "production"}


class Images:
    """The images of an engine, by their ids."""

    def __init__(self, *ids, takes=True):
        self.ids, self.takes = set(ids), takes

    def get(self, image_id):
        if image_id not in self.ids:
            raise ImageNotFound("none")
        return SimpleNamespace(tags=["shop:1"], save=lambda **_: [image_id.encode()])

    def load(self, chunks):
        self.ids |= {chunk.decode() for chunk in chunks} if self.takes else set()


def engine(name, *, manages=False, size=TWO_CPUS, images=(), nodes=(), takes=True):
    """Return an engine that is a node of a Swarm."""
    info = {
        "Name": name, "KernelVersion": "6.18", "ServerVersion": "28", "Driver": "overlay2",
        "Swarm": {"NodeID": f"id-{name}", "ControlAvailable": manages}, **size,
    }  # fmt: skip
    return SimpleNamespace(
        info=lambda: info,
        images=Images(*images, takes=takes),
        nodes=SimpleNamespace(
            list=lambda: [SimpleNamespace(id=node["ID"], attrs=node) for node in nodes]
        ),
        api=SimpleNamespace(base_url=f"http://{name}"),
    )


def node(name, state="ready", availability="active"):
    """Return a node as its manager tells of it."""
    return {
        "ID": f"id-{name}",
        "Description": {"Hostname": name},
        "Status": {"State": state},
        "Spec": {"Availability": availability},
    }


THREE = [node("node-1"), node("node-2"), node("node-3")]


@pytest.fixture
def at(monkeypatch):
    """Engines by the addresses at which they are asked."""
    there = {address: engine(name) for name, address in ENGINES.items()}
    monkeypatch.setattr(swarm, "connect_to", there.__getitem__)
    return there


def seen(nodes=THREE, engines=ENGINES, say=print, **manager):
    """Return the Swarm as a run sees it."""
    client = engine("node-1", manages=True, nodes=nodes, **manager)
    return Swarm.of(client, EndpointMode.DNSRR, engines, say)


def test_replicas_may_run_on_every_node_whose_engine_is_named(at):
    found = seen()
    assert [(each.name, each.engine) for each in found.nodes] == [("node-1", ""), *ENGINES.items()]
    assert [each.name for each in found.others] == [*ENGINES]
    assert (found.constraints, found.machines) == ([], 3)


def test_a_node_whose_engine_is_not_named_gets_none_and_that_is_said(at):
    said = []
    found = seen(engines={"node-3": "production"}, say=said.append)
    assert [each.name for each in found.nodes] == ["node-1", "node-3"]
    assert found.constraints == ["node.id!=id-node-2"]
    assert len(said) == 1
    assert said[0].startswith("No replica runs on node-2: its engine is not named in NODES")


@pytest.mark.parametrize(
    "away", [node("node-3", state="down"), node("node-3", availability="drain")]
)
def test_a_node_that_takes_no_replicas_is_left_out_in_silence_unless_it_is_named(at, away):
    said, nodes = [], [*THREE[:2], away]
    found = seen(nodes, {"node-2": ENGINES["node-2"]}, said.append)
    assert [each.name for each in found.nodes] == ["node-1", "node-2"]
    assert said == []
    with pytest.raises(EngineError, match=r"the node node-3 is (down|on drain), so no replica"):
        seen(nodes)


def test_a_manager_that_takes_no_replicas_still_asks(at):
    found = seen([node("node-1", availability="drain"), *THREE[1:]])
    assert [each.name for each in found.nodes] == ["node-2", "node-3"]


REFUSALS = [
    ({"manages": False}, EngineError, "docker swarm init", "no manager"),
    ({"engines": {"node-4": "x"}}, QuestionError, "the Swarm has node-1, node-2", "no such node"),
    ({"nodes": [*THREE, node("node-3")]}, EngineError, "two nodes called node-3", "one name"),
    ({"engines": {"node-2": "production"}}, EngineError, "and not the node node-2", "another's"),
    (
        {"nodes": [node("node-1", availability="drain")], "engines": {}},
        EngineError,
        "no node of the Swarm can take replicas",
        "nowhere to run",
    ),
    (
        {"size": {"NCPU": 4, "MemTotal": 8 << 30}},
        HostError,
        "node-2 has 2 CPUs and 8,192 MiB, and node-1, which the load comes from, 4 CPUs",
        "machines unlike",
    ),
]


@pytest.mark.parametrize(("given", "kind", "said", "what"), REFUSALS)
def test_what_cannot_be_measured_on_is_refused(at, given, kind, said, what):
    usual = {"nodes": THREE, "engines": ENGINES, "manages": True, "size": TWO_CPUS} | given
    client = engine("node-1", manages=usual["manages"], nodes=usual["nodes"], size=usual["size"])
    with pytest.raises(kind) as refusal:
        Swarm.of(client, EndpointMode.DNSRR, usual["engines"], print)
    assert said in str(refusal.value), what


def test_a_swarm_is_asked_which_nodes_it_misses(at):
    there = list(THREE)
    found = seen(there)
    assert found.missing() == []
    there[1] = node("node-2", state="down")
    del there[2]
    assert found.missing() == ["node-2", "node-3"]


def test_an_image_is_copied_to_the_nodes_that_do_not_have_it(at):
    at["production"].images.ids.add("sha256:1")
    said, found = [], seen(images=["sha256:1"])
    found.give_image("sha256:1", said.append)
    assert said == ["Copying shop:1 to node-2"]
    assert "sha256:1" in at[ENGINES["node-2"]].images.ids


def test_an_image_is_copied_to_those_that_are_named_alone(at):
    said, found = [], seen(images=["sha256:1"])
    found.give_image("sha256:1", said.append, ("node-1", "node-3"))
    assert said == ["Copying shop:1 to node-3"]


def test_a_node_is_asked_by_its_own_engine(at):
    found = seen()
    assert found.engine("node-2") is at[ENGINES["node-2"]]
    assert found.engine("node-1") is found.client


def test_a_node_that_has_the_image_under_another_id_is_refused(at):
    at["production"].images.takes = False
    with pytest.raises(ImageError, match="node-3 has the image under another id"):
        seen(images=["sha256:1"]).give_image("sha256:1", print)


def task(state, slot=1, said="", container="c"):
    """Return a task as the API tells of it."""
    status = {"State": state, "Err": said, "ContainerStatus": {"ContainerID": container}}
    spec = {"Network": {"Spec": {"Name": "my_network"}}, "Addresses": [f"10.0.1.{slot}/24"]}
    return {"Slot": slot, "NodeID": "id-1", "Status": status, "NetworksAttachments": [spec]}


def service(*looks):
    """Return a service that tells of its tasks, each time it is asked, what comes next."""
    told = iter(looks)
    return SimpleNamespace(tasks=lambda: next(told), name="api")


def test_tasks_are_awaited_until_all_run_and_come_in_the_order_of_replicas():
    pending, running = task("pending", 2, container=""), task("running", 2)
    found = await_tasks(
        service([pending], [pending, task("running")], [running, task("running")]), 2
    )
    assert [each.address for each in found] == ["10.0.1.1", "10.0.1.2"]


def test_a_replica_that_ran_and_ended_was_started():
    """How it ended is for its container to say."""
    assert Task.of(task("failed", said="task: non-zero exit (1)")).was_started
    assert len(await_tasks(service([task("running"), task("complete", 2)]), 2)) == 2


def test_a_replica_that_no_node_takes_is_told_in_the_swarms_words():
    refused = task("rejected", said="No such image: shop:1", container="")
    with pytest.raises(EngineError, match="started no replica: No such image: shop:1"):
        await_tasks(service([refused, task("running", 2)]), 2)


def test_replicas_that_wait_for_a_node_are_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr("loadtests.bench.swarm_service.START_LIMIT_S", -1.0)
    waiting = task("pending", said="no suitable node", container="")
    with pytest.raises(EngineError, match="pending no suitable node; see `docker service ps api`"):
        await_tasks(service([waiting, waiting]), 2)
