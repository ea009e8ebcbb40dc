"""Measure one load by one process and by several workers, by turns (`make workers`)."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from loadtests.analysis import counters
from loadtests.analysis.evidence import Evidence
from loadtests.analysis.judge import judge
from loadtests.analysis.latency import answered_rps, percentile, steady_sample
from loadtests.analysis.ratio import mean_ratio
from loadtests.bench.containers import remove_leftovers
from loadtests.bench.engine_start import ensure_engine
from loadtests.bench.plan import Bench
from loadtests.bench.store import Store
from loadtests.bench.trial import run_trial
from loadtests.jobs.aa_trials import orders
from loadtests.jobs.console import say, tells_refusals
from loadtests.jobs.sample_service import sample_bench
from loadtests.question import Question, Setting, Workload
from loadtests.studies.parameters import RUNS

SETTING = Setting(0.5, 300)
SEED = 2  # of the order in each pair
FIGURES = ("requests", "rps", "p50_ms", "p95_ms", "p99_ms", "service_cpu_ms", "users_reached")


def measure(bench: Bench, workers: int, pairs: int) -> pd.DataFrame:
    """Return one row a trial, by one process and by so many workers in random order."""
    benches = {"A": replace(bench, workers=1), "B": replace(bench, workers=workers)}
    rows = []
    for number, labels in enumerate(orders(pairs, SEED)):
        for label in labels:
            here = benches[label]
            key = here.key(SETTING, number)
            if not here.store.has(key):
                run_trial(here, SETTING, number, lambda _line: None)
            rows.append({"pair": number + 1, **row(Evidence.read(here.store.folder(key)))})
            say(", ".join(f"{name} {value}" for name, value in rows[-1].items()))
    return pd.DataFrame(rows)


def row(evidence: Evidence) -> dict[str, object]:
    """Return what is compared of a trial, of its steady state where it is a latency or a rate."""
    report, latency_ms = evidence.trial.generator, steady_sample(evidence).latency_ms
    judgement = judge(evidence)
    return {
        "workers": max(1, len(evidence.trial.workers)),
        "verdict": judgement.verdict.value,
        "users_reached": report.users_reached,
        "requests": report.requests,
        "rps": round(answered_rps(evidence) or 0.0, 2),
        **{f"p{at}_ms": round(percentile(latency_ms, at), 2) for at in (50, 95, 99)},
        "service_cpu_ms": round(counters.cpu_ms_per_answer(evidence) or 0.0, 3),
        "busiest_cores": round(report.cpu_cores, 3),
        "lag_p99_ms": round(report.heartbeat_lag_p99_ms, 2),
        "failures": report.failures,
        "tripped": "; ".join(check.name for check in judgement.checks if not check.ok),
    }


def ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Return of every figure how several workers' compares with one process's, over all pairs."""
    alone, several = (
        table[of].set_index("pair") for of in (table["workers"] == 1, table["workers"] > 1)
    )
    lines = []
    for name in FIGURES:
        found = mean_ratio([*zip(alone[name], several.loc[alone.index, name], strict=True)])
        lines.append(
            {"figure": name, "ratio": found.estimate, "low": found.low, "high": found.high}
        )
    return pd.DataFrame(lines).round(4)


@tells_refusals
def main() -> int:
    """Measure, write workers.csv, and print it with the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    asked = parser.parse_args()
    folder: Path = RUNS / "workers"
    client = ensure_engine(say)
    store = Store(folder)
    question = Question(Workload(users=asked.users))
    bench = sample_bench(client, store, question, say, stops_early=False)
    with store.writing():
        remove_leftovers(client, store.identity)
        table = measure(bench, asked.workers, asked.pairs)
    path = folder / f"workers-{asked.users}-{asked.workers}.csv"
    table.to_csv(path, index=False)
    say(table.to_string(index=False))
    say(f"\n{asked.workers} workers against one process, ratios with 95% bounds over the pairs:")
    say(ratios(table).to_string(index=False))
    say(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
