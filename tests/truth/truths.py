"""The known truths, in a table: what a service does, what it is given, what must be said."""

from dataclasses import dataclass

from loadtests.question import Setting, Workload
from loadtests.verdicts import Verdict

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED

# 300 users who think a second: 300 requests/s. Ramp 1 s, settle 2 s.
WORKLOAD = Workload(users=300, spawn_rate=300.0, think_time_s=(0.5, 1.5), steady_s=8.0)
# Long enough to tell whether a latency grows.
LONGER = Workload(users=300, spawn_rate=300.0, think_time_s=(0.5, 1.5), steady_s=14.0)
# Two stalls of every 10 s, whichever moment it starts at; as many requests, of users who think for
# half a second.
TWO_STALLS = Workload(users=150, spawn_rate=300.0, think_time_s=(0.25, 0.75), steady_s=22.0)

AMPLE = Setting(1.0, 300)


@dataclass(frozen=True)
class Truth:
    """One service under one setting and load, and what must come out."""

    name: str
    told: str  # to the service, see service/truth.py
    expected: frozenset[Verdict]
    what: str  # the truth, in words
    cause: str | None = None
    workload: Workload = WORKLOAD
    setting: Setting = AMPLE

    @property
    def image(self) -> str:
        """What tells its image from others: the same behaviour is one image."""
        return "-".join(self.told.replace("=", "").split()).replace("_", "") or "right"


TRUTHS = (
    Truth("right", "", frozenset({HOLDS}), "quick and right answers"),
    Truth("wrong", "wrong=1", frozenset({FAILS}), "quick and wrong answers", "wrong_answers"),
    Truth(
        "memory that fits",
        "held_kib=256",
        frozenset({HOLDS}),
        "256 KiB held for each of 300 connections: 75 MiB and the server's own 30, in 160 MiB",
        setting=Setting(1.0, 160),
    ),
    Truth(
        "memory that does not fit",
        "held_kib=256",
        frozenset({FAILS}),
        "256 KiB held for each of 300 connections: 75 MiB and the server's own 30, in 70 MiB",
        "out_of_memory",
        setting=Setting(1.0, 70),
    ),
    Truth("sleep below", "sleep_ms=100", frozenset({HOLDS}), "100 ms of sleep, 500 ms allowed"),
    Truth(
        "sleep above", "sleep_ms=700", frozenset({FAILS}), "700 ms of sleep, 500 ms allowed", "slow"
    ),
    Truth(
        "few failures",
        "fail_every=2000",
        frozenset({HOLDS}),
        "every 2,000th answer is a 500: 0.05%, 0.1% allowed",
    ),
    Truth(
        "many failures",
        "fail_every=50",
        frozenset({FAILS}),
        "every 50th answer is a 500: 2%, 0.1% allowed",
        "errors",
    ),
    Truth(
        "steady enough",
        "degrade_ms_per_s=1",
        frozenset({HOLDS}),
        "1 ms slower with every second, 17 ms at the end",
        workload=LONGER,
    ),
    Truth(
        "getting worse",
        "degrade_ms_per_s=25",
        frozenset({UNDECIDED, FAILS}),
        "25 ms slower with every second: within 500 ms so far, and not for long",
        workload=LONGER,
    ),
    Truth(
        "short stalls",
        "stall_s=0.2 every_s=10",
        frozenset({HOLDS}),
        "0.2 s without an answer every 10 s: nobody waits 500 ms",
        workload=TWO_STALLS,
    ),
    Truth(
        "long stalls",
        "stall_s=1.5 every_s=10",
        frozenset({UNDECIDED, FAILS}),
        "1.5 s without an answer every 10 s: every user is caught in it, 5.5% of all requests",
        workload=TWO_STALLS,
    ),
)
