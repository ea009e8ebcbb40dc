"""Where not even the ample level of a staircase passed: does anything hold at all?

One trial of the ample setting tells. Where that fails every smaller one is taken to fail too, and
what its record says of the cause is of no lack of CPU or memory that there is.
"""

from collections.abc import Sequence

from loadtests.question import SLO
from loadtests.search.minimum import Decision
from loadtests.search.space import Space
from loadtests.verdicts import Finding, Step


def ample_first(
    space: Space, levels: Sequence[Step], findings: Sequence[Finding], slo: SLO
) -> Decision | None:
    """Return that the ample setting is to be measured before all others, where its level failed."""
    if findings or (levels and levels[0].passes(slo)):
        return None
    return Decision(
        space.ample,
        f"Under all users {space.ample.label}, the largest there is, did not meet the SLO. Does it "
        "in fresh containers? If it fails, everything smaller is taken to fail.",
    )
