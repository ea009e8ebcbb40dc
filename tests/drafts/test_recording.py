"""What a browser recorded becomes what users do: one service's calls, step by step."""

import ast
import json
from urllib.parse import quote

import pytest

from loadtests.drafts.recorded_calls import label, left_out_for
from loadtests.drafts.recording import recorded
from loadtests.drafts.writing import formatted
from loadtests.errors import QuestionError
from tests.drafts.entries import entry, recording

EVIL = '\'"""\nimport os; os.system("true")\n\\'


def text_of(*entries):
    """Return the locustfile of some calls."""
    return recorded(recording(*entries), "visit.har").text


def calls(text):
    """Return the arguments of every call to the service, in order, without headers."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "self.client.request",
            "self.user.rest",
        }:
            named = {word.arg: word.value for word in node.keywords}
            found.append([
                *(ast.literal_eval(argument) for argument in node.args),
                ast.literal_eval(named["name"]),
                *(ast.literal_eval(named[body]) for body in ("json", "data") if body in named),
            ])  # fmt: skip
    return found


def steps(text):
    """Return the names of the tasks."""
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def test_calls_are_made_again_with_path_query_and_body():
    order = {"mimeType": "application/json; charset=utf-8", "text": '{"id": 3, "gift": null}'}
    login = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "user", "value": "a b"}],
    }
    text = text_of(
        entry("https://shop.example/items?page=2#top"),
        entry("https://shop.example/orders", "POST", sent=order, status=201),
        entry("https://shop.example/log-in", "POST", sent=login, kind="text/html"),
    )
    assert calls(text) == [
        ["GET", "/items?page=2", "/items"],
        ["POST", "/orders", "/orders", {"id": 3, "gift": None}],
        ["POST", "/log-in", "/log-in", "user=a+b"],
    ]


def test_users_think_where_the_person_did():
    text = text_of(entry(at_s=0), entry(at_s=0.4), entry(at_s=0.9), entry(at_s=5), entry(at_s=9))
    assert steps(text) == ["step_1", "step_2", "step_3"]


def test_many_steps_stand_in_the_order_of_time():
    order = [
        entry(f"http://shop.example/{word}", at_s=3 * n) for n, word in enumerate("abcdefghijkl")
    ]
    assert [call[1] for call in calls(text_of(*reversed(order)))] == [
        f"/{c}" for c in "abcdefghijkl"
    ]


def test_an_answer_that_was_json_has_to_be_json_again():
    text = text_of(entry(), entry("http://shop.example/page", kind="text/html; charset=utf-8"))
    assert 'self.user.rest("GET", "/items"' in text
    assert 'self.client.request("GET", "/page"' in text


def test_ids_make_no_row_each():
    text = text_of(entry("http://shop.example/items/17"), entry("http://shop.example/items/18"))
    assert {call[2] for call in calls(text)} == {"/items/{id}"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/items/17", "/items/{id}"),
        ("/u/6f1c2f0e-3c5b-4b1e-9a57-0d7b1c1f2a10/pets", "/u/{id}/pets"),
        ("/o/65f1c2f0e3c5b4b1e9a570d7", "/o/{id}"),
        ("/v2/items", "/v2/items"),
        ("/a-long-name-of-a-page-without-numbers", "/a-long-name-of-a-page-without-numbers"),
        ("", "/"),
    ],
)
def test_what_looks_like_an_id_is_left_open(path, name):
    assert label(path) == name


def test_a_path_that_is_called_in_two_ways_is_told_by_them():
    text = text_of(entry(), entry(method="POST", sent={"mimeType": "text/plain", "text": "x"}))
    assert {call[2] for call in calls(text)} == {"GET /items", "POST /items"}


def test_calls_to_other_hosts_are_left_out_and_named():
    visit = recording(
        entry("http://www.example/"), entry(), entry(), entry("http://ads.example/track")
    )
    found = recorded(visit, "visit.har")
    assert (found.host, len(calls(found.text))) == ("shop.example", 2)
    assert "1 to www.example, 1 to ads.example" in " ".join(found.notes)
    other = recorded(visit, "visit.har", "www.example")
    assert calls(other.text) == [["GET", "/", "/"]]


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (entry(), ""),
        (entry(status=304), ""),
        (entry(kind="image/png"), "are pictures, styles, scripts and the like"),
        (entry(kind="text/javascript"), "are pictures, styles, scripts and the like"),
        (entry(_resourceType="font"), "are pictures, styles, scripts and the like"),
        (entry(status=0), "were not answered when they were recorded"),
        (entry(status=404), "failed when they were recorded"),
        (entry(method="OPTIONS"), "only browsers make"),
        (entry("wss://shop.example/live", status=101), "are no HTTP calls"),
        (entry("http://shop.example/led-to"), "follow a redirect, as users do by themselves"),
        (
            entry(method="POST", sent={"mimeType": "multipart/form-data", "params": [{}]}),
            "sent a form or a file that was not recorded",
        ),
    ],
)
def test_what_users_do_not_do_is_left_out(one, why):
    assert left_out_for(one, {"http://shop.example/led-to"}) == why


def test_a_redirect_is_followed_once():
    text = text_of(
        entry("http://shop.example/a", status=302, redirect="/b"), entry("http://shop.example/b")
    )
    assert [call[1] for call in calls(text)] == ["/a"]


def test_secrets_and_what_only_a_browser_sends_are_not_written_down():
    headers = {
        "Authorization": "Bearer S3CRET", "X-CSRF-Token": "S3CRET", "Cookie": "sid=S3CRET",
        "Host": "shop.example", ":authority": "shop.example", "If-None-Match": "S3CRET",
        "Sec-Fetch-Mode": "cors", "Accept": "application/json", "X-Shop": "north",
    }  # fmt: skip
    found = recorded(recording(entry(headers=headers), entry(headers=headers)), "visit.har")
    assert "S3CRET" not in found.text
    assert found.variables == ("AUTHORIZATION", "X_CSRF_TOKEN")
    assert '"authorization": AUTHORIZATION' in found.text
    assert '"x-shop": "north"' in found.text
    assert "shop.example" not in found.text.split('"""')[2]
    assert "sec-fetch" not in found.text


def test_a_secret_in_an_address_is_not_written_down():
    url = "http://shop.example/items?page=2&access_token=S3CRET&sort=a%20b&key=S3CRET"
    found = recorded(recording(entry(url)), "visit.har")
    assert "S3CRET" not in found.text
    assert found.variables == ("ACCESS_TOKEN", "KEY")
    (request,) = (
        node
        for node in ast.walk(ast.parse(found.text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self.user.rest"
    )
    names = {"ACCESS_TOKEN": "a/b", "KEY": "k", "quote": quote}
    address = eval(ast.unparse(request.args[1]), names)
    assert address == "/items?page=2&access_token=a%2Fb&sort=a%20b&key=k"


def test_it_is_as_ruff_formats():
    text = text_of(entry(headers={"X-A": "b"}))
    assert formatted(text) == text


@pytest.mark.parametrize(
    "one",
    [
        entry(headers={"X-A": EVIL}),
        entry(method="POST", sent={"mimeType": "text/plain", "text": EVIL}),
        entry(method="POST", sent={"mimeType": "application/json", "text": json.dumps(EVIL)}),
        entry(method="POST", sent={"mimeType": "application/json", "text": "{" + EVIL}),
        entry(method="POST", sent={"mimeType": "application/json", "text": '{"a": NaN}'}),
        entry(url=f"http://shop.example/{EVIL}"),
        entry(method=EVIL),
    ],
)
def test_no_text_of_a_recording_becomes_code(one):
    text = text_of(one, entry())
    assert "system" not in {
        node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)
    }
    assert len(calls(text)) == 2


def test_what_changes_something_is_kept_and_told():
    found = recorded(recording(entry(method="DELETE")), "visit.har")
    assert "may fail the second time" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("har", "said"),
    [
        ({}, "is no recording: it has no log of entries"),
        ({"log": {}}, "is no recording: it has no log of entries"),
        (recording({}), "is no whole recording: entry 1 has no proper method"),
        (recording(), "is empty: nothing was recorded"),
        (recording(entry(status=500)), "has nothing that can be done again: 1 that failed when"),
    ],
)
def test_a_file_that_is_no_use_is_refused_in_one_sentence(har, said):
    with pytest.raises(QuestionError, match=f"^visit.har {said}"):
        recorded(har, "visit.har")


def test_a_host_that_was_not_called_is_told_with_those_that_were():
    with pytest.raises(QuestionError, match=r"no calls to api\.example .* some to shop\.example"):
        recorded(recording(entry()), "visit.har", "api.example")
