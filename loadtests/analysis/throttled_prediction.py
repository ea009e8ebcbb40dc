"""What the queue of a server with a CPU quota says of a setting, from trials of others.

A latency is what trials with CPU to spare showed, and on top of that what a simulated queue takes
more than it does with so much CPU: the same users, or arrivals by chance, at a server that runs
while it has quota left. The two are added quantile by quantile, so that a setting with CPU to spare
is predicted as such settings were seen.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.analysis.evidence import Interval
from loadtests.analysis.latency import Floats, percentile
from loadtests.analysis.observed import Observed, at_speed, quantiles_of
from loadtests.analysis.plan_basis import further_trial
from loadtests.analysis.predictors import Unfitted, ample
from loadtests.analysis.request_demand import Demand, fit_demand
from loadtests.analysis.throttled_queue import Asked, Server, serve
from loadtests.question import CONSTANT, POISSON, SLO, Setting, Workload

SEED = 1  # of all simulations: settings are compared under the same draws
# A rate is asked for as long as a trial's steady state; the first part, while a queue builds up,
# does not count.
RATE_WARM_UP_S, RATE_S = 5.0, 20.0
STEP = 1.01  # between two rates, or limits of CPU, that are told apart
MOST_SLOW_S = 60.0  # a request may be predicted to take
SHORTEST_MS = 0.001  # that an answer takes; finer than records tell
MOST_DRAWS = 200_000  # of CPU times and pauses; more requests take them again
ANY_MIB = 1000  # the queue knows no memory


@dataclass(frozen=True)
class ThrottledQueue:
    """One process of so many threads a replica, users or arrivals shared out evenly."""

    demand: Demand
    shape: Floats  # CPU of a request, relative to its mean: quantiles
    # Quantiles of latency where CPU is ample, less those of the simulated queue there.
    rest_ms: Floats
    fresh: Interval  # p95 of one more trial with CPU to spare, relative to that of those known
    threads: int = 1

    def quantiles_ms(self, setting: Setting, workload: Workload) -> Floats:
        """Return quantiles of the steady state of a trial like those that are measured."""
        return self._quantiles_ms(setting, workload, self.demand)

    def p95_ms(self, setting: Setting, workload: Workload, speed: float = 1.0) -> Interval:
        """Return the p95 of that steady state, and where that of one more trial would lie."""
        setting = at_speed(setting, speed)
        return self.bounded(percentile(self.quantiles_ms(setting, workload), 95), setting, workload)

    def bounded(self, p95_ms: float, setting: Setting, workload: Workload) -> Interval:
        """Return a p95 that it said with its bounds: what demand leaves open, and what trials do.

        Trials with CPU to spare differ anyway; the two are taken to be independent.
        """
        low, high = (
            self._percentile(setting, workload, 95, demand) for demand in self.demand.at_bounds()
        )
        below, above = math.log(min(low / p95_ms, 1.0)), math.log(max(high / p95_ms, 1.0))
        return Interval(
            p95_ms,
            p95_ms * math.exp(-math.hypot(below, math.log(self.fresh.low))),
            p95_ms * math.exp(math.hypot(above, math.log(self.fresh.high))),
        )

    def capacity_rps(self, setting: Setting, slo: SLO, /, speed: float = 1.0) -> Interval | None:
        """Return the highest rate of arrivals by chance that meets the SLO's latency.

        Its bounds are those of the demand, by which it is divided.
        """
        setting = at_speed(setting, speed)
        most = min(setting.cpus, self.threads) / self.demand.each_s * setting.replicas
        # No queue answers more than its CPU is worth; a tenth of that is no capacity.
        rates = most * np.geomspace(0.1, 1.0, math.ceil(math.log(10) / math.log(STEP)))

        def misses(rate_per_s: float) -> bool:
            at = Workload(
                users=setting.replicas,
                spawn_rate=setting.replicas,
                think_time_s=(RATE_WARM_UP_S, RATE_WARM_UP_S),
                steady_s=RATE_S,
                timeout_s=MOST_SLOW_S,
                arrivals=POISSON,
                rate_per_s=float(rate_per_s),
            )
            return self._percentile(setting, at, slo.percentile, self.demand) > slo.latency_ms

        first, times = bisect_left(rates, True, key=misses), self.demand.times
        if first == 0:
            return None
        found = float(rates[first - 1])
        return Interval(found, found / times, found * times)

    def least_cpus(self, workload: Workload, slo: SLO, replicas: int = 1) -> Interval | None:
        """Return the least CPU limit of a replica with which a load meets the SLO's latency.

        Its bounds are those of the demand, in proportion to which it is needed. None where not even
        a core for each thread does.
        """
        limits = self.threads * np.geomspace(0.01, 1.0, math.ceil(math.log(100) / math.log(STEP)))

        def holds(cpus: float) -> bool:
            setting = Setting(float(cpus), ANY_MIB, replicas)
            at = self._percentile(setting, workload, slo.percentile, self.demand)
            return at <= slo.latency_ms

        first, times = bisect_left(limits, True, key=holds), self.demand.times
        if first == len(limits):
            return None
        found = float(limits[first])
        return Interval(found, found / times, found * times)

    def _percentile(
        self, setting: Setting, workload: Workload, percent: float, demand: Demand
    ) -> float:
        return percentile(self._quantiles_ms(setting, workload, demand), percent)

    def _quantiles_ms(self, setting: Setting, workload: Workload, demand: Demand) -> Floats:
        waited = quantiles_of(waits_ms(setting, workload, demand, self.shape, self.threads))
        found: Floats = self.rest_ms + waited
        return found


def throttled_queue(trials: Sequence[Observed], threads: int = 1) -> ThrottledQueue | Unfitted:
    """Fit it: demand by all trials, the rest of a latency by those with CPU to spare.

    How CPU times differ between requests is not recorded. They are taken to differ as latencies do
    where nobody waits, but for the slowest hundredth of these.
    """
    known = ample(trials)
    if not known:
        return Unfitted("no trial tells how long an answer takes")
    demand = fit_demand(trials)
    # Trials differ by factors, so their geometric mean.
    logs = [np.log(np.maximum(trial.quantiles_ms, SHORTEST_MS)) for trial in known]
    latency_ms = np.exp(np.mean(logs, axis=0))
    clipped = np.minimum(latency_ms, percentile(latency_ms, 99))
    shape: Floats = clipped / clipped.mean()
    asked = [(at_speed(trial.setting, trial.speed), trial.workload) for trial in known]
    waited = {each: quantiles_of(waits_ms(*each, demand, shape, threads)) for each in set(asked)}
    rest_ms = latency_ms - np.mean([waited[each] for each in asked], axis=0)
    rest_ms = np.maximum(rest_ms, 0.0)  # nothing is answered sooner than the queue has served it
    p95 = [trial.p95_ms.estimate for trial in known if trial.p95_ms is not None]
    one_more = further_trial(p95)
    spread = Interval(1.0, one_more.low / one_more.estimate, one_more.high / one_more.estimate)
    return ThrottledQueue(demand, shape, rest_ms, spread, threads)


def waits_ms(
    setting: Setting, workload: Workload, demand: Demand, shape: Floats, threads: int
) -> Floats:
    """Return how long requests of a trial's steady state are in one replica (ms): wait and CPU."""
    rng = np.random.default_rng(SEED)
    rps = workload.expected_rps() / setting.replicas
    server = Server(setting.cpus, threads, demand.wake_s(rps, threads))
    starts_s = workload.ramp_up_s + workload.warm_up_s
    ends_s = starts_s + workload.steady_s
    draws = min(MOST_DRAWS, 1 + math.ceil(2 * rps * ends_s))
    if workload.is_open:
        first_s, think_s = _arrivals(workload, rps, ends_s, rng), None
    else:
        users = max(1, round(workload.users / setting.replicas))
        first_s = rng.uniform(0, workload.ramp_up_s, users)
        think_s = rng.uniform(*workload.think_time_s, draws)
    drawn = demand.each_s * rng.choice(shape, draws)
    served = serve(server, Asked(first_s, drawn, ends_s, think_s))
    found: Floats = 1000 * served.between(starts_s, ends_s)
    # Where so few ask that by chance none did, who asks waits for nobody.
    return found if len(found) else np.array([1000 * demand.each_s])


def _arrivals(workload: Workload, rps: float, seconds: float, rng: np.random.Generator) -> Floats:
    """Return when requests come, by chance or evenly; at once at the full rate."""
    if workload.arrivals == CONSTANT:
        return np.arange(rng.uniform(0, 1 / rps), seconds, 1 / rps)
    return np.sort(rng.uniform(0, seconds, rng.poisson(rps * seconds)))
