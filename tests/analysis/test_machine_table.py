"""Tables of machines: what is read, what is refused and how that is told."""

import pytest

from loadtests.analysis.machine_table import COLUMNS, parse_machines, read_machines
from loadtests.errors import QuestionError
from loadtests.studies.parameters import MACHINES

HEAD = ",".join(COLUMNS)
LINE = "big,Acme,here,amd64,8,32,0.4,USD,2026-01-19,a list"


def test_the_projects_own_table_can_be_read_and_has_several_providers_and_kinds():
    found = read_machines(MACHINES)
    assert len({each.provider for each in found}) >= 3
    assert {each.architecture for each in found} == {"amd64", "arm64"}
    by_vcpu = {each.memory_gib / each.vcpus for each in found}
    assert {2.0, 4.0} <= by_vcpu, "general purpose and compute optimised"


def test_a_table_of_ones_own_may_have_its_columns_in_any_order():
    order = sorted(COLUMNS)
    values = dict(zip(COLUMNS, LINE.split(","), strict=True))
    (found,) = parse_machines(f"{','.join(order)}\n{','.join(values[c] for c in order)}\n", "mine")
    assert (found.label, found.vcpus, found.price_hour) == ("Acme big", 8, 0.4)


def changed(**given):
    values = dict(zip(COLUMNS, LINE.split(","), strict=True)) | given
    return f"{HEAD}\n{','.join(values.values())}\n"


REFUSED = [
    ("", "mine.csv lacks name, provider", "an empty file"),
    (f"{HEAD}\n", "mine.csv has no machines; write at least one line", "columns alone"),
    (HEAD.replace(",date", "") + "\n", "lacks date; its first line must be name,", "no date"),
    (f"{HEAD},colour\n{LINE},red\n", "has an unknown colour", "a column more"),
    (f"{HEAD},name\n{LINE},big\n", "repeats name", "a column twice"),
    (changed(vcpus="four"), "line 2: vcpus is 'four'; write a number", "a word for a number"),
    (changed(vcpus="2.5"), "vcpus is '2.5'; write a whole number", "half a vCPU"),
    (changed(vcpus="0"), "vcpus is 0; write a number above 0", "no vCPU"),
    (changed(memory_gib="-1"), "memory_gib is -1.0; write a number above 0", "less than none"),
    (changed(memory_gib="inf"), "memory_gib is 'inf'; write a number such as", "no end"),
    (changed(price_hour=""), "price_hour is ''; write a number such as 0.1785", "no price"),
    (changed(price_hour="0"), "price_hour is 0.0; write a number above 0", "for nothing"),
    (changed(price_hour='"0,4"'), "price_hour is '0,4'; write a number", "a comma for a point"),
    (changed(currency=" "), "currency is empty; write a text", "no currency"),
    (changed(source=""), "source is empty; write a text", "nobody says so"),
    (changed(date="January"), "date is 'January'; write the day of the price", "no day"),
    (changed(date="2026-13-01"), "date is '2026-13-01'", "no such month"),
    (changed(architecture="x86"), "architecture is 'x86'; write amd64 or arm64", "another name"),
    (f"{HEAD}\nbig,Acme\n", "line 2: it does not have 10 values", "a short line"),
    (f"{HEAD}\n{LINE},more\n", "it does not have 10 values; write one for each", "a long line"),
    (f"{HEAD}\n{LINE}\n{LINE}\n", "has Acme big in here twice; leave one", "twice the same"),
    (
        f"{HEAD}\n{LINE}\n{LINE.replace('big', 'small').replace('USD', 'EUR')}\n",
        "has prices in EUR and USD, which cannot be compared",
        "two currencies",
    ),
]


@pytest.mark.parametrize(("text", "says", "what"), REFUSED, ids=[what for _, _, what in REFUSED])
def test_a_bad_table_is_refused_with_the_line_and_what_to_write_instead(text, says, what):
    with pytest.raises(QuestionError) as refusal:
        parse_machines(text, "mine.csv")
    assert says in str(refusal.value), what


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(QuestionError, match="must be a CSV file"):
            read_machines(path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QuestionError, match="in UTF-8"):
        read_machines(tmp_path / "binary.csv")


def test_a_file_as_spreadsheets_write_it_is_read(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEAD}\r\n{LINE}\r\n".encode())
    assert read_machines(path)[0].name == "big"
