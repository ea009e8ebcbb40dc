"""What a proxy costs and what it evens out: one setting by turns behind it, and by Docker's DNS.

Asked only where the run has a proxy. The trials are beside those that a verdict rests on.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from docker import DockerClient

from loadtests.analysis.balancing import LEAST_TRIALS, BalancingComparison
from loadtests.analysis.compare_balancing import compare_balancing
from loadtests.analysis.evidence import Skipped
from loadtests.analysis.summary import Judged
from loadtests.bench.plan import Bench
from loadtests.errors import EngineError, HostError, TrialError
from loadtests.question import Balancing, Setting
from loadtests.record import trial_folder
from loadtests.report.balancing import balancing_table
from loadtests.report.markup import Fragment
from loadtests.search.interleaving import rounds, seed_of
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import BALANCING, read_manifest
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.progress import Progress
from loadtests.studies.results import ResultTable, read_evidence
from loadtests.verdicts import Verdict

# The numbers of these trials, which no search and no table comes to.
FIRST = 200


@dataclass(frozen=True)
class BalancingStudy:
    """Docker's DNS and a proxy compared, or why they were not."""

    comparison: BalancingComparison | None
    absent: str = ""  # a sentence

    @property
    def sentences(self) -> list[str]:
        """Say what the proxy costs and evens out, or why that is not known."""
        return [self.absent] if self.comparison is None else self.comparison.sentences

    def table(self) -> Fragment | None:
        """List every figure by DNS and behind the proxy; None where nothing was compared."""
        return None if self.comparison is None else balancing_table(self.comparison)


NOT_ASKED = BalancingStudy(
    None,
    "Users found replicas by Docker's DNS. With BALANCING=haproxy a proxy is in front of them, and "
    "is compared with that.",
)
NOT_COMPARED = BalancingStudy(None, "The proxy was not compared with Docker's DNS.")


def setting_to_compare(table: ResultTable) -> Setting | None:
    """Return the setting with the most replicas of those that hold; None: none of several does."""
    holding = [
        row.setting
        for row in table.rows
        if row.verdict is Verdict.HOLDS and row.setting.replicas > 1
    ]
    return max(holding, key=lambda setting: setting.replicas, default=None)


def measure_balancing(asked: Parameters, table: ResultTable) -> BalancingStudy:
    """Measure a setting of the table by turns behind the proxy and by DNS; read it where it was."""
    if not asked.target.balancing.is_proxied:
        return NOT_ASKED
    setting = setting_to_compare(table)
    if setting is None:
        return replace(NOT_COMPARED, absent="No setting of several replicas holds to compare it.")

    def measure(client: DockerClient, progress: Progress) -> BalancingStudy:
        return _measure(Experiment(asked, client, progress), setting, asked.replicates)

    def read(run: Path) -> BalancingStudy | None:
        found = read_balancing(run)
        return None if found is NOT_COMPARED and run != EXAMPLE else found

    return measured_or_recorded(asked, measure, read)


def _measure(experiment: Experiment, setting: Setting, replicates: int) -> BalancingStudy:
    proxied = experiment.bench
    by_name = replace(proxied.target, balancing=Balancing.DNS)
    benches = (proxied, replace(proxied, target=by_name, proxy=None))
    trials: list[Judged] = []
    refused: list[Skipped] = []
    experiment.progress.note(f"{setting.label} behind the proxy and by Docker's DNS, by turns:")
    with experiment.measuring() as runner:
        times = max(LEAST_TRIALS, replicates)
        orders: list[list[Bench]] = rounds(benches, times, seed_of(experiment.run.name))
        try:
            for number, order in enumerate(orders, FIRST):
                trials += [runner.trial(bench, setting, number) for bench in order]
        except (EngineError, HostError, TrialError) as why:
            experiment.progress.note(f"{setting.label}: {why}")
            refused.append(Skipped.because(setting, why))
    keys = [seen.trial.key for seen, _ in trials]
    experiment.keep(BALANCING, proxied, [setting], keys, runner, refused)
    return read_balancing(experiment.run)


def read_balancing(run: Path) -> BalancingStudy:
    """Read what a run compared, judged anew, or why it did not."""
    manifest = read_manifest(run, BALANCING)
    if manifest is None:
        return NOT_COMPARED
    if manifest.skipped:
        refused = manifest.skipped[0]
        said = f"{refused.setting.label} was not compared with Docker's DNS: {refused.reason}."
        return BalancingStudy(None, said)
    trials = [read_evidence(trial_folder(run, key)) for key in manifest.trials]
    ways = [seen.trial.target.balancing.is_proxied for seen, _ in trials]
    by_dns = [trial for trial, is_proxied in zip(trials, ways, strict=True) if not is_proxied]
    proxied = [trial for trial, is_proxied in zip(trials, ways, strict=True) if is_proxied]
    return BalancingStudy(compare_balancing(by_dns, proxied))
