"""What a compose file may not ask for: each refusal names the service, the cause and the fix."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loadtests.bench.compose_mounts import mounts_of
from loadtests.errors import QuestionError

ENGINE_SOCKET = "docker.sock"
# They would reach what is not the trial's own, or measure another thing than a setting.
_FOREIGN = {
    "privileged": "remove it, what may do everything has no limits to be measured under",
    "devices": "remove it, a trial has none of this machine's devices",
    "pid": "remove it",
    "ipc": "remove it",
    "userns_mode": "remove it",
    "cgroup_parent": "remove it, limits would be another's",
    "volumes_from": "name the volumes themselves",
    "external_links": "put what it links to into the file",
    "credential_spec": "remove it",
    "runtime": "remove it",
}
# Of the service under test: what its replicas are given, and what a trial has of its own.
_GIVEN = {
    "image", "command", "entrypoint", "environment", "env_file", "user", "working_dir", "volumes",
    "tmpfs", "networks", "secrets", "cap_add", "cap_drop", "read_only", "shm_size", "init",
    "hostname", "tty", "platform", "extra_hosts", "depends_on", "links",
}  # fmt: skip
_REPLACED = {
    "build", "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_shares",
    "cpus", "cpuset", "deploy", "expose", "healthcheck", "labels", "logging", "mem_limit",
    "mem_reservation", "mem_swappiness", "memswap_limit", "oom_kill_disable", "ports", "profiles",
    "pull_policy", "restart", "scale", "security_opt", "stdin_open", "stop_grace_period",
    "stop_signal", "ulimits", "attach", "annotations", "develop", "pids_limit",
}  # fmt: skip


def refuse_definitions(
    read: Mapping[str, Any], names: Sequence[str], service: str, file: str
) -> None:
    """Raise QuestionError for the first thing that a trial cannot have of these services."""
    for name in names:
        spec = read["services"][name]
        _refuse_image(spec, name, file)
        _refuse_foreign(spec, name, file)
        _refuse_mounts(spec, name, file)
        copies = (spec.get("deploy") or {}).get("replicas") or spec.get("scale") or 1
        if name != service and int(copies) != 1:
            raise QuestionError(
                f"{name} of {file} has {copies} replicas; only {service} is replicated: give "
                f"{name} one (deploy.replicas)"
            )
        for kind, asked in (("network", spec.get("networks")), ("secret", spec.get("secrets"))):
            for each in asked or []:
                used = each["source"] if isinstance(each, Mapping) else each
                _refuse_external((read.get(f"{kind}s") or {}).get(used), kind, used, file)
        for mount in mounts_of(spec):
            if mount.kind == "volume" and mount.source:
                what = (read.get("volumes") or {}).get(mount.source)
                _refuse_external(what, "volume", mount.source, file)


def _refuse_image(spec: Mapping[str, Any], name: str, file: str) -> None:
    if spec.get("image"):
        return
    raise QuestionError(
        f"{name} of {file} is built and has no name: give it an image: beside its build:, and "
        f"build it with `docker compose -f {file} build {name}`"
    )


def _refuse_foreign(spec: Mapping[str, Any], name: str, file: str) -> None:
    for key, fix in _FOREIGN.items():
        if spec.get(key):
            raise QuestionError(f"{name} of {file} has {key}: {fix}")
    mode = spec.get("network_mode")
    if mode and mode not in ("bridge", "default"):
        raise QuestionError(
            f"{name} of {file} has network_mode: {mode}; a trial has a network of its own: "
            "remove it, services find each other by their names"
        )


def _refuse_mounts(spec: Mapping[str, Any], name: str, file: str) -> None:
    for mount in mounts_of(spec):
        if mount.source.endswith(ENGINE_SOCKET):
            raise QuestionError(
                f"{name} of {file} mounts the engine's socket, with which it could do anything to "
                "this machine: remove it"
            )
        if mount.kind not in ("bind", "volume", "tmpfs"):
            raise QuestionError(
                f"{name} of {file} has a mount of the type {mount.kind}; there are bind, volume "
                "and tmpfs"
            )
        if mount.is_file_of_host and not Path(mount.source).exists():
            raise QuestionError(
                f"{name} of {file} mounts {mount.shown}, which is not there: make it, or correct "
                "its path"
            )


def _refuse_external(spec: Mapping[str, Any] | None, kind: str, name: str, file: str) -> None:
    if (spec or {}).get("external"):
        raise QuestionError(
            f"the {kind} {name} of {file} is external: what is in it would outlive a trial, or be "
            "another's; let Compose make it (remove external), a secret from a file"
        )
    options = (spec or {}).get("driver_opts") or {}
    if kind == "volume" and "bind" in str(options.get("o", "")):
        raise QuestionError(
            f"the volume {name} of {file} is a folder of this machine: what a trial writes would "
            "be there for the next; remove its driver_opts"
        )


def refuse_service(spec: Mapping[str, Any], name: str, file: str) -> None:
    """Raise QuestionError for what the replicas of the service under test cannot be given."""
    asked = {key for key, value in spec.items() if value not in (None, [], {}, False, "")}
    unknown = sorted(asked - _GIVEN - _REPLACED - _FOREIGN.keys() - {"network_mode"})
    if unknown:
        raise QuestionError(
            f"{name} of {file} has {', '.join(unknown)}, which its replicas in a trial cannot be "
            "given: remove it for this, or put it into the image"
        )
