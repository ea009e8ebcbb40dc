"""A Swarm of three engines on one machine, each in namespaces of its own, as on three machines.

A bridge joins their networks, and nothing else: the first engine, which is the manager, and the
third are asked by their sockets, the second as one asks another machine.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from docker import DockerClient
from docker.errors import APIError

from loadtests.bench.engine import connect_to
from tests.integration.second_engine import SecondEngine, can_be_had
from tests.running import wait_for

# 198.18.0.0/15 is for measurements (RFC 2544); the engines' own networks are in other parts of it.
NETWORK = "198.18.100"
HOST = f"{NETWORK}.1"
PORT = 2375
NODES = ("node-1", "node-2", "node-3")
CGROUPS = Path("/sys/fs/cgroup")
# So that a node that loses its power is missed after seconds; three beats are waited for.
HEARTBEAT_NS = 1_000_000_000
# Of memory, beside which a machine has enough left for everything else.
ROOM_FOR_ALL = 8 << 30
FORWARDED = ("FORWARD", "-i", "{bridge}", "-o", "{bridge}", "-j", "ACCEPT")


@dataclass
class Node:
    """One engine, and its cable."""

    name: str
    address: str  # of its machine, in the network that joins them
    cable: str  # this end of it
    engine: SecondEngine
    client: DockerClient
    asked_at: str  # address by which its engine is asked

    def lose_power(self) -> None:
        """Let everything on it end at once, and say nothing any more."""
        _ip("link", "set", self.cable, "down")
        self.engine.lose_power()

    def come_back(self) -> None:
        """Start the machine anew."""
        _ip("link", "set", self.cable, "up")
        self.engine.start()


@dataclass(frozen=True)
class Cluster:
    """The nodes by their names, the manager first."""

    nodes: Mapping[str, Node]

    @property
    def manager(self) -> DockerClient:
        """The engine that the Swarm is asked of."""
        return self.nodes[NODES[0]].client

    @property
    def others(self) -> dict[str, str]:
        """The other nodes' engines, as a person names them."""
        return {name: self.nodes[name].asked_at for name in NODES[1:]}

    def await_all(self) -> None:
        """Wait until the Swarm hears of every node."""
        wait_for("all nodes", self._all_are_ready)

    def _all_are_ready(self) -> bool:
        with suppress(APIError):  # a manager that has just started has no leader
            states = [node.attrs["Status"]["State"] for node in self.manager.nodes.list()]
            return states == ["ready"] * len(NODES)
        return False


def why_not() -> str:
    """Say why this machine can have no such cluster; "" where it can."""
    if not can_be_had():
        return "engines of the tests' own need root, dockerd, unshare, nsenter and ip"
    if shutil.which("iptables") is None:
        return "engines that are joined by a bridge need iptables"
    if not (CGROUPS / "memory").is_dir():
        return "containers of engines side by side were tried with cgroup v1 only"
    probe = f"agt{secrets.token_hex(3)}"
    made = _ip("link", "add", probe, "type", "vxlan", "id", "4242", "dstport", "47890", check=False)
    if made:
        return f"overlay networks need vxlan, and the kernel has none ({made})"
    _ip("link", "del", probe)
    return ""


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Have a Swarm within the block, and nothing of it afterwards."""
    own = secrets.token_hex(3)
    bridge = f"agt{own}"
    rule = [part.format(bridge=bridge) for part in FORWARDED]
    with ExitStack() as undo:
        _ip("link", "add", bridge, "type", "bridge")
        undo.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{HOST}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        # The machine's own engine lets nothing pass that it does not know.
        _run("iptables", "-w", "-I", *rule)
        undo.callback(_run, "iptables", "-w", "-D", *rule)
        nodes = {
            name: undo.enter_context(_node(folder, name, number, bridge, own))
            for number, name in enumerate(NODES, 1)
        }
        first = nodes[NODES[0]]
        first.client.swarm.init(
            advertise_addr=first.address,
            listen_addr=f"{first.address}:2377",
            dispatcher_heartbeat_period=HEARTBEAT_NS,
        )
        token = first.client.swarm.attrs["JoinTokens"]["Worker"]
        for name in NODES[1:]:
            nodes[name].client.swarm.join(
                remote_addrs=[f"{first.address}:2377"],
                join_token=token,
                advertise_addr=nodes[name].address,
                listen_addr=f"{nodes[name].address}:2377",
            )
        made = Cluster(nodes)
        made.await_all()
        yield made


@contextmanager
def _node(folder: Path, name: str, number: int, bridge: str, own: str) -> Iterator[Node]:
    home, address = folder / name, f"{NETWORK}.{10 + number}"
    home.mkdir()
    parent, cable = f"/aguanta-test-{own}-{name}", f"agt{own}-{number}"
    is_afar = number == 2
    at = f"tcp://{address}:{PORT}"
    engine = SecondEngine(
        home,
        *("--cgroup-parent", parent),
        *(("--host", at, "--tls=false") if is_afar else ()),
        host_name=name,
        in_memory=psutil.virtual_memory().available > ROOM_FOR_ALL,
    )
    try:
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0",
            "netns", str(engine.inhabitant))  # fmt: skip
        _ip("link", "set", cable, "master", bridge, "up")
        inside = ("nsenter", "--net", "--target", str(engine.inhabitant), "ip")
        _run(*inside, "addr", "add", f"{address}/24", "dev", "eth0")
        _run(*inside, "link", "set", "eth0", "up")
        _run(*inside, "route", "add", "default", "via", HOST)
        engine.start()
        asked_at = at if is_afar else engine.address
        client = connect_to(asked_at)
        try:
            yield Node(name, address, cable, engine, client, asked_at)
        finally:
            client.close()
    finally:
        engine.remove()
        _remove_cgroups(parent.removeprefix("/"))


def _remove_cgroups(name: str) -> None:
    """Remove the control groups of an engine whose containers were killed beside it."""
    for root in (CGROUPS, *CGROUPS.iterdir()):
        for folder, _, _ in os.walk(root / name, topdown=False):
            wait_for(f"the end of {folder}", lambda folder=folder: _removed(Path(folder)))


def _removed(folder: Path) -> bool:
    with suppress(OSError):  # the last process is on its way out
        folder.rmdir()
    return not folder.exists()


def _ip(*words: str, check: bool = True) -> str:
    return _run("ip", *words, check=check)


def _run(*command: str, check: bool = True) -> str:
    """Run a command and return its complaint, "" where it has none."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, f"{' '.join(command)}: {done.stderr}"
    return done.stderr.strip() if done.returncode else ""
