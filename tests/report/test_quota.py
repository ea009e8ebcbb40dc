"""The table of the answer with its quota and without."""

import re

from loadtests.analysis.quota import QuotaCost
from loadtests.report.quota import CAPTION, quota_table
from tests.analysis.test_quota import free, limited


def cells(fragment):
    """Return each line's cells without markup, by the name of the line."""
    lines = re.findall(r"<tr>\n(<th scope=\"row\".*?)</tr>", str(fragment.data), re.DOTALL)
    plain = [[re.sub(r"<[^>]+>", "", cell) for cell in line.strip().split("\n")] for line in lines]
    return {name: values for name, *values in plain}


def test_every_figure_stands_beside_its_counterpart():
    found = QuotaCost((limited(work_us=350.0),), free(work_us=420.0))
    table = quota_table(found)
    shown = cells(table)
    assert CAPTION in table.data
    assert shown["CPU used (cores)"] == ["0.40", "0.30"]
    assert shown["throttled periods"] == ["90%", "there is no quota"]
    assert shown["speed gauge (CPU of its work)"] == ["350 µs", "420 µs"]
    assert shown["kept to CPUs"] == ["any", "1"]
    assert shown["trials"] == ["1", "1"]
    assert [cell.endswith("holds") for cell in shown["verdict"]] == [True, True]
    assert {len(values) for values in shown.values()} == {2}


def test_what_was_not_reported_is_told_so():
    shown = cells(quota_table(QuotaCost((limited(throttled=None),), free())))
    assert shown["throttled periods"] == ["not reported", "there is no quota"]
    assert shown["speed gauge (CPU of its work)"] == ["not reported", "not reported"]
