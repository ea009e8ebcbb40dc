"""What the trust page says of one setting that was measured twice."""

from dataclasses import dataclass

from loadtests.analysis import formats
from loadtests.analysis.aa_comparison import Agreement
from loadtests.question import Question, Setting
from loadtests.report.markdown import row


@dataclass(frozen=True)
class SameTwice:
    """The A/A comparison: one setting under one question, measured in pairs."""

    setting: Setting
    question: Question
    found: Agreement
    left_out: int  # pairs of which one trial was invalid

    @property
    def under(self) -> str:
        """Say under which conditions: "0.5 CPU / 300 MiB under 500 users, 6 s of steady state"."""
        workload = self.question.workload
        return (
            f"{self.setting.label} under {workload.users:,} users, {workload.steady_s:g} s of "
            "steady state a trial"
        )


def told(same: SameTwice) -> list[str]:
    """Return the paragraphs that tell how far two trials of one setting differ."""
    found, total = same.found, len(same.found.pairs)
    chance = f"chance explains up to {found.allowed} of {total} (binomial, 5% each, at 98%)"
    lines = [
        row("compared by", "pairs said to differ at 95%", "as chance explains"),
        "| --- | ---: | --- |",
        *(
            row(what, f"{claims} of {total}", "yes" if claims <= found.allowed else "**no**")
            for what, claims in (
                ("share of slow requests, by the requests of both", found.share_claims),
                ("p95, by the requests of both", found.p95_claims),
                ("p95, by the spread of the other pairs", found.noise_claims),
            )
        ),
    ]
    low, high = (formats.share(value) for value in found.floor_range)
    parts = [
        f"Measured with {same.under}. {_distance(same)}",
        "The same setting under two names, A and B, measured in random order, and compared as two "
        f"different settings would be: a true difference there is none, and {chance}.",
        "\n".join(lines),
        "**Noise floor:** the p95 of two trials of one setting differ by "
        f"{formats.share(found.floor)} in the median, in 95% of pairs by {low} to {high} "
        "(|A - B| / mean). Under these conditions a smaller difference between two settings says "
        "nothing; under others the floor is another.",
    ]
    if not any(share.estimate for pair in found.pairs for share in pair.slow_share):
        parts.append(
            "No request of them all was slower than the SLO, so their shares were bound to "
            "agree; p95 is the test here."
        )
    if found.p95_claims > found.allowed:
        parts.append(
            "Requests of one trial share its noise, so their number makes a p95 look surer than "
            "it is from one trial to the next. Two settings are told apart by trials, not by "
            "requests."
        )
    if same.left_out:
        left_out = formats.count(same.left_out, "pair")
        parts.append(f"Left out, since one of its trials was invalid: {left_out}.")
    return [*parts, "![p95 of A and B in each pair, with intervals](aa.png)"]


def _distance(same: SameTwice) -> str:
    """Say how far from the SLO the pairs were, and what they claim nothing about."""
    slo = same.question.slo
    highest_ms = max(p95.estimate for pair in same.found.pairs for p95 in pair.p95_ms)
    return (
        f"The highest p95 was {formats.milliseconds(highest_ms)}, where the SLO allows "
        f"{formats.milliseconds(slo.latency_ms)}. Nothing is claimed about settings nearer to the "
        "edge between holding and failing, where a queue makes the same trial vary more, nor about "
        "other services, workloads and hosts."
    )
