"""The page on what simulated arrivals cost: it holds what was measured."""

from loadtests.jobs.arrivals import measure, page


def test_the_page_has_a_line_for_each_size_and_way_to_share_out():
    costs = [measure(20_000, evenly) for evenly in (True, False)]
    text = page(costs, "2026-11-27")
    assert text.startswith("# What simulated arrivals cost\n")
    assert "by `make arrivals` on 2026-11-27" in text
    lines = [line for line in text.splitlines() if line.startswith("| 20,000 |")]
    assert ["evenly" in line for line in lines] == [True, False]
    assert f"{costs[0].peak_mib:,.0f}" in lines[0]
    assert costs[0].found.replicas == 2
    assert costs[0].seconds > 0
