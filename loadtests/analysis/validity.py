"""Can this measurement be trusted, and for which verdict? The list of all checks.

Every check has a direction. What can only make the service look worse voids a `fails` alone, what
can only make it look better a `holds`; what makes the load lighter than asked voids both. What the
record does not hold is "not reported" and trips nothing.
"""

from collections.abc import Callable

from loadtests.analysis.arrivals import delivered
from loadtests.analysis.companion_health import companions
from loadtests.analysis.cpu_speed import cpu_speed
from loadtests.analysis.delivery import users
from loadtests.analysis.evidence import Check, Evidence
from loadtests.analysis.generator_health import (
    connections,
    generator_cpu,
    generator_lag,
    generator_throttled,
    own_errors,
)
from loadtests.analysis.host_health import clock, crowded_host, own_limits, samples, steal_time
from loadtests.analysis.memory_kills import host_memory
from loadtests.analysis.node_health import nodes
from loadtests.analysis.proxy_health import proxy
from loadtests.analysis.steadiness import steady
from loadtests.analysis.worker_health import workers

# In the order of the report, with what each voids where it trips.
_ALL: tuple[Callable[[Evidence], Check | None], ...] = (
    companions,  # both where one ended, as nothing else counts then; a `fails` where one was full
    proxy,  # both where it ended, likewise; a `fails` where it was full
    nodes,  # both
    workers,  # both
    users,  # both
    delivered,  # both, or a `fails` where the load was heavier, or arrivals found no user
    generator_lag,  # a `fails`
    generator_cpu,  # a `fails`
    generator_throttled,  # a `fails`
    own_errors,  # both
    connections,  # a `fails`
    own_limits,  # a `fails`
    host_memory,  # both
    steal_time,  # a `fails`
    crowded_host,  # a `fails`
    cpu_speed,  # a `fails` where it was slower, a `holds` near the edge where it was faster
    clock,  # both
    samples,  # nothing
    steady,  # both
)
CHECKS = {check.__name__: check for check in _ALL}


def checks(evidence: Evidence) -> tuple[Check, ...]:
    """Return every validity check of a trial, tripped or not, in the order of the report.

    Without those of what it had none of: companions, a proxy, a Swarm, several workers.
    """
    found = (check(evidence) for check in CHECKS.values())
    return tuple(check for check in found if check is not None)
