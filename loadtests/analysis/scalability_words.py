"""The scalability law as sentences for a person, none of which says more than its intervals do."""

import math
from collections.abc import Sequence

from loadtests.analysis import formats
from loadtests.analysis.capacity_point import CapacityPoint, counts_of
from loadtests.analysis.evidence import Interval
from loadtests.analysis.scalability_gains import Gain, ordinal, percent
from loadtests.analysis.scalability_noise import Noise

SIGMA = "σ"  # noqa: RUF001  # as Gunther writes it
LAW = f"λ n / (1 + {SIGMA} (n - 1) + κ n (n - 1))"
GROWS_FASTER = (
    "Several replicas are shown to hold more than their number times what one would: the law, "
    "which has no room for that, is too low for them."
)


def fitted(
    lam_per_s: Interval, sigma: Interval, kappa: Interval, points: Sequence[CapacityPoint]
) -> str:
    """Say the law with its coefficients, and what it was fitted to."""
    counts = counts_of(points)
    said = (
        f"Fitted to {formats.count(len(points), 'point')} at {len(counts)} replica counts "
        f"({formats.listing([str(n) for n in counts])}), the capacity of n replicas is {LAW} with "
        f"λ = {rate(lam_per_s.estimate)} requests/s ({_rates(lam_per_s)}), "
        f"{SIGMA} = {coefficient(sigma)} and κ = {coefficient(kappa)}, all with 95% intervals."
    )
    if counts[0] == 1:
        return said
    return f"{said} One replica alone was not measured: λ, its capacity, is extrapolated."


def distance(standard_error_per_s: float, noise: Noise) -> str:
    """Say how far the points lie from the law, and whether it describes them."""
    said = (
        f"The points lie {rate(standard_error_per_s)} requests/s from it (standard error); one "
        f"trial more is expected within {formats.share(noise.of_one_trial)} of it."
    )
    if noise.describes or noise.misfit is None:
        return said
    return (
        f"{said} That is more than repeats of one count differ (lack of fit, p = "
        f"{max(noise.misfit, 0.001):.1g}{' at most' if noise.misfit < 0.001 else ''}): the law "
        "does not describe this service well, and its intervals are as wide as that makes them."
    )


def what_is_shown(sigma: Interval, kappa: Interval, efficiency: Interval) -> str:
    """Say which of the two reasons for diminishing returns the points show.

    efficiency: of the most replicas, as a share of linear scaling.
    """
    waits = f"replicas wait for something that they share ({SIGMA} above 0)"
    pairs = "each costs all others something (κ above 0)"
    if sigma.low > 0 and kappa.low > 0:
        return f"Both are shown: {waits}, and {pairs}."
    if sigma.low > 0:
        return f"It is shown that {waits}; that {pairs} is not."
    if kappa.low > 0:
        return f"It is shown that {pairs}; that {waits} is not."
    if efficiency.high < 1:
        return (
            f"Returns are shown to diminish, but not why: it may be that {waits}, that {pairs}, "
            "or both."
        )
    return f"Returns are not shown to diminish: neither that {waits}, nor that {pairs}."


def gains(found: Sequence[Gain], counts: Sequence[int]) -> list[str]:
    """Say what replicas add by the law, at the counts that were measured, and from where nothing.

    A replica whose interval reaches zero is not said to add anything.
    """
    adds = [gain for gain in found if gain.adds and gain.replicas in counts]
    rest = _without_gain(found)
    return [*_what_they_add(adds), *_what_they_do_not(rest)]


def _what_they_add(adds: Sequence[Gain]) -> list[str]:
    if not adds:
        return []
    first, *others = adds
    words = [f"the {ordinal(first.replicas)} replica adds {first.words}"]
    words += [f"the {ordinal(gain.replicas)} {gain.words}" for gain in others]
    would = [f"the {ordinal(first.replicas)} would add {first.linear:.0%}"]
    would += [f"the {ordinal(gain.replicas)} {gain.linear:.0%}" for gain in others[-1:]]
    return [
        f"By the law {formats.listing(words)}; if all did as much as the first, "
        f"{formats.listing(would)}."
    ]


def _what_they_do_not(rest: Sequence[Gain]) -> list[str]:
    if not rest:
        return []
    more = " or any further one" if len(rest) > 1 else ""
    said = [f"Nothing shows that {_a(rest[0].replicas)}{more} adds anything."]
    last = rest[-1]
    if last.takes:
        less = Interval(-last.share.estimate, -last.share.high, -last.share.low)
        said.append(f"The {ordinal(last.replicas)} takes {percent(less)} away.")
    return said


def linear(capacity: Interval, efficiency: Interval, lam_per_s: Interval, replicas: int) -> str:
    """Set the capacity of the most replicas against as many times that of one."""
    return (
        f"{formats.count(replicas, 'replica')} hold {rate(capacity.estimate)} requests/s "
        f"({_rates(capacity)}), where linear scaling from one would give "
        f"{rate(replicas * lam_per_s.estimate)}: {formats.share(efficiency.estimate)} of it "
        f"({formats.share(efficiency.low)} to {formats.share(efficiency.high)})."
    )


def rate(value: float) -> str:
    """Write requests a second in three digits or whole: "1,234", "87.5", "0.31"."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def coefficient(found: Interval) -> str:
    """Write σ or κ with its interval: "0.028 (0.010 to 0.061)".

    In two digits of its upper bound; in more where its lower bound would be zero and is not.
    """
    digits = _decimals(found.high)
    if found.low > 0:
        digits = min(max(digits, _decimals(found.low) - 1), digits + 2)
    low, at, high = (f"{value:.{digits}f}" for value in (found.low, found.estimate, found.high))
    return f"{at} ({low} to {high})"


def _decimals(value: float) -> int:
    return max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0


def _rates(found: Interval) -> str:
    return f"{rate(found.low)} to {rate(found.high)}"


def _without_gain(found: Sequence[Gain]) -> list[Gain]:
    """Return the last replicas, none of which is shown to add anything."""
    rest: list[Gain] = []
    for gain in reversed(found):
        if gain.adds:
            break
        rest.insert(0, gain)
    return rest


def _a(number: int) -> str:
    """Write a place with its article: "a 6th", "an 8th", "an 11th"."""
    article = "an" if str(number).startswith("8") or number in {11, 18} else "a"
    return f"{article} {ordinal(number)}"
