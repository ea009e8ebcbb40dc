"""The companions of a service in a trial: started by Compose, awaited, watched, and reported.

They are fresh in every trial and go with it. Whatever befalls them is theirs: no word of it is said
of the service.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from loadtests.bench import compose
from loadtests.bench.companion import READY_LIMIT_S, Companion
from loadtests.bench.compose_mounts import Mount
from loadtests.bench.containers import Names
from loadtests.bench.engine import is_local
from loadtests.bench.images import resolve_image
from loadtests.bench.needs import NOTHING
from loadtests.bench.sampler import Sampler
from loadtests.bench.stack import Stack
from loadtests.errors import EngineError, ImageError, TrialError
from loadtests.record import CompanionReport

POLL_S = 0.2
SERVICE_LABEL = "com.docker.compose.service"
ROLE = "companion"  # in the table of docker stats


@dataclass(frozen=True)
class Companions:
    """What is started beside the service in every trial of a run."""

    stack: Stack
    images: tuple[tuple[str, str], ...]  # of each companion, what its image's name meant at first

    @classmethod
    def of(cls, client: DockerClient, stack: Stack) -> "Companions":
        """Find, or pull, the images of all companions.

        Raises ImageError where one cannot be had, EngineError where the engine is on another
        machine and the file mounts files of this one.
        """
        if stack.binds and not is_local(client):
            raise EngineError(
                "the compose file mounts files of this machine and the engine is on another: put "
                "them into an image, or run this where the engine is"
            )
        found = []
        for name in stack.names:
            spec = stack.companions[name]
            try:
                found.append((name, resolve_image(client, spec["image"])))
            except ImageError as error:
                raise ImageError(f"{name}, a companion of {stack.service}: {error}") from error
        return cls(stack, tuple(found))

    def start(self, client: DockerClient, names: Names, sampler: Sampler) -> list[Companion]:
        """Start them and wait until all are as their file wants them; return those that run.

        Raises TrialError, with its last words, where one is not, or ended.
        """
        if not self.images:
            return []
        definition = self.stack.definition(names.labels)
        failed = compose.start_services(names.project, definition, self.stack.names)
        started = [Companion(c.labels[SERVICE_LABEL], c) for c in _started(client, names)]
        gone = next((one for one in started if one.has_failed), None)
        if gone is not None:
            raise TrialError(self._hidden(gone.end))
        if failed is not None:
            raise TrialError(self._hidden(f"Compose could not start {self._listed}: {failed}"))
        self._await(started)
        self._require_images(started)
        running = [one for one in started if one.is_running]
        for one in running:
            sampler.watch(one.container, ROLE)
        return running

    def connect(self, client: DockerClient, names: Names, replicas: Sequence[Container]) -> None:
        """Put replicas, before they start, on the networks that they have in their file."""
        if not self.images:
            return
        for network in self.stack.networks:
            for replica in replicas:
                client.networks.get(f"{names.project}_{network}").connect(
                    replica, aliases=[*self.stack.aliases]
                )

    def volumes(self, client: DockerClient, names: Names) -> list[str]:
        """Return what replicas mount, in the engine's words; make volumes that are not there."""
        mounts = [mount for mount in self.stack.mounts if mount.kind != "tmpfs"]
        return [_bind(client, names, mount) for mount in mounts]

    def refuse_dead(self, running: Sequence[Companion]) -> None:
        """Raise TrialError for the first that has ended: what failed then is its doing."""
        gone = next((one for one in running if not one.is_running), None)
        if gone is not None:
            raise TrialError(self._hidden(gone.end))

    def reports(
        self, running: Sequence[Companion], sampler: Sampler
    ) -> tuple[CompanionReport, ...]:
        """Say what became of each, before they are removed."""
        images = dict(self.images)
        return tuple(one.report(images[one.name], sampler, self._hidden) for one in running)

    def _await(self, started: Sequence[Companion]) -> None:
        until = time.monotonic() + READY_LIMIT_S
        for one in started:
            completes = one.name in self.stack.completing
            while not one.is_ready(completes):
                if one.has_failed:
                    raise TrialError(self._hidden(one.end))
                if time.monotonic() > until:
                    raise TrialError(self._hidden(one.not_ready))
                time.sleep(POLL_S)

    def _require_images(self, started: Sequence[Companion]) -> None:
        images = dict(self.images)
        moved = [one.name for one in started if one.image_id != images[one.name]]
        if moved:
            raise TrialError(
                f"the image of {', '.join(moved)} has been changed since this run began; repeat "
                "the same run to measure all with the new one"
            )

    @property
    def _listed(self) -> str:
        return ", ".join(self.stack.names)

    def _hidden(self, text: str) -> str:
        return self.stack.hidden(text)


NO_COMPANIONS = Companions(Stack("", "", NOTHING), ())


def _started(client: DockerClient, names: Names) -> list[Container]:
    label = f"com.docker.compose.project={names.project}"
    return client.containers.list(all=True, filters={"label": label})


def _bind(client: DockerClient, names: Names, mount: Mount) -> str:
    if mount.is_file_of_host:
        return f"{mount.source}:{mount.target}:ro"
    if not mount.source:
        return mount.target
    volume = f"{names.project}_{mount.source}"
    try:
        client.volumes.get(volume)
    except NotFound:
        client.volumes.create(volume, labels=names.labels)
    return f"{volume}:{mount.target}:{'ro' if mount.written_read_only else 'rw'}"
