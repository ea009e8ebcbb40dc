"""What it buys is told by what three searches ended with."""

from dataclasses import replace

from loadtests.peers.least import Found, read, table, write

HELD = Found(
    way="this project",
    users=10_000,
    least="0.25 CPU / 200 MiB",
    expected=0.96,
    fails_to_cpus=0.15,
    holds_from_cpus=0.25,
    said="It holds.",
    measured_on="2026-11-27",
    cpus=2,
    cpu_model="a CPU",
)
NOT_HELD = replace(
    HELD, way="theirs", least="", expected=None, fails_to_cpus=None, holds_from_cpus=None
)


def test_a_setting_stands_with_how_often_it_holds_and_where_the_edge_is():
    shown = table([HELD])
    assert "| this project | **0.25 CPU / 200 MiB** | 96% | 0.15, 0.25 |" in shown
    assert "Measured on 2026-11-27 on 2 cores (a CPU)." in shown


def test_a_way_by_which_nothing_holds_stands_there_as_well():
    shown = table([HELD, replace(NOT_HELD, said="Nothing holds.")])
    assert "| theirs | none that was measured | - | -, - |" in shown
    assert "- theirs: Nothing holds." in shown
    assert "It holds." not in shown


def test_what_was_found_is_read_as_it_was_written(tmp_path):
    write(tmp_path / "kept" / "least.json", [HELD, NOT_HELD])
    assert read(tmp_path / "kept" / "least.json") == [HELD, NOT_HELD]


def test_a_file_that_is_not_there_says_that_nothing_was_measured(tmp_path):
    assert "Not measured yet" in table(read(tmp_path / "least.json"))
