"""The size to deploy, written as what people apply; each figure with the trials it rests on."""

import re

from loadtests.analysis import formats
from loadtests.analysis.deployment import Headroom
from loadtests.analysis.evidence import Row
from loadtests.question import Question, Setting, Target

COMPOSE_ENV = "deploy.env"
KUBERNETES_YAML = "kubernetes.yaml"

_COMPOSE = """\
# {what}
# {why}{besides}
# Apply: docker compose --env-file {file} up -d
API_IMAGE={image}
API_CPUS={cpus:g}
API_MEMORY={memory}M
API_REPLICAS={replicas}
"""

_KUBERNETES = """\
# {what}
# {why}{besides}
# Apply: kubectl apply -f {file}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app: {name}}}
spec:
  replicas: {replicas} # {rests_on}
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: {name}
          image: {image} # measured: {digest}
          ports:
            - containerPort: {port}
          readinessProbe:
            httpGet: {{path: "{health_path}", port: {port}}}
          resources:
            # Requests equal limits: in the trials nobody else had a part of them.
            requests:
              cpu: {milli}m # {rests_on}
              memory: {memory}Mi # {rests_on}
            limits:
              cpu: {milli}m # {rests_on}
              memory: {memory}Mi # {rests_on}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - port: {port}
      targetPort: {port}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
  minReplicas: {replicas} # {rests_on}
  maxReplicas: {most} # not measured: set what your cluster may spend
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {utilisation} # {scales}
"""


IDLE_CPU = "never reached: its CPU is idle when it is full; scale by requests a replica instead"


def compose_env(proven: Row, target: Target, question: Question, headroom: Headroom) -> str:
    """Return the variables of docker-compose.yaml for a setting that was proven."""
    return _COMPOSE.format(file=COMPOSE_ENV, **_values(proven, target, question, headroom))


def kubernetes_yaml(
    proven: Row,
    target: Target,
    question: Question,
    headroom: Headroom,
    digest: str,
    scales_by_cpu: bool = True,
) -> str:
    """Return a Deployment, its Service and its autoscaler for a setting that was proven.

    Where something other than its CPU holds a replica back, its autoscaler says that it is none.
    """
    return _KUBERNETES.format(
        file=KUBERNETES_YAML,
        digest=digest,
        scales=f"{formats.share(headroom.cpu)} of the CPU left free, as asked"
        if scales_by_cpu
        else IDLE_CPU,
        **_values(proven, target, question, headroom),
    )


def _values(
    proven: Row, target: Target, question: Question, headroom: Headroom
) -> dict[str, object]:
    setting = proven.setting
    return {
        "what": f"{setting.label} for {question.workload.label}: {formats.slo(question.slo)}.",
        "why": f"{formats.share(headroom.cpu)} of the CPU left free, memory "
        f"{formats.share(headroom.memory)} above its peak{_loss(setting, headroom)}.",
        "besides": "".join(f"\n# {line}" for line in _besides(target)),
        "rests_on": _rests_on(proven),
        "name": _name(target.image),
        "image": target.image,
        "port": target.port,
        "health_path": target.health_path,
        "cpus": setting.cpus,
        "milli": round(1000 * setting.cpus),
        "memory": setting.memory_mib,
        "replicas": setting.replicas,
        "most": 2 * setting.replicas,
        "utilisation": round(100 * (1 - headroom.cpu)),
    }


def _besides(target: Target) -> list[str]:
    """Say what the measured container was given beside its limits, which is not written here."""
    given = []
    if target.command:
        given.append("a command of its own (COMMAND)")
    if target.user:
        given.append("a user of its own (CONTAINER_USER)")
    if target.environment:
        given.append(f"the variables {formats.listing([*target.environment])}")
    if target.files:
        given.append(f"the files {formats.listing([*target.files])}")
    lines = []
    if given:
        lines.append(f"It was measured with {formats.listing(given)}: add the same here.")
    if target.companions:
        lines.append(
            f"It was measured beside {formats.listing([*target.companions])} of its compose file: "
            "they are to be there too."
        )
    return lines


def _loss(setting: Setting, headroom: Headroom) -> str:
    lost = setting.replicas - headroom.carrying(setting.replicas)
    return f", {formats.count(lost, 'replica')} may be lost" if lost else ""


def _rests_on(proven: Row) -> str:
    return f"held in {'trial' if len(proven.trials) == 1 else 'trials'} " + ", ".join(
        key[:8] for key in proven.trials
    )


def _name(image: str) -> str:
    """Return a name that Kubernetes takes, from an image's: "aguanta-api"."""
    last = re.split("[@:]", image.rsplit("/", 1)[-1])[0].lower()
    plain = re.sub(r"[^a-z0-9-]+", "-", last)[:60].strip("-")
    return plain if plain[:1].isalpha() else f"api-{plain}".strip("-")
