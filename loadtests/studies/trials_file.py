"""Every trial of a run in one Parquet file, for whatever reads tables; written and read back.

It has the columns of `frames.COLUMNS`, each with its unit in the field's metadata.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from loadtests.analysis.evidence import Evidence, Judgement
from loadtests.errors import RecordError
from loadtests.record import read_trial, trial_folder
from loadtests.studies.frames import COLUMNS, UNITS, to_frame
from loadtests.studies.manifest import FOLDER, GENERATOR_CHECK, SMOKE_TEST, read_manifest
from loadtests.studies.results import read_evidence

TRIALS_PARQUET = "trials.parquet"
# One user, and a server that does nothing: trials that say nothing of a setting under the load.
_NO_EVIDENCE = (SMOKE_TEST, GENERATOR_CHECK)
_TIME = "datetime64[ns, UTC]"
_KINDS = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    _TIME: pa.timestamp("ns", tz="UTC"),
}
SCHEMA = pa.schema(
    [pa.field(name, _KINDS[kind], metadata={"unit": UNITS[name]}) for name, kind in COLUMNS.items()]
)


def trials_of(run: Path) -> Iterator[tuple[Evidence, Judgement]]:
    """Yield every trial that a run's parts rest on, judged by today's rules, one at a time.

    Live staircases, the load generator check and what one user saw are none of them: they say
    nothing of a setting under the load. Raises RecordError where a trial or a part is not whole.
    """
    parts = [read_manifest(run, path.stem) for path in sorted((run / FOLDER).glob("*.json"))]
    kept = [part for part in parts if part is not None and part.name not in _NO_EVIDENCE]
    for key in dict.fromkeys(key for part in kept for key in part.trials):
        folder = trial_folder(run, key)
        if not read_trial(folder).steps:
            yield read_evidence(folder)


def write_trials(run: Path) -> Path:
    """Write trials.parquet into a run's folder, a row a trial as they were begun; return its place.

    Raises RecordError where a trial or a part is not whole.
    """
    table = to_frame(trials_of(run)).sort_values("started_at", kind="stable", ignore_index=True)
    return write_table(table, run / TRIALS_PARQUET)


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table of `to_frame` as Parquet, in place of an older one; return the path.

    What was not measured (NaN, NA) is null in the file; what is infinite stays so.
    """
    aside = path.with_name(f".{path.name}")
    # Zoned times pyarrow reads by Series.values, of which pandas 4 makes something else.
    in_utc = {n: table[n].dt.tz_convert(None) for n, kind in COLUMNS.items() if kind == _TIME}
    typed = pa.Table.from_pandas(table.assign(**in_utc), schema=SCHEMA, preserve_index=False)
    parquet.write_table(typed.replace_schema_metadata(None), aside)
    aside.replace(path)
    return path


def read_trials(path: Path) -> pd.DataFrame:
    """Read trials.parquet as `to_frame` made it: NaN, or NA in text, where nothing was measured.

    Raises RecordError where it is missing, torn, or of other columns.
    """
    try:
        found = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise RecordError(
            f"{path} cannot be read ({error}); write it with `make trials`"
        ) from error
    if not found.schema.equals(SCHEMA):
        raise RecordError(
            f"{path} has other columns than this version's; write it anew with `make trials`"
        )
    table: pd.DataFrame = found.to_pandas()
    return table.astype(COLUMNS)
