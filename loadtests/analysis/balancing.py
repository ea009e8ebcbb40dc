"""What a proxy in front of the replicas costs, and what it evens out, against Docker's DNS.

The same setting under the same load, several trials of either. No difference is claimed that the
spread between trials does not show; the figures are several, so that each interval is as wide as
all of them together need to cover 95% (Dunn, "Multiple comparisons among means", 1961).
"""

from dataclasses import dataclass
from statistics import median

from loadtests.analysis import formats
from loadtests.analysis.between_trials import log_ratio_interval
from loadtests.analysis.evidence import Interval
from loadtests.question import Setting

LEAST_TRIALS = 3  # of either; the interval of two is over ten times as wide as that of many
Values = tuple[float | None, ...]  # one a trial; None: not measured


@dataclass(frozen=True)
class Difference:
    """One figure by DNS and behind the proxy, and how many times as much it is there."""

    name: str
    unit: str  # "" is a ratio
    by_dns: Values
    proxied: Values
    confidence: float  # of this one, so that all together have 95%

    @property
    def ratio(self) -> Interval | None:
        """Behind the proxy over by DNS, with bounds between trials; None: not known.

        A trial that lacks the figure may lack it because it went badly, and the others alone would
        flatter its side.
        """
        proxied = [value for value in self.proxied if value is not None]
        by_dns = [value for value in self.by_dns if value is not None]
        if len(proxied) < len(self.proxied) or len(by_dns) < len(self.by_dns):
            return None
        if min(len(proxied), len(by_dns)) < LEAST_TRIALS:
            return None
        return log_ratio_interval(proxied, by_dns, self.confidence)

    @property
    def is_told_apart(self) -> bool:
        """Whether the trials show a difference."""
        ratio = self.ratio
        return ratio is not None and not ratio.low <= 1 <= ratio.high

    def written(self, values: Values) -> str:
        """Write the median over trials with its unit, and the least and most of them."""
        known = sorted(value for value in values if value is not None)
        if not known:
            return formats.NOT_REPORTED
        unit = f" {self.unit}" if self.unit else ""
        middle = f"{_number(median(known))}{unit}"
        if len(known) == 1:
            return middle
        return f"{middle} ({_number(known[0])} to {_number(known[-1])})"

    @property
    def told(self) -> str:
        """Say what the trials show of the difference."""
        ratio = self.ratio
        if ratio is None:
            fewest = min(len(self.by_dns), len(self.proxied))
            return "too few trials to tell" if fewest < LEAST_TRIALS else "not known of every trial"
        times = f"{ratio.estimate:.2f} times ({ratio.low:.2f}-{ratio.high:.2f})"
        return f"{times}, {'told apart' if self.is_told_apart else 'not told apart'}"


@dataclass(frozen=True)
class BalancingComparison:
    """A setting by DNS and behind a proxy: what differs, and what the proxy itself takes."""

    setting: Setting
    load: str
    by_dns: int  # valid trials
    proxied: int
    left_out: int  # invalid ones
    is_interleaved: bool  # else what differs may be the hour
    differences: tuple[Difference, ...]
    proxy_cpu_ms: Values  # CPU of the proxy a request, by trial
    proxy_memory_mib: Values  # its peak, by trial
    at_reference: bool  # whether CPU is as at the reference speed

    @property
    def sentences(self) -> list[str]:
        """Say what was compared, what the proxy takes, and what of the rest differs."""
        by_dns, proxied = (formats.count(n, "trial") for n in (self.by_dns, self.proxied))
        out = f"; {formats.count(self.left_out, 'invalid trial')} left out" if self.left_out else ""
        said = [
            f"{self.setting.label} under {self.load}, {by_dns} by DNS and {proxied} behind a proxy"
            f"{out}.",
            self._costs,
        ]
        if not self.is_interleaved:
            said.append(
                "All trials of one kind were made before those of the other, so that what differs "
                "may be the hour's doing: measure them by turns."
            )
        known = [each for each in self.differences if each.ratio is not None]
        apart = [_clause(each) for each in known if each.is_told_apart]
        alike = [each.name for each in known if not each.is_told_apart]
        unknown = [each.name for each in self.differences if each.ratio is None]
        if apart:
            said.append(f"The trials tell apart: {'; '.join(apart)}.")
        if alike:
            said.append(f"They show no difference in {formats.listing(alike)}.")
        if unknown:
            said.append(f"Too little is known to compare {formats.listing(unknown)}.")
        return said

    @property
    def _costs(self) -> str:
        cpu = [value for value in self.proxy_cpu_ms if value is not None]
        memory = [value for value in self.proxy_memory_mib if value is not None]
        speed = " at the reference speed" if self.at_reference else ""
        used = (
            f"{_number(median(cpu))} ms of CPU a request{speed} ({_number(min(cpu))} to "
            f"{_number(max(cpu))})"
            if cpu
            else "CPU that was not reported"
        )
        peak = f" and up to {max(memory):,.0f} MiB" if memory else ""
        return f"The proxy itself took {used}{peak}, which no setting and no price has in it."


def _clause(each: Difference) -> str:
    """Say one difference in a clause."""
    proxied, dns = each.written(each.proxied), each.written(each.by_dns)
    return f"{each.name}, {proxied} behind the proxy and {dns} by DNS, {each.told}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.1f}"
