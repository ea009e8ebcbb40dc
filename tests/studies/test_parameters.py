"""What may be set from outside: every wrong name, type and value is refused with a hint."""

from dataclasses import fields
from pathlib import Path

import pytest

from loadtests.errors import QuestionError
from loadtests.question import SLO, Balancing, Question, Setting, Target, Workload
from loadtests.studies import parameters
from loadtests.studies.declaration import meanings
from loadtests.studies.parameters import EXAMPLE, ROOT, RUNS, Parameters
from tests.evidence_log import log_case

REFUSED = [
    ({"user": 5}, "there is no parameter 'user'; did you mean users?", "nearly a name"),
    ({"P95_MS": 5}, "there is no parameter 'P95_MS'", "capitals are make's"),
    ({"colour": "red"}, "there is no parameter 'colour'; there are run, image", "no name at all"),
    ({"users": "many"}, "users is 'many'; it must be a whole number, for example 10000", "text"),
    ({"users": 500.0}, "users is 500.0; it must be a whole number", "a broken number"),
    ({"users": True}, "users is True; it must be a whole number", "a truth is no number"),
    ({"steady_s": False}, "steady_s is False; it must be a number", "a truth is no number"),
    ({"p95_ms": None}, "p95_ms is None; it must be a number", "nothing"),
    ({"image": 5}, "image is 5; it must be text", "a number for text"),
    ({"settings": "0.5"}, "settings is '0.5'; it must be a list", "text for a list"),
    ({"replica_counts": 3}, "replica_counts is 3; it must be a list", "a number for a list"),
    ({"cpu_steps": ["a"]}, "cpu_steps has 'a'; it must be a list of numbers", "text in a list"),
    ({"memory_steps": [None]}, "memory_steps has None; it must be a list", "nothing in a list"),
    ({"memory_steps": [64.5]}, "memory_steps has 64.5; it must be a list of whole", "half a MiB"),
    ({"replica_counts": [True]}, "replica_counts has True", "a truth in a list"),
    ({"cpu_steps": {0.1, 0.5}}, "it must be a list of numbers", "a set, which has no order"),
    ({"settings": [{0.5, 300}]}, "it must be a list of [cpus, memory_mib]", "a set for a pair"),
    ({"early_stop": 0}, "early_stop is 0; it must be True or False", "a number for a truth"),
    ({"early_stop": "no"}, "early_stop is 'no'; it must be True or False", "text for a truth"),
    ({"hold_s": 5}, "there is no parameter 'hold_s'; it is called steady_s now", "an old name"),
    ({"failure_ratio": 0.1}, "it is called error_rate now", "an old name"),
    ({"give_up": False}, "it is called early_stop now", "an old name"),
    ({"cpu_steps": []}, "cpu_steps is []; name some, or leave it out (None)", "no steps of CPU"),
    ({"memory_steps": ()}, "memory_steps is (); name some, or leave it out", "none of memory"),
    ({"settings": []}, "settings is []; name some, or leave it out (None)", "no settings"),
    ({"reference_us": "fast"}, "reference_us is 'fast'; it must be a number", "text"),
    ({"reference_us": 0.0}, "reference_us is 0.0; it must be a number above 0", "no speed"),
    ({"reference_us": float("inf")}, "reference_us is inf; it must be a number above 0", "no end"),
]


@pytest.mark.parametrize(("given", "says", "what"), REFUSED)
def test_an_unknown_name_or_a_wrong_type_is_refused(given, says, what):
    with pytest.raises(QuestionError) as refusal:
        Parameters.from_mapping(given)
    assert says in str(refusal.value), what


def test_a_whole_number_is_taken_for_a_broken_one():
    """`-p steady_s 30` is what people type."""
    assert Parameters.from_mapping({"steady_s": 30}).question.workload.steady_s == 30


def test_lists_of_which_none_is_another_choice_may_be_left_out():
    """None searches in the usual steps; no sizes and no counts are a table without rows."""
    asked = Parameters.from_mapping({"settings": None, "cpu_steps": None, "memory_steps": None})
    assert asked == Parameters()
    assert Parameters.from_mapping({"sizes": [], "replica_counts": []}).scale_out_settings == []


def test_a_notebooks_names_are_checked_and_its_other_names_left_alone():
    """Modules, functions, private names and the kernel's own are nobody's parameter."""
    names = {
        "users": 7,
        "_i1": "users = 7",
        "__name__": "__main__",
        "In": [""],
        "Out": {},
        "Path": Path,
        "pathlib": pytest,
        "check": lambda: None,
    }
    assert Parameters.check(names) == Parameters(users=7)


def test_a_notebooks_misspelt_name_is_refused():
    """papermill would only warn of it and measure something else."""
    with pytest.raises(QuestionError, match="did you mean think_max"):
        Parameters.check({"think_mx": 15})


def test_parameters_become_the_question_target_and_setting():
    asked = Parameters(
        image="shop:1", port=80, health_path="/up", users=10, spawn_rate=2, think_min=1,
        think_max=3, steady_s=9, p95_ms=100, error_rate=0.01, cpus=0.5, memory_mib=64, replicas=2,
    )  # fmt: skip
    workload = Workload(10, 2, (1, 3), 9)
    assert asked.question == Question(workload, SLO(latency_ms=100, error_rate=0.01))
    assert asked.target == Target("shop:1", 80, "/up")
    assert asked.setting == Setting(0.5, 64, 2)


@pytest.mark.parametrize("way", Balancing)
def test_balancing_is_asked_for_by_its_name(way):
    assert Parameters(balancing=way.value).target.balancing is way
    assert Parameters().target.balancing is Balancing.DNS


def test_a_balancing_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(QuestionError, match="one of dns, haproxy, haproxy-roundrobin"):
        _ = Parameters(balancing="nginx").target


def test_values_that_make_no_sense_together_are_refused():
    with pytest.raises(QuestionError, match="think_time_s"):
        _ = Parameters(think_min=9, think_max=3).question


def test_an_slo_longer_than_the_usual_timeout_may_be_asked_for_with_a_longer_one():
    said = Parameters(p95_ms=12_000, timeout_s=20).question
    log_case(
        "mended",
        "p95 above 10 s",
        "p95_ms of 12,000 with a timeout_s of 20",
        f"asked, with {said.workload.timeout_s:g} s until a request has failed",
        said.workload.timeout_s == 20,
        "refused: there is no parameter 'timeout_s'; p95_ms must be below its 10 s",
    )
    assert (said.workload.timeout_s, said.slo.latency_ms) == (20, 12_000)


def test_pairs_become_settings_of_one_replica_in_their_order():
    """The MiB may be written as 300.0, as JSON and YAML readers do."""
    asked = Parameters(settings=[[1, 500], (0.5, 300.0)])
    assert asked.vertical_settings == [Setting(1, 500), Setting(0.5, 300)]
    assert type(asked.vertical_settings[1].memory_mib) is int


def test_every_size_is_asked_with_every_count():
    asked = Parameters(sizes=[[1, 500], [0.5, 300]], replica_counts=[1, 3])
    assert asked.scale_out_settings == [
        Setting(1, 500, 1), Setting(1, 500, 3), Setting(0.5, 300, 1), Setting(0.5, 300, 3),
    ]  # fmt: skip


def test_no_pairs_are_no_settings():
    assert Parameters().vertical_settings == Parameters().scale_out_settings == []


WRONG_PAIRS = [
    ([0.5, 300], "settings has 0.5", "one pair without its list"),
    ([[0.5]], "settings has [0.5]", "no memory"),
    ([[0.5, 300, 3]], "settings has [0.5, 300, 3]", "replicas have their own parameter"),
    (["0.5"], "settings has '0.5'", "text"),
    ([[0.5, 300.5]], "memory_mib is 300.5", "half a MiB"),
    ([[-1, 300]], "cpus is -1", "less than none"),
    ([["1", 300]], "settings has ['1', 300]", "text for CPUs"),
]


@pytest.mark.parametrize(("pairs", "says", "what"), WRONG_PAIRS)
def test_a_pair_that_is_none_is_refused(pairs, says, what):
    with pytest.raises(QuestionError) as refusal:
        _ = Parameters(settings=pairs).vertical_settings
    assert says in str(refusal.value), what


def test_a_count_that_is_no_whole_number_is_refused_when_it_is_given():
    with pytest.raises(QuestionError, match=r"replica_counts has 1\.5; it must be a list of whole"):
        Parameters(replica_counts=[1.5])


@pytest.mark.parametrize(("given", "says", "what"), REFUSED)
def test_a_refusal_is_one_line(given, says, what):
    """A person reads it in a terminal, where pydantic's own would fill the screen."""
    with pytest.raises(QuestionError) as refusal:
        Parameters.from_mapping(given)
    assert "\n" not in str(refusal.value)
    assert "pydantic" not in str(refusal.value)


def test_every_parameter_says_what_it_means_and_belongs_to_a_group():
    told = meanings(Parameters)
    assert list(told) == [field.name for field in fields(Parameters)]
    assert all(meaning.text and meaning.group for meaning in told.values())
    assert str(told["steady_s"]).startswith("s, ")


def test_every_type_a_parameter_has_can_be_told_in_a_refusal():
    for name, field in Parameters.__dataclass_fields__.items():
        with pytest.raises(QuestionError, match=f"{name} is .*; it must be "):
            Parameters.from_mapping({name: object()})
        assert Parameters.from_mapping({name: field.default}) == Parameters()


FOLDERS = [
    ("", RUNS / "report", "the default run"),
    ("mine", RUNS / "mine", "a name"),
    ("v1.2 (new)", RUNS / "v1.2 (new)", "any plain name"),
    ("example", EXAMPLE, "the recorded example"),
]


@pytest.mark.parametrize(("run", "folder", "what"), FOLDERS)
def test_a_run_is_a_folder_of_its_own(run, folder, what):
    assert Parameters(run=run).folder == folder, what


@pytest.mark.parametrize("run", ["../x", "..", ".", "/tmp", "a/b", "a/", ".hidden", "a/../../x"])
def test_a_run_cannot_leave_its_place(run):
    with pytest.raises(QuestionError, match="plain folder name"):
        _ = Parameters(run=run).folder


def test_the_locustfile_is_the_projects_unless_another_is_named(tmp_path, monkeypatch):
    """A relative one is looked for in the project, whatever the notebook's folder."""
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "users.py"
    own.write_text("")
    project = ROOT / "loadtests" / "locustfile.py"
    assert Parameters().locustfile_path == project
    assert Parameters(locustfile="loadtests/locustfile.py").locustfile_path == project
    assert Parameters(locustfile=str(own)).locustfile_path == own


@pytest.mark.parametrize(
    ("locustfile", "said"),
    [("loadtests", "a folder; name the script in it"), ("README.md", r"a Python file, \*\.py")],
)
def test_what_is_no_script_is_refused(locustfile, said):
    with pytest.raises(QuestionError, match=said):
        _ = Parameters(locustfile=locustfile).locustfile_path


def test_options_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "visit.py").touch()
    asked = Parameters(locustfile=str(tmp_path / "visit.py"), script_options="--tags 'a")
    with pytest.raises(QuestionError, match="cannot be read: No closing quotation"):
        _ = asked.script


def test_options_of_no_script_are_refused_and_not_left_out_unsaid():
    with pytest.raises(QuestionError, match="are for a script of yours; name its locustfile"):
        _ = Parameters(script_options="--tags read").script


def test_a_locustfile_that_is_not_there_is_refused():
    with pytest.raises(QuestionError, match=r"locustfile is '.*nowhere\.py'; there is no"):
        _ = Parameters(locustfile="nowhere.py").locustfile_path


def test_runs_and_example_lie_under_data():
    assert parameters.ROOT / "data" == RUNS.parent == EXAMPLE.parent
