"""Tables of machines: what is read, what is refused and how it is told, and how replicas fit."""

import pytest

from loadtests.analysis.machines import (
    COLUMNS,
    MOST_REPLICAS,
    Reserve,
    parse_machines,
    read_machines,
    replicas_that_fit,
)
from loadtests.errors import QuestionError
from loadtests.question import Setting
from loadtests.studies.parameters import MACHINES
from tests.analysis.plans import machine

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


@pytest.mark.parametrize(
    ("vcpus", "memory_gib", "free_vcpus", "kept_gib"),
    [
        (2, 8.0, 1.93, 1.8),  # 6% and 1% of a core; 25% of 4 GiB and 20% of 4
        (4, 16.0, 3.92, 2.6),
        (32, 128.0, 31.85, 9.32),
        (64, 256.0, 63.77, 11.88),  # 2% of what is above 128 GiB
    ],
)
def test_what_is_kept_by_size_is_what_gke_documents(vcpus, memory_gib, free_vcpus, kept_gib):
    of = machine(vcpus=vcpus, memory_gib=memory_gib)
    assert Reserve().free_vcpus(of) == pytest.approx(free_vcpus)
    assert Reserve().free_mib(of) == pytest.approx(1024 * (memory_gib - kept_gib) - 100)


def test_a_share_kept_that_is_given_takes_the_place_of_that():
    assert Reserve(0.25, 0.5).free_vcpus(machine()) == 3.0
    assert Reserve(0.25, 0.5).free_mib(machine()) == 8 * 1024


@pytest.mark.parametrize("given", [{"cpu": 1.0}, {"cpu": -0.1}, {"memory": 1.0}, {"memory": 7.0}])
def test_a_reserve_that_is_no_share_is_refused(given):
    with pytest.raises(QuestionError, match=r"_reserve is .*; it must be a share from 0"):
        Reserve(**given)


@pytest.mark.parametrize(
    ("size", "cpu_ratio", "fit", "why"),
    [
        (Setting(0.3, 230), 1.0, 13, "4 / 0.3 by CPU"),
        (Setting(0.5, 230), 1.0, 8, "4 / 0.5 is whole: rounding takes none away"),
        (Setting(0.1, 230), 1.0, 40, "4 / 0.1 is 40, not 39.99"),
        (Setting(0.3, 4096), 1.0, 4, "16 GiB by memory"),
        (Setting(0.3, 230), 0.5, 6, "a vCPU that does half as much"),
        (Setting(5.0, 230), 1.0, 0, "larger than the machine"),
        (Setting(0.01, 20), 1.0, MOST_REPLICAS, "no more than an orchestrator runs"),
    ],
)
def test_replicas_are_packed_by_what_runs_out_first(size, cpu_ratio, fit, why):
    assert replicas_that_fit(machine(), size, Reserve(0.0, 0.0), cpu_ratio) == fit, why
