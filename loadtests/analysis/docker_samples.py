"""The samples of docker stats, container by container."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loadtests.analysis.evidence import Evidence
from loadtests.analysis.latency import Floats, Ints
from loadtests.analysis.remembered import of_latest


@dataclass(frozen=True)
class Samples:
    """One container's rows of the table: where they stand, and which are of the steady state."""

    table: pd.DataFrame
    role: str
    places: Ints
    steady: Ints

    def all_of(self, column: str) -> Floats:
        """Return a column over the whole trial; NaN where it was not reported."""
        return self._column(column)[self.places]

    def steady_of(self, column: str) -> Floats:
        """Return a column over the steady state; NaN where it was not reported."""
        return self._column(column)[self.steady]

    def _column(self, name: str) -> Floats:
        return self.table[name].to_numpy(np.float64)


@of_latest
def samples_by_container(evidence: Evidence) -> dict[str, Samples]:
    """Return what was sampled of every container, by its name."""
    stats, phases = evidence.docker_stats, evidence.trial.phases
    time_s = stats["time_s"].to_numpy(np.float64)
    inside = (time_s >= phases.steady_start_s) & (time_s < phases.steady_end_s)
    codes, names = pd.factorize(stats["container"])
    found = {}
    for code, name in enumerate(names):
        own = codes == code
        places = np.flatnonzero(own)
        role = str(stats["role"].iloc[places[0]])
        found[str(name)] = Samples(stats, role, places, np.flatnonzero(own & inside))
    return found


def steady_of_role(evidence: Evidence, role: str) -> list[Samples]:
    """Return the containers of a role that were sampled in the steady state."""
    found = samples_by_container(evidence).values()
    return [each for each in found if each.role == role and len(each.steady)]
