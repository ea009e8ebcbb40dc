"""The services that are compared, and what is measured of them."""

from loadtests.peers.contenders import BARE, CONTENDERS, OURS
from loadtests.peers.crowd import QUESTION
from loadtests.peers.figures import Figure
from loadtests.peers.half import Half
from loadtests.peers.limits import Limit, Round, own
from loadtests.peers.tables import Column

CPU_MS = Figure("cpu_ms", "CPU ms a request")
RPS = Figure("rps", "requests/s a core", less_is_better=False)
P50_MS = Figure("p50_ms", "p50 ms, 64 at once")
P99_MS = Figure("p99_ms", "p99 ms, 64 at once")
AT_REST_MIB = Figure("at_rest_mib", "MiB at rest")
CROWDED_MIB = Figure("crowded_mib", "MiB, 10,000 connections")
CROWDED_CPU_MS = Figure("crowded_cpu_ms", "CPU ms a request, 10,000 connections")
CROWDED_P50_MS = Figure("crowded_p50_ms", "p50 ms, 10,000 connections")
CROWDED_P99_MS = Figure("crowded_p99_ms", "p99 ms, 10,000 connections")
CROWDED_RPS = Figure("crowded_rps", "requests/s, 10,000 connections", less_is_better=False)
SENDER_CORES = Figure("sender_cores", "cores of the sender")
IMAGE_MIB = Figure("image_mib", "image MiB")
START_S = Figure("start_s", "s to the first right answer")
FIGURES = (
    RPS, CPU_MS, P50_MS, P99_MS, SENDER_CORES, AT_REST_MIB, START_S, IMAGE_MIB, CROWDED_RPS,
    CROWDED_CPU_MS, CROWDED_P50_MS, CROWDED_P99_MS, CROWDED_MIB,
)  # fmt: skip


def _of_bare(of: Round) -> float:
    return of[OURS.name][CROWDED_CPU_MS.key] / of[BARE.name][CROWDED_CPU_MS.key]


def _connection_kib(of: Round) -> float:
    ours = of[OURS.name]
    beyond_mib = ours[CROWDED_MIB.key] - ours[AT_REST_MIB.key]
    return 1024 * beyond_mib / QUESTION.workload.users


OF_BARE = Limit(f"{CROWDED_CPU_MS.title}, of the bare function's with the model", 1.5, _of_bare)
AT_REST = Limit(AT_REST_MIB.title, 70, own(OURS.name, AT_REST_MIB.key))
CONNECTION = Limit("KiB a connection", 8, _connection_kib)

SERVICE = Half(
    name="service",
    head="service",
    contenders=tuple(one.name for one in CONTENDERS),
    figures=FIGURES,
    columns=(
        Column(RPS),
        Column(CPU_MS),
        Column(CPU_MS, ratio=True),
        Column(P50_MS, bounds=False),
        Column(P99_MS, bounds=False),
        Column(AT_REST_MIB, bounds=False),
        Column(CROWDED_MIB, bounds=False),
        Column(CROWDED_CPU_MS, bounds=False),
        Column(CROWDED_P99_MS, bounds=False),
        Column(IMAGE_MIB, bounds=False),
        Column(START_S, bounds=False),
    ),
    limits=(OF_BARE, AT_REST, CONNECTION),
)
