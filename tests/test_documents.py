"""What is written of the project is true: columns, targets, parameters, links, notebooks."""

import ast
import csv
import gzip
import io
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import nbformat
import pytest

from loadtests import record
from loadtests.analysis import machine_table
from loadtests.analysis.answer import Effort, build
from loadtests.analysis.evidence import Skipped
from loadtests.analysis.searches import SEARCHES
from loadtests.analysis.searches_table import (
    SEARCHES_CSV,
    TRIALS_CSV,
    SearchLine,
    TrialLine,
    read_lines,
)
from loadtests.bench.sampler import Sample
from loadtests.jobs import peers, repeatability
from loadtests.jobs.example import answer_paragraph
from loadtests.peers.generator import GENERATOR
from loadtests.peers.measurement import Measurement
from loadtests.peers.service import SERVICE
from loadtests.question import Question, Setting
from loadtests.record import GENERATOR_COLUMNS
from loadtests.studies import frames
from loadtests.studies.parameters import Parameters
from loadtests.studies.plan import plan_fields
from loadtests.studies.study import read_study
from loadtests.verdicts import Verdict
from tests.analysis.plans import plan
from tests.analysis.records import HOST, evidence, row, write

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DATA_README = (ROOT / "data" / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
EXAMPLE = ROOT / "data" / "example"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LINE_LIMIT = 15


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next of its rank or above."""
    marks = heading.split(" ", maxsplit=1)[0]
    body = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(marks)}}} ", body, maxsplit=1)[0]


def first_column(text: str) -> list[str]:
    """Return the names in the first column of a table of columns."""
    return re.findall(r"^\| `([a-z0-9_.]+)` \|", text, re.MULTILINE)


def assigned(path: str, name: str) -> list[str]:
    """Return a constant of a module that must not be imported here, as written in its source."""
    for statement in ast.parse((ROOT / path).read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return [*ast.literal_eval(statement.value)]
    pytest.fail(f"{path} has no {name}")


# --- data/README.md

COLUMNS = {
    record.REQUESTS_CSV: assigned("loadtests/generator/journal.py", "COLUMNS"),
    record.DOCKER_STATS_CSV: ["time_s", *(f.name for f in fields(Sample) if f.name != "wall_s")],
    record.GENERATOR_CSV: GENERATOR_COLUMNS,
    record.HOST_CSV: record.HOST_COLUMNS,
}


@pytest.mark.parametrize(("name", "columns"), COLUMNS.items())
def test_the_dictionary_has_the_columns_that_are_written_in_their_order(name, columns):
    assert first_column(section(DATA_README, f"### {name}")) == columns


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_of_a_record_is_in_the_dictionary(name, tmp_path):
    """Of a record as the analysis reads it, and of the recorded example where there is one."""
    written = write(evidence(), tmp_path)
    for folder in (written, *EXAMPLE.glob("trials/*")):
        content = (folder / name).read_bytes()
        text = gzip.decompress(content) if name.endswith(".gz") else content
        header = next(csv.reader(io.StringIO(text.decode())))
        assert set(header) <= set(first_column(section(DATA_README, f"### {name}"))), folder


def test_the_seconds_of_workers_have_the_columns_of_the_dictionary():
    """Their number, then those of the load as a whole, and those of a machine."""
    own = first_column(section(DATA_README, f"### {record.WORKERS_CSV}"))
    of_machine = record.HOST_COLUMNS[1:]
    assert [*own, *GENERATOR_COLUMNS, *of_machine] == record.WORKER_COLUMNS


def test_the_table_that_notebooks_hand_on_has_the_columns_of_the_dictionary():
    told = section(DATA_README, "## A table of trials: `to_frame()`")
    assert first_column(told) == [*frames.COLUMNS]


@pytest.mark.parametrize(("name", "line"), [(SEARCHES_CSV, SearchLine), (TRIALS_CSV, TrialLine)])
def test_what_is_kept_of_ten_searches_has_the_columns_of_the_dictionary(name, line):
    assert first_column(section(DATA_README, f"## {name}")) == [f.name for f in fields(line)]


def test_what_is_kept_of_trials_beside_neighbours_has_the_columns_of_the_dictionary(tmp_path):
    pinned = tmp_path / "pinned.csv"
    pinned.write_text("0.5,0,300.0\n")
    kept = repeatability.row(evidence(), repeatability.Turn(Setting(1, 300), "nobody", 0), pinned)
    assert first_column(section(DATA_README, f"## {repeatability.TABLE.name}")) == [*kept]


def test_what_is_kept_of_peers_has_the_columns_of_the_dictionary():
    own = first_column(section(DATA_README, "### measurements"))
    assert own == [field.name for field in fields(Measurement)]
    told = first_column(section(DATA_README, "### figures of services"))
    assert sorted(told) == sorted(figure.key for figure in SERVICE.figures)
    told = first_column(section(DATA_README, "### figures of load generators"))
    assert sorted(told) == sorted(figure.key for figure in GENERATOR.figures)


def test_the_penguins_have_the_columns_of_the_dictionary():
    with (ROOT / "data" / "penguins.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert first_column(section(DATA_README, "## penguins.csv")) == list(rows[0])
    assert f"of {len(rows)} adult penguins" in DATA_README


def test_a_table_of_machines_has_the_columns_of_the_dictionary():
    assert tuple(first_column(section(DATA_README, "## machines.csv"))) == machine_table.COLUMNS


def test_every_key_of_a_plan_in_answer_json_is_described():
    told = section(DATA_README, "## answer.json")
    found = plan_fields(plan())
    keys = {*found, *found["targets"][0], *found["cpu_ms_per_request"]}
    assert [key for key in keys if f"`{key}`" not in told] == []


def test_every_outcome_the_generator_names_is_in_the_dictionary():
    source = (ROOT / "loadtests" / "generator" / "outcome.py").read_text()
    named = {
        word
        for table in ("_BY_ERRNO", "_BY_NAME")
        for word in re.findall(r': "([a-z_]+)"', source.split(f"{table} = {{")[1].split("}")[0])
    }
    constants = set(re.findall(r'^[A-Z]+ = "([a-z]+)"', source, re.MULTILINE))
    assert {"ok", "timeout", "reset", "emfile"} <= named | constants
    told = section(DATA_README, f"### {record.REQUESTS_CSV}")
    assert [word for word in named | constants if f"`{word}`" not in told] == []


def test_every_key_of_answer_json_is_described():
    skipped = [Skipped(Setting(4.0, 500), "the host has 2 CPUs")]
    rows = [row(0.5, 300, verdict=Verdict.FAILS), row(1, 300)]
    answer = build(Question(), rows, skipped, Effort(), HOST, {})
    told = section(DATA_README, "## answer.json")
    inner = {
        *answer["question"], *answer["question"]["objective"], *answer["minimum"],
        *answer["vertical"][0], *answer["effort"], *answer["fails_below"],
    }  # fmt: skip
    inner -= {"memory_mib"} & set(answer["fails_below"])
    assert [key for key in {*answer, *inner} if f"`{key}`" not in told] == []


# --- README.md and the Makefile


def targets() -> set[str]:
    """Return every target that `make help` lists."""
    return set(re.findall(r"^([a-z0-9-]+):.*##", MAKEFILE, re.MULTILINE))


def variables() -> set[str]:
    """Return every variable a person may give, of the Makefile and of the compose files."""
    files = ("docker-compose.yaml", "loadtests/docker-compose.locust.yaml")
    compose = "".join((ROOT / file).read_text() for file in files)
    own = re.findall(r"^([A-Z_0-9]+) \??=", MAKEFILE, re.MULTILINE)
    return {*own, *handed_on(), *re.findall(r"\$\{([A-Z_]+):-", compose)}


def handed_on() -> set[str]:
    """Return every variable that make hands on to the notebooks."""
    listed = re.search(r"^PARAMETERS = ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert listed is not None
    return set(listed[1].replace("\\\n", " ").split())


def commands(text: str) -> list[str]:
    """Return every make command in a text's code, joined over its lines."""
    code = "\n".join(re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL))
    inline = re.findall(r"`(make [^`]*)`", text)
    return re.findall(r"^make ([^#\n]*)", "\n".join([code.replace("\\\n", " "), *inline]), re.M)


def test_every_target_is_listed_and_none_is_a_file():
    phony = {name for line in re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
             for name in line.split()}  # fmt: skip
    assert targets() == phony


def test_what_waits_for_programs_or_containers_is_marked_so_where_make_looks_for_it():
    """It hands pytest the files that have the mark, so a helper that marks would hide its tests."""
    marks = re.compile(r"\bmark\.(docker|browser|waits|alone)\b")
    helpers = [path for path in (ROOT / "tests").rglob("*.py") if not path.match("test_*.py")]
    assert [path.name for path in helpers if marks.search(path.read_text())] == []


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", "data/README.md", "service/README.md"]
)
def test_every_make_command_in_a_document_exists(document):
    found = commands((ROOT / document).read_text())
    for command in found:
        words = re.sub(r'"[^"]*"', "x", command).split()
        assert words[0] in targets(), command
        given = {word.split("=")[0] for word in words if re.match(r"[A-Z_0-9]+=", word)}
        assert given <= variables() | {"ENV"}, command


def test_the_readme_has_the_commands_that_matter():
    assert {"report", "test", "demo"} <= {command.split()[0] for command in commands(README)}


def test_the_readmes_parameters_are_those_of_the_makefile_and_the_notebooks():
    table = section(README, "### Parameters").split("| parameter |")[1]
    told = {name for line in table.splitlines() if line.startswith("| `")
            for name in re.findall(r"`([A-Z][A-Z_0-9]+)`", line.split("|")[1])}  # fmt: skip
    assert told == handed_on()
    assert {name.lower() for name in told} == {field.name for field in fields(Parameters)}
    assert "$(foreach name,$(PARAMETERS),$(eval $(name) =))" in MAKEFILE, "would read the shell's"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("`USERS`, `SPAWN_RATE`", ("users", "spawn_rate")),
        ("`THINK_MIN`, `THINK_MAX`", ("think_min", "think_max")),
        ("`STEADY_S`", ("steady_s",)),
        ("`P95_MS`, `ERROR_RATE`", ("p95_ms", "error_rate")),
    ],
)
def test_the_defaults_in_the_readme_are_the_defaults(name, field):
    told = re.search(rf"^\| {name} \| ([^|]+) \|", README, re.MULTILINE)
    assert told is not None
    assert [float(number) for number in told[1].split(",")] == [
        getattr(Parameters(), one) for one in field
    ]


@pytest.mark.parametrize("half", [half for half, _ in peers.HALVES.values()], ids=lambda h: h.name)
def test_the_readmes_table_of_peers_is_what_was_measured_of_them(half):
    assert half.put_into(README, ROOT / "data" / "peers") == README


# --- links

DOCUMENTS = [
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md", "service/README.md",
    "docs/mlrsearch.md", "docs/repeatability.md", "docs/upstream/geventhttpclient-descriptors.md",
]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_are_there(document):
    """Those into the recorded example once it is recorded."""
    path = ROOT / document
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
    for link in links:
        if re.match(r"https?://", link):
            continue
        there = (path.parent / link).resolve()
        if there.is_relative_to(EXAMPLE) and not EXAMPLE.exists():
            continue
        assert there.exists(), link


# --- CONTRIBUTING.md

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
STEPS = re.findall(r"^\| `([\w/]+\.py)` \| `(\w+)` \|", CONTRIBUTING, re.MULTILINE)


def test_every_path_in_contributing_is_there():
    named = re.findall(r"`([\w.-]+(?:/[\w.-]*)+|[\w.]+\.(?:py|toml|md))`", CONTRIBUTING)
    assert len(set(named)) > 30
    made_by_a_run = {"answer.json", "__init__.py"}
    assert [
        name for name in named if not (ROOT / name).exists() and name not in made_by_a_run
    ] == []


@pytest.mark.parametrize(("path", "name"), STEPS, ids=lambda text: text.split("/")[-1])
def test_every_step_of_a_setting_and_of_a_latency_is_where_contributing_says(path, name):
    found = [
        node.name
        for node in ast.parse((ROOT / path).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    assert name in found


def test_the_floors_in_contributing_are_those_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = [c["layers"] for c in contracts["contracts"] if c["type"] == "layers"]
    held = {
        (floor, room)
        for floor, layer in enumerate(layers, 1)
        for room in layer.split(" | ")
        if room != "locustfile"  # its program is the generator's
    }
    table = re.findall(r"^\| (\d) \| `loadtests/(\w+)(?:/|\.py)` \|", CONTRIBUTING, re.MULTILINE)
    assert {(int(floor), room) for floor, room in table} == held


# --- what is claimed

TRUST = (ROOT / "docs" / "trust.md").read_text()
REPEATABILITY = (ROOT / "docs" / "repeatability.md").read_text()
STRATEGIES = (ROOT / "docs" / "strategies.md").read_text()
MLRSEARCH = (ROOT / "docs" / "mlrsearch.md").read_text()
PROSE = {
    "README.md": README,
    "CONTRIBUTING.md": CONTRIBUTING,
    "data/README.md": DATA_README,
    "docs/strategies.md": STRATEGIES,
    "docs/mlrsearch.md": MLRSEARCH,
    "docs/trust.md": TRUST,
    "docs/repeatability.md": REPEATABILITY,
    **{
        path.name: "\n\n".join(
            cell.source
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "markdown"
        )
        for path in NOTEBOOKS
    },
}
# Words of this project for which load testing has better ones, and claims no measurement bears.
LEFT = (
    "cold trial", "killed for memory", "stolen CPU", "luck", "ceiling", "give up", "given up",
    "hold window", "settling", "takes away", "proof", "prove", "proves", "proven",
)  # fmt: skip


@pytest.mark.parametrize("document", PROSE)
def test_that_more_never_makes_it_worse_is_called_an_assumption(document):
    """The recorded grid contradicts it once, and so do services that size workers by the limit."""
    for paragraph in re.split(r"\n\s*\n", PROSE[document]):
        plain = " ".join(paragraph.split())
        if re.search(r"never makes? (a service|it) (worse|better)", plain):
            assert "assum" in plain.lower(), plain


@pytest.mark.parametrize("document", PROSE)
def test_prose_speaks_the_fields_words_and_proves_nothing(document):
    plain = re.sub(r"`[^`]*`", "", PROSE[document])  # names in files stay as they are
    assert [word for word in LEFT if re.search(rf"\b{word}\b", plain, re.IGNORECASE)] == []


def test_what_the_readme_says_of_the_search_is_what_the_comparison_found():
    """Trials, how often it is right and in what share of the full grid's time, beside a rival."""
    part = STRATEGIES.split("### Usual noise, the CPU drifts")[1].split("###")[0]
    head, _, *lines = [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    rows = {cells[0]: dict(zip(head, cells, strict=True)) for cells in lines}
    ours, rival = rows["ours"], rows["binary per axis"]
    told = " ".join(README.split())
    assert f"it took {ours['trials']} trials on average and {ours['most trials']} at most" in told
    for found, who in ((ours, "it was right"), (rival, "rival (binary search on each axis)")):
        right = found["right (95% interval)"].split()[0]
        assert re.search(rf"{re.escape(who)} on {right} .*in {found['of the full grid']}", told)
    services = re.search(r"(\d+) invented services", STRATEGIES)
    assert services is not None
    assert f"{services[1]} simulated services" in told
    assert "against ten other searches" in told
    assert len(rows) == 11
    assert "In time, the nearest is binary per axis" in STRATEGIES


def test_the_ten_searches_answered_as_told():
    found = read_lines(ROOT / "data" / SEARCHES_CSV, SearchLine)
    assert len(found) == SEARCHES
    (least,) = {(line.least_cpus, line.least_memory_mib) for line in found}
    (deployed,) = {(line.deploy_cpus, line.deploy_memory_mib) for line in found}
    assert {line.deploy_verdict for line in found} == {Verdict.HOLDS}
    told = " ".join(README.split())
    assert f"all ten answered with {least[0]:g} CPU / {least[1]} MiB" in told
    assert f"the size to deploy, {deployed[0]:g} CPU / {deployed[1]} MiB, held after each" in told


def test_the_page_on_the_rfc_names_parameters_and_constants_that_are_there():
    source = "".join(path.read_text() for path in (ROOT / "loadtests").rglob("*.py"))
    constants = set(re.findall(r"^([A-Z][A-Z_]+) = ", source, re.MULTILINE))
    named = set(re.findall(r"`([A-Z][A-Z0-9_]+)(?:=\w+)?`", MLRSEARCH))
    assert {"FIND", "STEADY_S", "TRIALS_PER_SETTING"} <= named <= handed_on() | constants


# --- notebooks


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    """Each committed notebook."""
    return nbformat.read(request.param, as_version=4)


def of_kind(notebook, kind):
    """Return a notebook's cells of one kind."""
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def is_parameters(cell):
    """Say whether papermill puts its values after this cell."""
    return "parameters" in cell.metadata.get("tags", [])


def test_a_notebook_is_committed_without_outputs(notebook):
    for cell in of_kind(notebook, "code"):
        assert (cell.outputs, cell.execution_count) == ([], None)


def test_a_notebook_has_one_cell_of_parameters_of_literals_with_a_comment_each(notebook):
    """papermill prints the comments, and writes its values after this cell."""
    cell, *others = filter(is_parameters, notebook.cells)
    assert others == []
    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)
        assert "  # " in cell.source.splitlines()[statement.lineno - 1]


def test_a_notebook_begins_with_a_title_and_its_parameters_come_before_its_imports(notebook):
    assert notebook.cells[0].source.startswith("# ")
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert is_parameters(first)


def test_a_notebook_has_only_short_cells(notebook):
    """What needs more lines is logic, and belongs in a module."""
    for cell in of_kind(notebook, "code"):
        imports = cell.source.startswith(("from ", "import "))
        if not (is_parameters(cell) or imports):
            assert len(cell.source.splitlines()) <= LINE_LIMIT, cell.source


def test_a_notebook_has_no_logic_of_its_own(notebook):
    """Neither functions and classes nor tries stand in it."""
    for cell in of_kind(notebook, "code"):
        code = "\n".join(line for line in cell.source.splitlines() if line[:1] not in "%!")
        banned = (ast.FunctionDef, ast.ClassDef, ast.Try, ast.While)
        assert [node for node in ast.walk(ast.parse(code)) if isinstance(node, banned)] == []


def test_the_readme_names_every_notebook():
    for path in NOTEBOOKS:
        assert f"(notebooks/{path.name})" in README


def test_the_next_notebook_that_a_notebook_names_is_there(notebook):
    text = "\n".join(cell.source for cell in of_kind(notebook, "markdown"))
    for link in re.findall(r"\]\(([^)]+\.ipynb)\)", text):
        assert (ROOT / "notebooks" / link).exists(), link


def test_the_recorded_example_is_an_answer_where_there_is_one():
    """What the README shows of it comes from its records."""
    marked = re.search(r"<!-- answer: .* -->\n(.*)<!-- /answer -->", README, re.DOTALL)
    assert marked is not None
    if EXAMPLE.exists():
        answer = json.loads((EXAMPLE / "answer.json").read_text())
        assert f"{answer['question']['users']:,} users" in marked[1]
        assert marked[1] == answer_paragraph(read_study(EXAMPLE))
        assert (EXAMPLE / "report.html").exists()
        assert (EXAMPLE / "answer.png").exists()
