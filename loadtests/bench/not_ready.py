"""Why replicas did not answer: how they ended, what they answer, or where they listen instead."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench.containers import Names, create_listening_check, remove
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.not_ready_words import Listening, Waited, why_it_ended
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.replica_report import exit_code_of, last_words_of
from loadtests.bench.sampler import Sample
from loadtests.errors import NotReadyError, SlowStartError

LIMIT_S = 30
OF_LATE = 5  # samples, one a second
FIRST_ERROR = 500  # the least status that is no answer of a service that is ready

Answers = Mapping[str, Mapping[str, Any]]  # of health paths, by the replica's address


def ended_at_once(bench: Bench, replicas: Sequence[Container]) -> NotReadyError:
    """Return the error that says how replicas ended before the load began."""
    codes = [(replica, code) for replica in replicas if (code := exit_code_of(replica)) is not None]
    message = f"{len(codes)} of {len(replicas)} replicas ended before the load began"
    for replica, code in codes[:1]:
        message += f": {_short(replica)} {why_it_ended(code)}{_printed(bench, replica)}"
    return NotReadyError(message)


def never_answered(
    bench: Bench,
    plan: LoadPlan,
    names: Names,
    message: str,
    answers: Answers,
    replicas: Sequence[tuple[Container, str]],
    samples: Sequence[Sample],
) -> NotReadyError:
    """Return the error that says why replicas were not ready when their time was over.

    `message` says how many were; replicas come with their addresses. SlowStartError where the one
    that is looked at was still at work.
    """
    containers = [container for container, _ in replicas]
    if any(exit_code_of(container) is not None for container in containers):
        return ended_at_once(bench, containers)
    for container, address in replicas:
        answer = answers.get(address, {})
        status = answer.get("status")
        if status is not None and status < FIRST_ERROR:
            continue
        own = [sample for sample in samples if sample.container == container.name]
        late = own[-OF_LATE:]
        waited = Waited(
            plan.setting,
            bench.target,
            plan.ready_limit_s,
            status,
            answer.get("error", ""),
            None if status else _listening(bench, names, container),
            own[-1].cpu_s if own else None,
            sum(sample.cpu_cores for sample in late) / len(late) if late else None,
        )
        kind = SlowStartError if waited.is_starting else NotReadyError
        return kind(f"{message}: {waited.sentence}{_printed(bench, container)}")
    return NotReadyError(message)


def _short(replica: Container) -> str:
    # "…-api-2" of an engine, "…-api.2.…" of a Swarm.
    number = re.split(r"-api[-.]", str(replica.name))[-1].partition(".")[0]
    return f"replica {number}"


def _printed(bench: Bench, replica: Container) -> str:
    """Return what a replica printed last, without what it was given in secret."""
    lines = bench.needs.hidden(last_words_of(replica))
    return f". It printed last:\n{lines}" if lines else ". It printed nothing"


def _listening(bench: Bench, names: Names, replica: Container) -> Listening | None:
    """Return where a container listens, as seen from within its network; None: not known."""
    client: DockerClient = bench.client
    try:
        check = create_listening_check(
            client, names, bench.generator.id, replica, bench.target.port
        )
    except APIError:  # it ended just now
        return None
    try:
        check.start()
        check.wait(timeout=LIMIT_S)
        told = json.loads(check.logs(stderr=False))
    except (APIError, ValueError, *ENGINE_LOST):
        return None
    finally:
        remove([check])
    sockets = tuple((address, port) for address, port in told["sockets"])
    return Listening(sockets, told["by_ipv4"], told["tls"])
