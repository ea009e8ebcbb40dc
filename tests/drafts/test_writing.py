"""A drafted locustfile is code, in one format, and no text of the document becomes code in it."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.drafts.draft import Call, Credential, Draft
from loadtests.drafts.openapi import draft_of
from loadtests.drafts.source import parse, read_text
from loadtests.drafts.writing import formatted, locustfile, plain
from loadtests.errors import AguantaError

SHOP = Path(__file__).parent / "documents" / "shop.yaml"
LOOK = Call("GET", "/items", "/items")
TOKEN = Credential("TOKEN", "Authorization", "Bearer {}")
BASIC = Credential("LOG_IN", "Authorization", "Basic {}")
EVIL = 'x"""\nimport os; os.system("true")\n\'\'\'\\'


def text_of(*calls, title="Shop", source="openapi.json"):
    """Return the locustfile of some calls."""
    return locustfile(Draft(title, source, calls))


def functions(text):
    """Return the names of the tasks that are active in a locustfile."""
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def test_it_is_written_the_same_every_time_and_as_ruff_formats():
    drafts = [locustfile(draft_of(parse(read_text(str(SHOP)), "x"), "x")) for _ in range(2)]
    assert drafts[0] == drafts[1] == formatted(drafts[0])
    assert all(len(line) <= 100 for line in drafts[0].splitlines())


def test_every_call_is_told_by_its_path_and_by_its_method_where_a_path_has_several():
    text = text_of(LOOK, replace(LOOK, method="POST"), replace(LOOK, template="/a/{b}"))
    names = [line.strip(" ,") for line in text.replace(", ", ",\n").splitlines() if "name=" in line]
    assert [name.rstrip(")") for name in names] == [
        'name="GET /items"',
        'name="POST /items"',
        'name="/a/{b}"',
    ]


def test_what_is_left_out_stands_in_it_ready_to_be_taken_in():
    left = replace(
        LOOK, method="DELETE", template="/items/{id}", url="/items/{id}", left_out="it deletes"
    )
    text = text_of(LOOK, left)
    assert functions(text) == ["get_items"]
    assert "    # Left out: it deletes.\n    # @task(1)\n" in text
    taken_in = text.replace("    # ", "    ").replace("    Left out: it deletes.\n", "")
    assert functions(taken_in) == ["get_items", "delete_items_id"]


def test_a_draft_in_which_nothing_is_called_is_code_too():
    assert functions(text_of(replace(LOOK, left_out="it is deprecated"))) == []


def test_a_secret_comes_from_outside():
    text = text_of(replace(LOOK, credentials=(TOKEN,)))
    assert 'TOKEN = secret("TOKEN")' in text
    assert 'headers={"Authorization": "Bearer " + TOKEN}' in text


def test_a_user_and_password_are_encoded():
    text = text_of(replace(LOOK, credentials=(BASIC,)))
    assert "from base64 import b64encode" in text
    assert 'LOG_IN = b64encode(secret("LOG_IN").encode()).decode()  # it is user:password' in text


def test_a_secret_of_calls_that_are_left_out_is_not_asked_for():
    text = text_of(LOOK, replace(LOOK, credentials=(TOKEN,), left_out="it is deprecated"))
    assert '\n# TOKEN = secret("TOKEN")' in text


@pytest.mark.parametrize(
    "call",
    [
        replace(LOOK, summary=EVIL),
        replace(LOOK, left_out=EVIL),
        replace(LOOK, template=f"/{EVIL}", url=f"/{EVIL}"),
        replace(LOOK, headers={EVIL: EVIL}),
        replace(LOOK, body={"json": {EVIL: [EVIL, None, True]}}),
        replace(LOOK, credentials=(replace(TOKEN, field=EVIL, form=EVIL + "{}"),)),
    ],
)
def test_no_text_of_the_document_becomes_code(call):
    for text in (text_of(LOOK, call), text_of(call, title=EVIL, source=EVIL)):
        calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        assert "system" not in {f.attr for f in calls if isinstance(f, ast.Attribute)}
        imports = [node for node in ast.parse(text).body if isinstance(node, ast.Import)]
        assert len(imports) == (1 if call.credentials else 0)


def test_two_calls_never_have_one_function():
    paths = ["/a", "/a/", "/a_2", "/a-2", "/{a}"]
    text = text_of(*(replace(LOOK, template=path) for path in paths))
    assert len(functions(text)) == len(set(functions(text))) == len(paths)


def test_text_is_made_plain_and_short():
    assert plain('  a\n\tb\u2028\x00c "quoted" \\ ') == "a b c quoted"
    assert plain("word " * 50, 20) == "word word word word…"


def test_what_is_no_code_is_told():
    with pytest.raises(AguantaError, match="the locustfile could not be written"):
        formatted("def (")
