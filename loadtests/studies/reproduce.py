"""The command that asks again what a run was asked."""

import hashlib
import shlex

from loadtests.analysis.cost import Prices
from loadtests.studies.manifest import Part
from loadtests.studies.parameters import Parameters
from loadtests.studies.results import Table


def make_command(vertical: Table, scale_out: Table, locustfile_sha256: str) -> str:
    """Return `make report` with every variable that says what was asked, one on a line."""
    question, target = vertical.part.question, vertical.part.target
    load, objective = question.load, question.objective
    scaled = scale_out.asked
    given = {
        "RUN": "again",
        "IMAGE": target.image,
        "PORT": target.port,
        "HEALTH_PATH": target.health_path,
        **_locustfile(locustfile_sha256),
        "USERS": load.users,
        "SPAWN_RATE": f"{load.spawn_rate:g}",
        "THINK_MIN": f"{load.think_time_s[0]:g}",
        "THINK_MAX": f"{load.think_time_s[1]:g}",
        "HOLD_S": f"{load.hold_s:g}",
        "P95_MS": f"{objective.latency_ms:g}",
        "FAILURE_RATIO": f"{objective.failure_ratio:g}",
        **_prices(vertical.part),
        **_settings(vertical),
        "SIZES": [[*size] for size in dict.fromkeys((s.cpus, s.memory_mib) for s in scaled)],
        "REPLICA_COUNTS": list(dict.fromkeys(setting.replicas for setting in scaled)),
    }
    words = [f"{name}={shlex.quote(str(value))}" for name, value in given.items()]
    return " \\\n  ".join(["make report", *words])


def _locustfile(sha256: str) -> dict[str, object]:
    """Name a script of somebody else's by its hash: where it lies is nobody's business."""
    own = Parameters().locustfile_path.read_bytes()
    if sha256 == hashlib.sha256(own).hexdigest():
        return {}
    return {"LOCUSTFILE": f"<your file, SHA-256 {sha256[:12]}...>"}


def _prices(part: Part) -> dict[str, object]:
    prices = part.prices
    if prices == Prices():
        return {}
    return {
        "VCPU_HOUR": prices.vcpu_hour,
        "GIB_HOUR": prices.gib_hour,
        "CURRENCY": prices.currency,
        "PRICE_SOURCE": prices.source,
        "PRICE_DATE": prices.date,
    }


def _settings(vertical: Table) -> dict[str, object]:
    notes = vertical.part.search
    if notes is None:
        return {"SETTINGS": [[setting.cpus, setting.memory_mib] for setting in vertical.asked]}
    return {"CPU_STEPS": [*notes.cpu_steps], "MEMORY_STEPS": [*notes.memory_steps]}
