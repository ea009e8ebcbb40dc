"""The load generators that are compared, and what is measured of them."""

from loadtests.peers.figures import Figure
from loadtests.peers.generator_contenders import CONTENDERS, OURS, Load
from loadtests.peers.generator_seen import silence_by_chance_ms
from loadtests.peers.half import Half
from loadtests.peers.limits import Limit, own
from loadtests.peers.tables import Column

CPU_MS = Figure("cpu_ms", "CPU ms a request")
MEMORY_MIB = Figure("memory_mib", "MiB at most")
USERS = Figure("users", "users reached", less_is_better=False)
RPS = Figure("rps", "requests/s", less_is_better=False)
RECONNECTS = Figure("reconnects", "connections opened a request")
SILENCE_MS = Figure("silence_ms", "longest silence, ms")
PAUSE_MS = Figure("pause_ms", "longest pause by its own word, ms")
ERROR_P50_MS = Figure("error_p50_ms", "p50 reported too high by, ms")
ERROR_P99_MS = Figure("error_p99_ms", "p99 reported too high by, ms")
TRUE_P50_MS = Figure("true_p50_ms", "true p50, ms")
TRUE_P99_MS = Figure("true_p99_ms", "true p99, ms")
FAILURES = Figure("failures", "failures reported")
FIGURES = (
    CPU_MS, MEMORY_MIB, USERS, RPS, RECONNECTS, SILENCE_MS, PAUSE_MS, ERROR_P50_MS, ERROR_P99_MS,
    TRUE_P50_MS, TRUE_P99_MS, FAILURES,
)  # fmt: skip

# What SILENCE_MS stays below by chance in 95 of 100 steady states.
CHANCE_MS = silence_by_chance_ms(Load().steady_requests, Load().hold_s)

CPU = Limit(CPU_MS.title, 0.2, own(OURS.name, CPU_MS.key))
MEMORY = Limit(MEMORY_MIB.title, 200, own(OURS.name, MEMORY_MIB.key))
PAUSE = Limit(PAUSE_MS.title, 20, own(OURS.name, PAUSE_MS.key))
SILENCE = Limit(SILENCE_MS.title, 20, own(OURS.name, SILENCE_MS.key))

GENERATOR = Half(
    name="generator",
    head="load generator",
    contenders=tuple(one.name for one in CONTENDERS),
    figures=FIGURES,
    columns=(
        Column(CPU_MS),
        Column(CPU_MS, ratio=True),
        Column(MEMORY_MIB, bounds=False),
        Column(USERS, bounds=False),
        Column(RPS, bounds=False),
        Column(RECONNECTS, bounds=False),
        Column(SILENCE_MS),
        Column(ERROR_P50_MS),
        Column(ERROR_P99_MS),
    ),
    limits=(CPU, MEMORY, PAUSE, SILENCE),
)
