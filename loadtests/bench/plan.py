"""What is measured on, and with which load: the data that a trial and a staircase begin with."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from docker import DockerClient

from loadtests.bench.companions import NO_COMPANIONS, Companions
from loadtests.bench.containers import Names, descriptors, ensure_network, remove_leftovers
from loadtests.bench.cpusets import whole_cpus
from loadtests.bench.haproxy import descriptors_wanted
from loadtests.bench.images import GeneratorImage
from loadtests.bench.needs import Needs
from loadtests.bench.proxy import Proxy
from loadtests.bench.store import Store, trial_key
from loadtests.bench.swarm import Swarm
from loadtests.bench.swarm_service import labels_of, remove_from, remove_services
from loadtests.bench.users_script import UsersScript
from loadtests.bench.worker_places import spread
from loadtests.generator.job import Level
from loadtests.question import Balancing, EarlyStop, EndpointMode, Question, Setting, Target
from loadtests.record import HostReport

READY_LIMIT_S = 60.0  # at one CPU and above
READY_MOST_S = 600.0


@dataclass(frozen=True)
class Bench:
    """What all trials of a run share."""

    client: DockerClient
    store: Store
    host: HostReport
    question: Question
    target: Target
    image_id: str  # what the target's name meant when the run began
    generator: GeneratorImage
    script: UsersScript  # what users do, read once: the key and the container are of the same
    needs: Needs = field(default_factory=Needs)  # what replicas are given beside their limits
    companions: Companions = NO_COMPANIONS  # what is started beside them, anew in every trial
    proxy: Proxy | None = None  # in front of them, anew in every trial; None: none is
    swarm: Swarm | None = None  # whose service the replicas are; None: containers of the engine
    ready_s: float | None = None  # they may take to start; None: see `LoadPlan.ready_limit_s`
    descriptor_limit: int | None = None  # open files the engine grants a process; None: unknown
    stops_early: bool = True  # end a trial that can no longer hold
    quota: bool = True  # replicas have their setting's CPU quota; else whole CPUs
    one_of_each: bool = False  # one user of every class that the script has, for a first look
    workers: int = 1  # processes that send the load; several are Locust's workers
    reference_us: float | None = None  # of the CPU's speed, see record.Trial; no part of a key

    def replica_descriptors(self, users: int) -> int:
        """Return how many files each replica may open: all the engine grants, if that is known.

        A service may open more than one a connection: pools, logs, a database.
        """
        if self.swarm is not None and self.swarm.machines > 1:
            return descriptors(users)  # other machines do not say
        return self.descriptor_limit or descriptors(users)

    def __post_init__(self) -> None:
        """Refuse a proxy or a Swarm not asked for, and one that is and is not there."""
        there = Balancing.DNS if self.proxy is None else self.proxy.balancing
        if there is not self.target.balancing:
            raise ValueError(f"{self.target.balancing} is asked for, and {there} is there")
        mode = None if self.swarm is None else self.swarm.mode
        if mode is not self.target.swarm:
            raise ValueError(f"Swarm mode {self.target.swarm} is asked for, and {mode} is there")

    def proxy_descriptors(self, users: int) -> int:
        """Return how many files a proxy may open: what it may want, as far as is granted."""
        wanted = descriptors_wanted(users)
        return min(wanted, self.descriptor_limit or wanted)

    def replica_alias(self, names: Names) -> str:
        """Return the name that all replicas answer to: that users ask, or a proxy before them."""
        return names.alias if self.proxy is None else names.behind

    def behind(self, names: Names) -> str:
        """Return the name that has the replicas' addresses where the one users ask has not."""
        if self.proxy is not None:
            return names.behind
        # As a Swarm has it of every service (docker docs, "Swarm mode and networking").
        return f"tasks.{names.alias}" if self.target.swarm is EndpointMode.VIP else ""

    def ensure_network(self) -> None:
        """Have the network that all parts share; raises EngineError as `containers` does."""
        ensure_network(self.client, overlay=self.swarm is not None)

    def remove_leftovers(self) -> list[str]:
        """Remove what a killed run of this store left behind; return the names."""
        store, gone = self.store.identity, []
        if self.swarm is not None:
            gone += remove_services(self.client, labels_of(store))
            gone += remove_from(self.swarm.nodes, store)
        return gone + remove_leftovers(self.client, store)

    @property
    def worker_nodes(self) -> tuple[str, ...]:
        """Return the node that each worker of the load runs on; () where all run on one engine."""
        if self.swarm is None or self.workers == 1:
            return ()
        return spread(self.workers, [node.name for node in self.swarm.others], self.host.name)

    def cpusets(self, setting: Setting) -> tuple[str, ...]:
        """Return the CPUs that each replica is kept to where it has no quota; none where it has."""
        return () if self.quota else whole_cpus(setting, self.host.cpus)

    @cached_property
    def locustfile_sha256(self) -> str:
        """Hash of the users' script, and of what lies beside it."""
        return self.script.sha256

    def key(self, setting: Setting, repeat: int) -> str:
        """Return the key under which a trial of this setting is kept.

        Trials that go on to their end whatever happens are kept apart from those stopped early,
        trials without a CPU quota from those with one, and loads of several workers from those of
        one process.
        """
        key = trial_key(
            self.question,
            setting,
            self.target,
            self.image_id,
            self.locustfile_sha256,
            self.generator.content,
            self.host,
            repeat,
        )
        apart = {
            "to its end": not self.stops_early,
            "without a quota": not self.quota,
            "one user of each": self.one_of_each,
        }
        apart |= {f"sent by {self.workers} workers": self.workers > 1}
        apart |= {"from several nodes": bool(self.worker_nodes)}
        apart |= {" ".join(image): True for image in self.companions.images}
        apart |= {f"behind {self.proxy.image_id}": True} if self.proxy else {}
        apart |= {f"on the nodes {self.swarm.kind}": True} if self.swarm else {}
        for what in (name for name, is_so in apart.items() if is_so):
            key = hashlib.sha256(f"{key} {what}".encode()).hexdigest()
        return key


@dataclass(frozen=True)
class LoadPlan:
    """One load to be put on one setting, and the key under which its record is kept."""

    key: str
    setting: Setting
    repeat: int
    levels: tuple[Level, ...]
    early_stop: EarlyStop | None
    ready_s: float | None = None

    @property
    def users(self) -> int:
        """The most users there will be."""
        return max(level.users for level in self.levels)

    @property
    def ready_limit_s(self) -> float:
        """How long its replicas may take until they answer: a minute at one CPU, more at less.

        A start is work like any other; with a tenth of a CPU it takes ten times as long. What is
        given holds at every setting.
        """
        if self.ready_s is not None:
            return self.ready_s
        return min(READY_MOST_S, READY_LIMIT_S / min(1.0, self.setting.cpus))

    def longest_s(self, spawn_rate: float) -> float:
        """Return how long the load takes when its users come as late as is allowed."""
        steady_s = sum(level.warm_up_s + level.steady_s for level in self.levels)
        return 1.25 * self.users / spawn_rate + 3 * len(self.levels) + steady_s
