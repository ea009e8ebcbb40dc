"""What it buys is told by what three searches ended with."""

from loadtests.peers.least import WAYS, found, read, table, write

HOST = {"cpus": 2, "cpu_model": "a CPU"}
HELD = {
    "question": {"users": 10_000},
    "minimum": {"cpus": 0.25, "memory_mib": 200, "replicas": 1},
    "reliability": {"stated": 0.96, "fails_to_cpus": 0.15, "holds_from_cpus": 0.25},
    "host": HOST,
}
NOT_HELD = {"question": {"users": 10_000}, "minimum": None, "host": HOST}
OURS, ORIGINAL, _ = WAYS


def test_a_setting_stands_with_how_often_it_holds_and_where_the_edge_is():
    shown = table([found(OURS, HELD, "It holds.", "2026-11-27")])
    assert "| this project | **0.25 CPU / 200 MiB** | 96% | 0.15, 0.25 |" in shown
    assert "- this project: It holds." in shown
    assert "Measured on 2026-11-27 on 2 cores (a CPU)." in shown


def test_a_way_by_which_nothing_holds_stands_there_as_well():
    shown = table([found(ORIGINAL, NOT_HELD, "Nothing holds.", "2026-11-27")])
    assert "| none that was measured | - | -, - |" in shown
    assert "Nothing holds." in shown


def test_several_replicas_are_told():
    several = HELD | {"minimum": {"cpus": 0.1, "memory_mib": 100, "replicas": 3}}
    assert found(OURS, several, "", "").least == "3 x 0.1 CPU / 100 MiB"


def test_what_was_found_is_read_as_it_was_written(tmp_path):
    one = found(OURS, HELD, "It holds.", "2026-11-27")
    write(tmp_path / "kept" / "least.json", [one])
    assert read(tmp_path / "kept" / "least.json") == [one]


def test_a_file_that_is_not_there_says_that_nothing_was_measured(tmp_path):
    assert "Not measured yet" in table(read(tmp_path / "least.json"))
