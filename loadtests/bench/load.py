"""Carry out one load: start, load, watch, collect, record, and always remove."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from docker.errors import APIError
from docker.models.containers import Container

from loadtests.bench import containers, load_generator
from loadtests.bench.clocks import compared
from loadtests.bench.containers import Names
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.generator import GeneratorRun, Line, OnLine
from loadtests.bench.haproxy import Load, Ports
from loadtests.bench.live import LiveLoad, finish
from loadtests.bench.not_ready import ended_at_once, never_answered
from loadtests.bench.plan import Bench, LoadPlan
from loadtests.bench.proxy import RunningProxy
from loadtests.bench.recording import Laps, Outcome, seed_of, write_record
from loadtests.bench.replicas import EngineReplicas, Replicas
from loadtests.bench.sampler import Sampler
from loadtests.bench.swarm_replicas import SwarmReplicas
from loadtests.bench.trial_nodes import TrialNodes
from loadtests.errors import EngineError, NotReadyError, ProxyError, TrialError
from loadtests.question import Setting
from loadtests.verdicts import Step

# How long a load goes on after a replica has died: the verdict is certain, the aftermath is
# worth a look.
AFTERMATH_S = 3.0
OnLevel = Callable[[LiveLoad, Line], None]


def run_load(
    bench: Bench,
    plan: LoadPlan,
    on_tick: OnLine,
    on_level: OnLevel,
    steps: Callable[[], Sequence[Step]],
) -> Path:
    """Put a load on a setting in fresh containers, and return the stored record's folder.

    on_level is called after each level's steady state; `steps` once, at the end, for the record.
    Raises EngineError or HostError when a container cannot be had or the engine goes away, and
    TrialError (NotReadyError) when the load could not be carried out; nothing is stored then.
    Nothing is left running as long as there is an engine to remove it.
    """
    names = Names(bench.store.identity, plan.key)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    created: list[Container] = []
    sampler = Sampler(bench.client, names.labels, lambda name: _end_soon(names, created, name))
    nodes = _nodes(bench, plan, names, sampler, created)
    replicas = _replicas(bench, plan, names, sampler, nodes)
    laps = Laps()
    try:
        clock = compared(bench.client)
        bench.ensure_network()
        outcome = _carry_out(
            bench, plan, names, replicas, nodes, sampler, created, laps, on_tick, on_level
        )
        _require_watched(plan.setting, sampler, replicas)
        # Before anything is removed: what goes wrong there takes no finished trial with it.
        return write_record(bench, plan, sampler, outcome, started_at, clock, laps, steps())
    except TrialError:
        replicas.refuse_lost()
        _require_watched(plan.setting, sampler, replicas)
        raise
    except ENGINE_LOST as error:
        raise _engine_failed(plan.setting, f"the connection to it broke: {error}") from error
    except APIError as error:
        raise _engine_failed(plan.setting, str(error)) from error
    finally:
        replicas.remove()
        containers.remove([one for one in created if one.name not in replicas.lost])
        # An interruption may have come between a container's creation and its name.
        containers.remove_leftovers(bench.client, bench.store.identity)
        sampler.close()


def _carry_out(
    bench: Bench,
    plan: LoadPlan,
    names: Names,
    replicas: Replicas,
    nodes: TrialNodes | None,
    sampler: Sampler,
    created: list[Container],
    laps: Laps,
    on_tick: OnLine,
    on_level: OnLevel,
) -> Outcome:
    """Start, load and collect; every container made is appended to `created` at once."""
    companions = bench.companions.start(bench.client, names, sampler)
    volumes = bench.companions.volumes(bench.client, names)
    replicas.create(volumes, created)
    bench.companions.connect(bench.client, names, created)
    job = _job(bench, plan, names)
    generator = load_generator.create(bench, names, job, plan.users, created, nodes)
    asked = replicas.start()
    generator.start(sampler)
    # One that ended while others were being started found no load to end.
    if any(e.action == "die" and e.container.startswith(names.service) for e in sampler.events):
        _end_soon(names, created, names.service)
    laps.mark("start_replicas_s")
    limit_s = plan.ready_limit_s + plan.longest_s(bench.question.workload.spawn_rate)
    run = GeneratorRun(generator.lead, limit_s, bench.worker_nodes)
    live = LiveLoad([container for container, _ in asked], generator.lead, sampler)
    front: list[RunningProxy] = []
    try:
        run.follow(
            lambda _line: laps.mark("ready_s"),
            on_tick,
            lambda level: on_level(live, level),
            lambda _line: front.extend(_in_front(bench, plan, names, asked, sampler, created)),
        )
    except NotReadyError as error:
        replicas.refuse_lost()
        bench.companions.refuse_dead(companions)
        raise never_answered(
            bench, plan, names, str(error), run.answers, asked, sampler.samples
        ) from error
    except ProxyError as error:
        raise (front[0].failed(str(error)) if front else error) from error
    if "ready_s" not in laps.seconds:
        laps.mark("ready_s")
    laps.mark("load_s")
    # At once, as its counters of connections change with time.
    fronted = [proxy.report(sampler) for proxy in front]
    report, files = generator.results(run, sampler)
    reports = replicas.reports(asked)
    told = report | _health(run)
    # A hopeless load may be stopped early within its first second, before the first line of it.
    began = bool(run.ticks) or told["requests"] > 0
    if not began and not any(report.oom_kills for report in reports):
        generator.refuse_lost(told)
        replicas.refuse_lost()
        bench.companions.refuse_dead(companions)
        for proxy in front:
            proxy.refuse_dead()
        raise ended_at_once(bench, [container for container, _ in asked])
    laps.mark("collect_s")
    beside = bench.companions.reports(companions, sampler)
    on = replicas.nodes(told["started_wall_s"])
    return Outcome(told, files, reports, beside, on, *fronted)


def _in_front(
    bench: Bench,
    plan: LoadPlan,
    names: Names,
    replicas: Sequence[tuple[Container, str]],
    sampler: Sampler,
    created: list[Container],
) -> list[RunningProxy]:
    """Start the proxy that the bench has in front of its replicas; return it, or none."""
    if bench.proxy is None:
        return []
    workload = bench.question.workload
    load = Load(
        users=plan.users,
        descriptors=bench.proxy_descriptors(plan.users),
        timeout_s=workload.timeout_s,
        longest_s=plan.longest_s(workload.spawn_rate),
    )
    return [bench.proxy.start(bench.client, names, bench.target, replicas, load, sampler, created)]


def _require_watched(setting: Setting, sampler: Sampler, replicas: Replicas) -> None:
    """Refuse what an engine that ended left, and what was not watched to its end.

    Containers that an engine stopped say nothing of a setting, but those of a node that went away
    are told of as such; without its events a kill for memory would go unseen.
    """
    lost = replicas.lost
    if any(event.action == "stop" and event.container not in lost for event in sampler.events):
        raise _engine_failed(setting, "it stopped them")
    if sampler.engine_left:
        raise _engine_failed(setting, "it went away, or the connection to it")
    if sampler.broken_by is not None:
        raise TrialError(
            f"watching the trial broke off ({sampler.broken_by}), so what befell {setting.label} "
            "is not known; repeat the same run, and report this if it happens again"
        )


def _engine_failed(setting: Setting, how: str) -> EngineError:
    return EngineError(
        f"the engine failed the containers of a trial of {setting.label} ({how}); see that it "
        "answers (`make engine`), then repeat the same run: finished trials are kept, and it "
        "removes what this one left"
    )


def _end_soon(names: Names, created: Sequence[Container], dead: str) -> None:
    """Let the generator finish when a replica, or what is beside it, has died.

    In the sampler's thread.
    """
    ours = {container.name: container for container in created}
    generator = ours.pop(names.container("locust"), None)
    # Companions may do some work and end before there is a load.
    if generator is not None and (dead in ours or dead.startswith((names.service, names.project))):
        threading.Timer(AFTERMATH_S, finish, [generator]).start()


def _nodes(
    bench: Bench, plan: LoadPlan, names: Names, sampler: Sampler, created: Sequence[Container]
) -> TrialNodes | None:
    """Return the nodes of the Swarm that is asked; one that goes away ends the load soon."""
    if bench.swarm is None:
        return None

    def end_soon() -> None:  # as when a replica has died
        _end_soon(names, created, names.service)

    return TrialNodes(bench.swarm, names.labels, sampler, end_soon, plan.setting.label)


def _replicas(
    bench: Bench, plan: LoadPlan, names: Names, sampler: Sampler, nodes: TrialNodes | None
) -> Replicas:
    """Return who runs the replicas: the engine, or its Swarm."""
    if nodes is None:
        return EngineReplicas(bench, plan, names, sampler)
    return SwarmReplicas(bench, nodes, plan, names, sampler)


def _job(bench: Bench, plan: LoadPlan, names: Names) -> dict[str, object]:
    workload = bench.question.workload
    return {
        "host": names.alias,
        "port": bench.target.port,
        "health_path": bench.target.health_path,
        "replicas": plan.setting.replicas,
        "levels": [asdict(level) for level in plan.levels],
        "spawn_rate": workload.spawn_rate,
        "arrivals": workload.arrivals if workload.is_open else None,
        "think_time_s": workload.think_time_s,
        "timeout_s": workload.timeout_s,
        "slow_ms": bench.question.slo.latency_ms,
        "early_stop": None if plan.early_stop is None else asdict(plan.early_stop),
        "ready_timeout_s": plan.ready_limit_s,
        "seed": seed_of(plan.key),
        "script_options": bench.script.options,
        "host_header": bench.target.host_header,
        "one_of_each": bench.one_of_each,
        "behind": bench.behind(names),
        "proxy_port": None if bench.proxy is None else Ports.beside(bench.target.port).ready,
    }


def _health(run: GeneratorRun) -> dict[str, object]:
    """Return what the health path answered, of several replicas the worst, as it is recorded."""
    worst = max(run.answers.values(), key=lambda answer: int(answer["status"]), default=None)
    return (
        {} if worst is None else {f"health_{name}": worst[name] for name in ("status", "location")}
    )
