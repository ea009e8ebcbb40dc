"""A service under test with its companions: what Compose is given to start, what tells it apart."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from loadtests.bench.compose_mounts import Mount, content_of, mounts_of
from loadtests.bench.needs import DIGEST_CHARS, Needs

# What may hold a secret goes into a digest too short to guess it from.
_PRIVATE = ("environment", "command", "entrypoint", "healthcheck", "labels")


@dataclass(frozen=True)
class Stack:
    """A service under test as its compose file has it, and what is started beside it."""

    service: str
    image: str
    needs: Needs  # of the service's replicas
    companions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    networks: tuple[str, ...] = ()  # that replicas are on, by their names in the file
    aliases: tuple[str, ...] = ()  # that replicas answer to there
    mounts: tuple[Mount, ...] = ()  # of the replicas
    top: Mapping[str, Any] = field(default_factory=dict, repr=False)  # networks, volumes, secrets
    completing: tuple[str, ...] = ()  # companions that have done their work when they end
    notes: tuple[str, ...] = ()  # what of the file is not as written, in sentences

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the companions, sorted."""
        return tuple(sorted(self.companions))

    @property
    def digest(self) -> str:
        """What tells two of them apart, files that are mounted included; no value can be told."""
        specs = self.companions.items()
        secrets = {Path(what["file"]) for what in self._secrets if what.get("file")}
        files = {Path(mount.source) for mount in self._mounts if mount.is_file_of_host}
        private = [
            {name: {k: v for k, v in spec.items() if k in _PRIVATE} for name, spec in specs},
            self.needs.command,
            self.needs.options,
            [content_of(path) for path in sorted(secrets)],
        ]
        public = [
            {name: {k: v for k, v in spec.items() if k not in _PRIVATE} for name, spec in specs},
            [(mount.shown, mount.target, mount.kind) for mount in self.mounts],
            self.networks,
            self.aliases,
            [content_of(path) for path in sorted(files - secrets)],
        ]
        return f"{_hash(public)[:16]}-{_hash(private)[:DIGEST_CHARS]}"

    @property
    def binds(self) -> bool:
        """Whether files of this machine are mounted, so that no other can run it."""
        return any(mount.is_file_of_host for mount in self._mounts) or bool(self._secrets)

    @property
    def _mounts(self) -> list[Mount]:
        return [*self.mounts, *(m for spec in self.companions.values() for m in mounts_of(spec))]

    @property
    def _secrets(self) -> list[Mapping[str, Any]]:
        return list((self.top.get("secrets") or {}).values())

    def definition(self, labels: Mapping[str, str]) -> str:
        """Return the companions as Compose is to start them (YAML), all of them with labels."""
        services = {
            name: {**spec, "labels": {**pairs(spec.get("labels")), **labels}}
            for name, spec in self.companions.items()
        }
        rest = {
            kind: {
                name: {**(spec or {}), **({"labels": dict(labels)} if kind != "secrets" else {})}
                for name, spec in self.top.get(kind, {}).items()
            }
            for kind in ("networks", "volumes", "secrets", "configs")
            if self.top.get(kind)
        }
        version = {"version": self.top["version"]} if "version" in self.top else {}
        return yaml.safe_dump({**version, "services": services, **rest}, sort_keys=False)

    def hidden(self, text: str) -> str:
        """Return a text with names in place of the values that all services are given."""
        values = {
            f"{name}.{key}": str(value)
            for name, spec in self.companions.items()
            for key, value in pairs(spec.get("environment")).items()
            if value is not None
        }
        return Needs(values).hidden(self.needs.hidden(text))


def pairs(given: Any) -> dict[str, Any]:
    """Return names and values, which Compose lets be written as a list too."""
    if isinstance(given, Mapping):
        return dict(given)
    split = (str(item).partition("=") for item in given or [])
    return {name: value if equals else None for name, equals, value in split}


def _hash(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()
