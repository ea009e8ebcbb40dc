"""10,000 connections at 1,000 requests/s on a service in a container: a trial as any other."""

import json
import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient

from loadtests.analysis import counters, formats
from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.analysis.judge import judge
from loadtests.analysis.latency import answered_rps, percentile, steady_sample
from loadtests.bench.host import describe_host
from loadtests.bench.images import GeneratorImage
from loadtests.bench.needs import Needs
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.bench.users_script import UsersScript
from loadtests.peers.contenders import Contender
from loadtests.peers.rounds import Figures
from loadtests.question import Question, Setting, Target, Workload
from loadtests.verdicts import Verdict

SCRIPT = Path(__file__).parent / "load" / "locustfile.py"
ASKED = "asked.json"
# Half the default's ramp-up and a third of its steady state: a round has many contenders.
QUESTION = Question(Workload(users=10_000, spawn_rate=1_000, steady_s=10))
SETTING = Setting(1.0, 4_000)


@dataclass(frozen=True)
class Crowd:
    """What the load is put on services with."""

    client: DockerClient
    store: Store
    generator: GeneratorImage
    question: Question = QUESTION
    setting: Setting = SETTING

    @property
    def rps(self) -> float:
        """Requests a second that it makes of a service that answers at once."""
        return self.question.workload.expected_rps()

    def measure(self, contender: Contender, image_id: str, number: int) -> Figures:
        """Measure a contender in a round; raises what `run_trial` raises."""
        bench = self._bench(contender, image_id)
        folder = self.store.folder(bench.key(self.setting, number))
        # Of a round that was not finished: it is compared with what is measured now.
        shutil.rmtree(folder, ignore_errors=True)
        return figures_of(Evidence.read(run_trial(bench, self.setting, number, lambda _line: None)))

    def _bench(self, contender: Contender, image_id: str) -> Bench:
        return Bench(
            client=self.client,
            store=self.store,
            host=describe_host(self.client),
            question=self.question,
            target=Target(
                contender.recipe.name,
                contender.port,
                contender.health_path,
                contender.command,
            ),
            image_id=image_id,
            generator=self.generator,
            script=users_of(contender),
            needs=Needs(command=contender.command),
            stops_early=False,
        )


def users_of(contender: Contender) -> UsersScript:
    """Return the script of a contender's users, with what they ask beside it."""
    questions = [*zip(contender.bodies, contender.answers, strict=True)]
    asked = json.dumps({"path": contender.path, "questions": questions}).encode()
    return UsersScript(SCRIPT.name, {SCRIPT.name: SCRIPT.read_bytes(), ASKED: asked})


def figures_of(evidence: Evidence) -> Figures:
    """Return what is compared of a trial, of its steady state where it is a latency or a rate.

    One that cannot be trusted has no figures.
    """
    judgement = judge(evidence)
    if judgement.verdict is Verdict.INVALID:
        return Figures({}, (f"with 10,000 connections invalid: {_voided_by(judgement)}",))
    latency_ms = steady_sample(evidence).latency_ms
    (replica,) = evidence.trial.replicas
    found = {
        "crowded_rps": answered_rps(evidence),
        "crowded_cpu_ms": counters.cpu_ms_per_answer(evidence),
        "crowded_p50_ms": percentile(latency_ms, 50),
        "crowded_p99_ms": percentile(latency_ms, 99),
        # The same image was just read by another container, so hardly a file's page is its own.
        "crowded_mib": counters.container_mean(evidence, replica.name, "memory_mib"),
    }
    cause = f" ({formats.CAUSES[judgement.cause]})" if judgement.cause else ""
    said = f"with 10,000 connections the verdict is {judgement.verdict}{cause}"
    known = {name: value for name, value in found.items() if value is not None}
    return Figures(
        {name: value for name, value in known.items() if math.isfinite(value)},
        () if judgement.verdict is Verdict.HOLDS else (said,),
    )


def _voided_by(judgement: Judgement) -> str:
    """Name the checks that tripped."""
    return ", ".join(check.name for check in judgement.checks if not check.ok)
