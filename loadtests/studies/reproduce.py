"""The command that asks again what a run was asked."""

import hashlib
import json
import shlex
from collections.abc import Mapping
from typing import Any

from loadtests.analysis.cost import Prices
from loadtests.question import SLO, Target, Workload
from loadtests.studies.asked_swarm import SWARM
from loadtests.studies.besides import is_usual
from loadtests.studies.manifest import Manifest
from loadtests.studies.objectives import objectives_of
from loadtests.studies.parameters import FINAL_TIMES, Parameters
from loadtests.studies.results import ResultTable


def make_command(
    vertical: ResultTable,
    scale_out: ResultTable,
    locustfile_sha256: str,
    more: Mapping[str, Any],
) -> str:
    """Return `make report` with every variable that says what was asked, one on a line.

    `more`: parameters that neither table tells, by name; what is usual of them is left out.
    """
    question, target = vertical.manifest.question, vertical.manifest.target
    workload, slo = question.workload, question.slo
    scaled = scale_out.asked
    given = {
        "RUN": "again",
        **_image(vertical.manifest.target),
        "PORT": target.port,
        "HEALTH_PATH": target.health_path,
        **_given(target),
        **_locustfile(locustfile_sha256),
        **_load(workload),
        "SPAWN_RATE": f"{workload.spawn_rate:g}",
        "THINK_MIN": f"{workload.think_time_s[0]:g}",
        "THINK_MAX": f"{workload.think_time_s[1]:g}",
        "STEADY_S": f"{workload.steady_s:g}",
        "TIMEOUT_S": f"{workload.timeout_s:g}",
        **_slo(slo),
        **_prices(vertical.manifest),
        **_settings(vertical),
        "SIZES": [[*size] for size in dict.fromkeys((s.cpus, s.memory_mib) for s in scaled)],
        "REPLICA_COUNTS": list(dict.fromkeys(setting.replicas for setting in scaled)),
        **_unusual({**more, **scale_out.manifest.asked, **vertical.manifest.asked}),
    }
    words = [f"{name}={shlex.quote(str(value))}" for name, value in given.items()]
    return " \\\n  ".join(["make report", *words])


def _unusual(asked: Mapping[str, Any]) -> dict[str, object]:
    return {name.upper(): value for name, value in asked.items() if not is_usual(name, value)}


def _image(target: Target) -> dict[str, object]:
    """Name the image; a compose file of somebody's only by its hash, as a script."""
    if not target.stack_digest:
        return {"IMAGE": target.image}
    return {
        "COMPOSE": f"<your file, digest {target.stack_digest}>",
        "SERVICE": f"<the service of {target.image} in it>",
    }


def _given(target: Target) -> dict[str, object]:
    """Name what the container is given: of variables and files only what they are called.

    What a compose file says is in it; what goes before that, `besides` keeps.
    """
    given: dict[str, object] = {}
    if target.environment and not target.stack_digest:
        given["ENV_FILE"] = f"<your file with {', '.join(target.environment)}>"
    if target.files:
        given["FILES"] = dict.fromkeys(target.files, "<your file>")
    if target.command:  # of a compose file's own command there is only the digest
        given["COMMAND"] = shlex.join(target.command)
    if target.user and not target.stack_digest:
        given["CONTAINER_USER"] = target.user
    if target.host_header:
        given["HOST_HEADER"] = target.host_header
    if target.balancing.is_proxied:
        given["BALANCING"] = target.balancing.value
    if target.swarm is not None:
        given["ORCHESTRATOR"] = SWARM
        given["ENDPOINT_MODE"] = target.swarm.value
        given["NODES"] = {"<name of a node>": "<address of its engine>"}
    return given


def _load(workload: Workload) -> dict[str, object]:
    if workload.is_open:
        return {"ARRIVALS": workload.arrivals, "RATE": f"{workload.rate_per_s:g}"}
    return {"USERS": workload.users}


def _slo(slo: SLO) -> dict[str, object]:
    usual = slo.percentile == SLO().percentile and not slo.objectives
    if usual:
        return {"P95_MS": f"{slo.latency_ms:g}", "ERROR_RATE": f"{slo.error_rate:g}"}
    return {"OBJECTIVES": json.dumps(objectives_of(slo))}


def _locustfile(sha256: str) -> dict[str, object]:
    """Name a script of somebody else's by its hash: where it lies is nobody's business."""
    own = Parameters().locustfile_path.read_bytes()
    if sha256 == hashlib.sha256(own).hexdigest():
        return {}
    return {"LOCUSTFILE": f"<your file, SHA-256 {sha256[:12]}...>"}


def _prices(manifest: Manifest) -> dict[str, object]:
    prices = manifest.prices
    if prices == Prices():
        return {}
    return {
        "VCPU_HOUR": prices.vcpu_hour,
        "GIB_HOUR": prices.gib_hour,
        "CURRENCY": prices.currency,
        "PRICE_SOURCE": prices.source,
        "PRICE_DATE": prices.date,
    }


def _settings(vertical: ResultTable) -> dict[str, object]:
    notes = vertical.manifest.search
    if notes is None:
        return {"SETTINGS": [[setting.cpus, setting.memory_mib] for setting in vertical.asked]}
    asked: dict[str, object] = {
        "CPU_STEPS": [*notes.cpu_steps],
        "MEMORY_STEPS": [*notes.memory_steps],
    }
    if notes.goal.reliability != Parameters().reliability:
        asked["RELIABILITY"] = f"{notes.goal.reliability:g}"
    steady_s = vertical.manifest.question.workload.steady_s
    if notes.final_steady_s not in (None, FINAL_TIMES * steady_s):
        asked["FINAL_STEADY_S"] = f"{notes.final_steady_s:g}"
    if notes.replica_counts and notes.replica_counts[-1] != Parameters().replicas_at_most:
        asked["REPLICAS_AT_MOST"] = notes.replica_counts[-1]
    return asked
