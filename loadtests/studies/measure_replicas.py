"""What notebook 04 asks for: several replicas measured now, or read as they were recorded."""

from dataclasses import replace
from pathlib import Path

from docker import DockerClient

from loadtests.errors import RecordError
from loadtests.studies import replica_capacity, users_curve
from loadtests.studies.experiment import Experiment
from loadtests.studies.manifest import EQUAL_COST, SCALE_OUT, drop_manifest
from loadtests.studies.measure import measured_or_recorded
from loadtests.studies.parameters import EXAMPLE, Parameters
from loadtests.studies.progress import Progress
from loadtests.studies.replica_capacity import NO_CAPACITY, CapacityStudy, read_capacity
from loadtests.studies.replicates import measure_replicates
from loadtests.studies.results import ResultTable
from loadtests.studies.scale_out import ScaleOut, read_scale_out
from loadtests.studies.study import read_study
from loadtests.studies.users_curve import NO_CURVE, UsersStudy, read_users_curve


def measure_scale_out(asked: Parameters) -> ScaleOut:
    """Measure every size with every count, and one total split, all trials interleaved.

    Raises EngineError where that is neither possible nor recorded.
    """

    def measure(client: DockerClient, progress: Progress) -> ScaleOut:
        tables = {SCALE_OUT: asked.scale_out_settings, EQUAL_COST: asked.split_settings}
        if not asked.split_settings:
            del tables[EQUAL_COST]
            drop_manifest(asked.folder, EQUAL_COST)
        found = measure_replicates(Experiment(asked, client, progress), tables, asked.replicates)
        return ScaleOut(found[SCALE_OUT], found.get(EQUAL_COST))

    def read(run: Path) -> ScaleOut | None:
        found = read_scale_out(run)
        return found if found is not None and _answers(found.table, asked, run) else None

    return measured_or_recorded(asked, measure, read)


def _answers(table: ResultTable, asked: Parameters, run: Path) -> bool:
    """Say whether a recorded table answers what is asked; of the example whatever its sizes.

    The example is there to be looked at, and its sizes are those that suited its own answer.
    """
    manifest = table.manifest
    settings = table.asked if run == EXAMPLE else asked.scale_out_settings
    return table.ran_script(asked) and manifest.answers(asked.question, asked.target, settings)


def measure_users(asked: Parameters, found: ScaleOut) -> ScaleOut:
    """Ask the least setting by more and more users, live; add what came of it.

    The least setting follows from both tables, so notebook 03 must have been run before.
    """

    def measure(client: DockerClient, progress: Progress) -> UsersStudy:
        try:
            least = read_study(asked.folder).minimum
        except RecordError as why:
            return replace(NO_CURVE, absent=f"{NO_CURVE.absent[:-1]}: {why}.")
        absent = users_curve.not_climbed(asked.question, least, asked.users_beyond)
        if absent is not None or least is None:
            return absent or NO_CURVE
        experiment = Experiment(asked, client, progress)
        return users_curve.measure_users_curve(experiment, least, asked.users_beyond)

    def read(run: Path) -> UsersStudy | None:
        curve = read_users_curve(run)
        return None if curve is NO_CURVE and run != EXAMPLE else curve

    return replace(found, users=measured_or_recorded(asked, measure, read))


def measure_capacity(asked: Parameters, found: ScaleOut) -> ScaleOut:
    """Raise users live on more and more replicas of one size; add the highest rates held."""

    def measure(client: DockerClient, progress: Progress) -> CapacityStudy:
        size = asked.capacity_replica
        if size is None:
            return NO_CAPACITY
        known = [trial for result in found.table.results for trial in result.trials]
        return replica_capacity.measure_capacity(
            Experiment(asked, client, progress),
            size,
            asked.capacity_counts or [],
            asked.capacity_repeats,
            known,
        )

    def read(run: Path) -> CapacityStudy | None:
        capacity = read_capacity(run)
        return None if capacity is NO_CAPACITY and run != EXAMPLE else capacity

    return replace(found, capacity=measured_or_recorded(asked, measure, read))
