"""What a compose file says of the service to be measured and of its companions.

Companions are the services that it depends on, and those that they depend on. Compose starts them
as they are written, but for what would reach beyond a trial: their ports are not published, their
names are the trial's, and files of this machine are mounted read-only. What a trial cannot give is
refused by name.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from loadtests.bench.compose_mounts import mounts_of
from loadtests.bench.compose_refusals import refuse_definitions, refuse_service
from loadtests.bench.needs import Needs
from loadtests.bench.stack import Stack, pairs
from loadtests.errors import QuestionError

# Of a companion's definition: where it would meet others of its kind, or be found from outside.
_NOT_OF_A_TRIAL = ("ports", "container_name", "build", "profiles", "pull_policy")
# Of the service, in the engine's words.
_OPTIONS = {
    "entrypoint": "entrypoint",
    "working_dir": "working_dir",
    "cap_add": "cap_add",
    "cap_drop": "cap_drop",
    "read_only": "read_only",
    "shm_size": "shm_size",
    "init": "init",
    "hostname": "hostname",
    "tty": "tty",
    "platform": "platform",
}
COMPLETED = "service_completed_successfully"
DEFAULT_NETWORK = "default"


def stack_of(read: Mapping[str, Any], service: str, file: str) -> Stack:
    """Return the stack of a service from what Compose makes of its file.

    Raises QuestionError, naming cause and fix, for what cannot be started for a trial.
    """
    services: Mapping[str, Any] = read.get("services") or {}
    if service not in services:
        there = ", ".join(sorted(services)) or "none"
        raise QuestionError(f"{file} has no service {service!r}; there are {there}")
    names = _closure(services, service)
    refuse_definitions(read, names, service, file)
    spec = services[service]
    refuse_service(spec, service, file)
    notes = _notes(services, names, service, file)
    companions = {name: _companion(services[name]) for name in names if name != service}
    used = {name for each in names for name in _networks(services[each])}
    top = {
        "networks": {
            name: _own(what)
            for name, what in (read.get("networks") or {DEFAULT_NETWORK: {}}).items()
            if name in used
        }
        or {DEFAULT_NETWORK: {}},
        "volumes": {name: _own(what) for name, what in (read.get("volumes") or {}).items()},
        **{kind: read[kind] for kind in ("secrets", "configs", "version") if read.get(kind)},
    }
    conditions = [item for name in names for item in _depends(services[name]).items()]
    own = _networks(spec)
    return Stack(
        service=service,
        image=spec["image"],
        needs=_needs(spec),
        companions=companions,
        networks=tuple(own),
        aliases=(service, *(a for n in own.values() for a in (n or {}).get("aliases", ()))),
        mounts=tuple(mounts_of(spec, read.get("secrets") or {})),
        top=top,
        completing=tuple(name for name, condition in conditions if condition == COMPLETED),
        notes=tuple(notes),
    )


def _closure(services: Mapping[str, Any], first: str) -> list[str]:
    found, waiting = [], [first]
    while waiting:
        name = waiting.pop()
        if name in services and name not in found:
            found.append(name)
            waiting += _depends(services[name])
    return found


def _depends(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return what a service waits for, with the condition of each."""
    asked = spec.get("depends_on") or {}
    links = {str(link).partition(":")[0]: "service_started" for link in spec.get("links") or []}
    if not isinstance(asked, Mapping):
        return links | dict.fromkeys(asked, "service_started")
    return links | {
        name: what if isinstance(what, str) else (what or {}).get("condition", "service_started")
        for name, what in asked.items()
    }


def _companion(spec: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in spec.items() if key not in _NOT_OF_A_TRIAL}
    if "volumes" in kept:
        kept["volumes"] = [mount.as_written for mount in mounts_of(spec)]
    return kept


def _own(spec: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a network or a volume without its name, so that every trial has its own."""
    return {key: value for key, value in (spec or {}).items() if key != "name"}


def _networks(spec: Mapping[str, Any]) -> dict[str, Any]:
    asked = spec.get("networks") or [DEFAULT_NETWORK]
    return dict(asked) if isinstance(asked, Mapping) else dict.fromkeys(asked)


def _needs(spec: Mapping[str, Any]) -> Needs:
    """Return what the service's container is given, in the engine's words."""
    environment = {
        name: _plain(value)
        for name, value in pairs(spec.get("environment")).items()
        if value is not None
    }
    options = {
        engines: _words(spec[composes]) if composes == "entrypoint" else spec[composes]
        for composes, engines in _OPTIONS.items()
        if spec.get(composes)
    }
    if spec.get("tmpfs"):
        paths = [spec["tmpfs"]] if isinstance(spec["tmpfs"], str) else spec["tmpfs"]
        options["tmpfs"] = {path.partition(":")[0]: path.partition(":")[2] for path in paths}
    if spec.get("extra_hosts"):
        options["extra_hosts"] = _hosts(spec["extra_hosts"])
    return Needs(
        environment,
        tuple(_words(spec.get("command"))),
        str(spec.get("user") or ""),
        options,
    )


def _hosts(given: Any) -> dict[str, str]:
    if isinstance(given, Mapping):
        return {name: ip if isinstance(ip, str) else ip[0] for name, ip in given.items()}
    pairs = (str(item).replace("=", ":", 1).partition(":") for item in given)
    return {name: address for name, _, address in pairs}


def _words(given: Any) -> list[str]:
    if given is None:
        return []
    return [_plain(word) for word in (shlex.split(given) if isinstance(given, str) else given)]


def _plain(value: Any) -> str:
    """Return a value without the escapes that Compose writes, and as it writes true and false."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("$$", "$")


def _notes(services: Mapping[str, Any], names: Sequence[str], service: str, file: str) -> list[str]:
    notes = []
    companions = sorted(set(names) - {service})
    if companions:
        notes.append(
            f"Of {file}, {', '.join(companions)} {'is' if len(companions) == 1 else 'are'} "
            f"started anew for every trial, and {service} is what is limited and replicated"
        )
    elif len(services) > 1:
        notes.append(
            f"{service} of {file} has no depends_on, so nothing else of the file is started"
        )
    if services[service].get("deploy") or services[service].get("mem_limit"):
        notes.append(
            f"Limits and replicas of {service} are those of each setting, not those in {file}"
        )
    written = sorted(
        {
            f"{mount.shown} of {name}"
            for name in names
            for mount in mounts_of(services[name])
            if mount.is_file_of_host and not mount.written_read_only
        }
    )
    if written:
        notes.append(
            f"Mounted read-only, since trials share nothing that they write: {', '.join(written)}"
        )
    return notes
