"""A question put to settings: trials from the bench, judged by the analysis, kept with the run.

A setting is measured again while its trials say nothing certain and the budget lasts.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from docker import DockerClient

from loadtests.analysis.evidence import Skipped
from loadtests.analysis.generator_check import GeneratorCheck, judge_generator
from loadtests.analysis.repeat import Repeat
from loadtests.bench.companions import NO_COMPANIONS, Companions
from loadtests.bench.host import describe_host
from loadtests.bench.images import RECIPES, ensure_image, generator_image, resolve_image
from loadtests.bench.plan import Bench
from loadtests.bench.preflight import Grants, check_load, check_proxy, check_setting
from loadtests.bench.proxy import Proxy
from loadtests.bench.script_check import check_script, describe_script
from loadtests.bench.script_packages import with_packages
from loadtests.bench.store import Store
from loadtests.bench.swarm import Swarm
from loadtests.bench.swarm_service import require_endpoint_mode
from loadtests.errors import HostError, NotReadyError
from loadtests.question import Question, Setting
from loadtests.search.knowledge import TRIALS_PER_SETTING
from loadtests.studies.besides import asked_of_part
from loadtests.studies.manifest import (
    GENERATOR_CHECK,
    REPEAT,
    SETTING,
    Manifest,
    NeverReady,
    write_manifest,
)
from loadtests.studies.parameters import Parameters
from loadtests.studies.progress import STANDING, Progress
from loadtests.studies.reference import kept_us
from loadtests.studies.results import ResultTable, SettingResult
from loadtests.studies.trial_runner import TrialRunner


class Experiment:
    """A question put to settings, one after the other, into one run's folder."""

    def __init__(self, asked: Parameters, client: DockerClient, progress: Progress) -> None:
        """Look at the host and make the images; raises AguantaError before any trial starts."""
        self.progress = progress
        self.run = asked.folder
        self.runs = self.run.parent
        self.asked = asked
        self.prices = asked.prices
        store = Store(self.run)
        host = describe_host(client)
        target, stack = asked.target, asked.stack
        swarm = None
        if target.swarm is not None:
            swarm = Swarm.of(client, target.swarm, asked.nodes or {}, progress.note)
        machines = 1 if swarm is None else swarm.machines
        self.grants = Grants.look(client, host, self.run, machines, asked.workers)
        check_load(asked.question.workload, self.grants)
        if target.balancing.is_proxied:
            check_proxy(asked.question.workload, self.grants)
        if target.image in RECIPES:
            ensure_image(client, RECIPES[target.image], progress.note)
        for note in stack.notes if stack else ():
            self._tell_standing(note)
        self.bench = Bench(
            client=client,
            store=store,
            host=host,
            question=asked.question,
            target=target,
            image_id=resolve_image(client, target.image),
            generator=with_packages(
                client, generator_image(client, progress.note), asked.script, self._tell_standing
            ),
            script=asked.script,
            needs=asked.needs,
            companions=Companions.of(client, stack) if stack else NO_COMPANIONS,
            proxy=Proxy.of(client, target.balancing, progress.note),
            swarm=swarm,
            ready_s=asked.ready_s,
            descriptor_limit=self.grants.descriptor_limit,
            stops_early=asked.early_stop,
            workers=asked.workers,
        )
        if swarm is not None:
            sent_from = self.bench.worker_nodes
            swarm.give_image(self.bench.image_id, progress.note)
            swarm.give_image(self.bench.generator.id, progress.note, sent_from)
            require_endpoint_mode(swarm, self.bench.generator.id, sent_from)
        if not self.bench.script.is_own:
            held, options = describe_script(self.bench), self.bench.script.options
            for note in check_script(held, asked.question.workload, options):
                self._tell_standing(note)
        reference_us = asked.reference_us or kept_us(self.runs, host, self.bench.generator.content)
        self.bench = replace(self.bench, reference_us=reference_us)

    def _tell_standing(self, text: str) -> None:
        """Tell what holds for a whole job, whichever experiment of it says so."""
        self.progress.note(f"{STANDING}{text}")

    @contextmanager
    def measuring(self) -> Iterator[TrialRunner]:
        """Hold the store for writing, with what a killed run left behind removed."""
        with self.bench.store.writing():
            removed = self.bench.remove_leftovers()
            if removed:
                self.progress.note(f"Removed what an ended run left: {', '.join(removed)}")
            yield TrialRunner(self.progress)

    def table(self, name: str, settings: Sequence[Setting]) -> ResultTable:
        """Measure settings in order.

        Those the host cannot grant are skipped with the reason; those with which the service never
        answers fail.
        """
        measured: list[SettingResult] = []
        skipped: list[Skipped] = []
        unanswered: list[NeverReady] = []
        with self.measuring() as runner:
            for setting in dict.fromkeys(settings):
                try:
                    check_setting(setting, self.bench.question.workload, self.grants)
                except HostError as error:
                    self.progress.note(f"{setting.label}: skipped, {error}")
                    skipped.append(Skipped(setting, str(error)))
                    continue
                try:
                    measured.append(runner.until_decided(self.bench, setting))
                except NotReadyError as error:
                    unanswered.append(runner.never_ready(setting, error))
        manifest = self.manifest_of(name, measured, runner)
        manifest = replace(manifest, skipped=tuple(skipped), never_ready=tuple(unanswered))
        return self.kept(manifest, measured)

    def manifest_of(
        self, name: str, measured: Sequence[SettingResult], runner: TrialRunner
    ) -> Manifest:
        """Return the manifest that says what was measured and what it cost."""
        return Manifest(
            name=name,
            question=self.bench.question,
            target=self.bench.target,
            settings=tuple(result.setting for result in measured),
            trials=tuple(key for result in measured for key in result.row.trials),
            effort=runner.effort,
            prices=self.prices,
            asked=asked_of_part(name, self.asked),
        )

    def kept(self, manifest: Manifest, measured: Sequence[SettingResult]) -> ResultTable:
        """Keep a manifest with the run, and return it with what was measured."""
        write_manifest(self.run, manifest)
        return ResultTable(manifest, tuple(measured))

    def single(self, setting: Setting) -> ResultTable:
        """Measure one setting.

        Raises HostError when the host cannot grant it, NotReadyError when the service never
        answers with it.
        """
        check_setting(setting, self.bench.question.workload, self.grants)
        table = self.table(SETTING, [setting])
        for unanswered in table.manifest.never_ready:
            raise NotReadyError(f"{setting.label}: {unanswered.reason}")
        return table

    def generator_check(self) -> GeneratorCheck:
        """Measure a service that does nothing, without limits: what this host can generate.

        A disturbance can only lower it, so the first trial that reaches high enough counts. Those
        that an earlier run found too low are left where they are, and it is tried anew.
        """
        host, bench = self.grants.host, self.bench
        setting = Setting(host.cpus, host.memory_mib // 2)
        with self.measuring() as runner:
            tried = 0
            for repeat in itertools.count():
                tried += not bench.store.has(bench.key(setting, repeat))
                seen = judge_generator(runner.generator_check(bench, setting, repeat))
                if seen.is_high_enough or tried:
                    self.progress.note(seen.sentence)
                if seen.is_high_enough or tried == TRIALS_PER_SETTING:
                    break
        self.keep(GENERATOR_CHECK, bench, [setting], [bench.key(setting, repeat)], runner)
        return seen

    def again(self, setting: Setting, question: Question) -> Repeat:
        """Measure a setting that was measured before once more: does it come out so again?"""
        bench = replace(self.bench, question=question)
        with self.measuring() as runner:
            earlier = runner.until_decided(bench, setting).trials
            more = runner.beyond(bench, setting)
        keys = [evidence.trial.key for evidence, _ in (*earlier, more)]
        self.keep(REPEAT, bench, [setting], keys, runner)
        return Repeat(earlier, more)

    def keep(
        self,
        name: str,
        bench: Bench,
        settings: Iterable[Setting],
        keys: Iterable[str],
        runner: TrialRunner,
        refused: Iterable[Skipped] = (),
    ) -> Manifest:
        """Keep with the run which records some settings have and which were refused, and why."""
        manifest = Manifest(
            name,
            bench.question,
            bench.target,
            tuple(settings),
            tuple(keys),
            tuple(refused),
            runner.effort,
            self.prices,
        )
        write_manifest(self.run, manifest)
        return manifest
