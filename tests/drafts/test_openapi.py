"""Which operations users call, how often, and with what; and what is left out, and why."""

import re
from pathlib import Path

import pytest

from loadtests.drafts.openapi import draft_of
from loadtests.drafts.source import parse, read_text
from loadtests.errors import QuestionError

SHOP = Path(__file__).parent / "documents" / "shop.yaml"
SOURCE = "http://shop.example/docs/openapi.json"


@pytest.fixture(scope="module")
def shop():
    """The calls of a document of every kind of thing, by method and path."""
    draft = draft_of(parse(read_text(str(SHOP)), "shop"), "shop")
    return {f"{call.method} {call.template}": call for call in draft.calls}


def drafted(*, source=SOURCE, openapi="3.1.0", **document):
    """Return the only call of a document."""
    (call,) = draft_of({"openapi": openapi, **document}, source).calls
    return call


def path(method="get", name="/items", **operation):
    """Return the paths of a document with one operation."""
    return {name: {method: {"responses": {}, **operation}}}


def test_what_is_looked_at_is_called_more_often_than_what_is_written(shop):
    assert shop["GET /api/v2/items"].weight > shop["POST /api/v2/items"].weight


def test_what_is_required_is_sent_and_of_the_rest_what_has_an_example(shop):
    call = shop["GET /api/v2/items"]
    assert call.url == "/api/v2/items?limit=50&colour=blue&tags=a+b"
    assert set(call.headers) == {"X-Trace"}


def test_a_path_is_filled_in_where_the_document_says_with_what(shop):
    call = shop["GET /api/v2/colours/{colour}/items/{day}"]
    assert (call.url, call.left_out) == ("/api/v2/colours/light%20blue/items/2026-02-03", "")


def test_a_body_is_valid_by_its_schema(shop):
    assert shop["POST /api/v2/items"].body["json"] == {
        "name": "nameee", "price": 25, "kind": "book", "code": "YN-487", "stars": 4,
        "made": "2026-01-15T12:00:00Z", "sizes": [1, 2],
        "owner": {"email": "user@example.com",
                  "friends": [{"email": "user@example.com", "friends": []}]},
    }  # fmt: skip


def test_a_form_is_sent_as_one(shop):
    call = shop["POST /api/v2/log-in"]
    assert call.body == {"data": "user=user&day=2026-01-15"}
    assert call.headers == {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("GET /api/v2/items/{item_id}", "needs item_id that the service knows"),
        ("PUT /api/v2/items/{item_id}", "replaces what is there"),
        ("DELETE /api/v2/items/{item_id}", "deletes what is there"),
        ("GET /api/v2/old", "is deprecated"),
        ("POST /api/v2/pictures", "body is multipart/form-data, of which .* no example"),
        ("GET /api/v2/certified", r"asks for certificate \(mutualTLS\), by no header"),
        ("POST /api/v2/elsewhere", "refers to other.yaml#/Item, which is outside"),
        ("GET /api/v2/healthz", "asked by orchestrators and monitoring"),
    ],
)
def test_what_cannot_be_called_blindly_is_left_out_with_the_reason(shop, name, why):
    assert re.search(why, shop[name].left_out)


def test_what_only_sounds_like_a_health_check_is_called(shop):
    assert shop["GET /api/v2/health-insurance"].left_out == ""


@pytest.mark.parametrize(
    "name", ["/health", "/api/v1/healthz", "/ready", "/metrics", "/actuator/health/liveness", "/"]
)
def test_a_service_that_has_nothing_but_a_probe_is_asked_that(name):
    assert drafted(paths=path(name=name)).left_out == ""


@pytest.mark.parametrize(
    ("servers", "template"),
    [
        ([], "/items"),
        ([{"url": "/"}], "/items"),
        ([{"url": "https://other.example/v1/"}], "/v1/items"),
        ([{"url": "/v1"}, {"url": "/v2"}], "/v1/items"),
        ([{"url": "../v3"}], "/v3/items"),
        ([{"url": "{base}", "variables": {"base": {"default": "/v4"}}}], "/v4/items"),
    ],
)
def test_paths_lie_below_the_first_server_that_is_named(servers, template):
    assert drafted(servers=servers, paths=path()).template == template


def test_the_server_of_an_operation_comes_before_that_of_the_document():
    one = path(servers=[{"url": "/own"}])
    assert drafted(servers=[{"url": "/all"}], paths=one).template == "/own/items"


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        ({"schema": {"type": "array", "items": {"enum": ["a"]}, "minItems": 2}}, "?q=a&q=a"),
        ({"schema": {"enum": [["a", "b"]]}, "explode": False}, "?q=a%2Cb"),
        ({"schema": {"enum": [["a", "b"]]}, "style": "pipeDelimited"}, "?q=a%7Cb"),
        ({"schema": {"const": {"a": 1}}, "style": "deepObject"}, "?q%5Ba%5D=1"),
        ({"schema": {"const": {"a": 1}}}, "?a=1"),
        ({"schema": {"type": "boolean"}}, "?q=false"),
        ({"content": {"text/json": {"schema": {"const": [1]}}}}, "?q=%5B1%5D"),
        ({"schema": {"type": "string"}, "examples": {"one": {"value": "é"}}}, "?q=%C3%A9"),
    ],
)  # fmt: skip
def test_a_query_is_written_in_the_style_it_has(parameter, query):
    given = [{"name": "q", "in": "query", "required": True, **parameter}]
    assert drafted(paths=path(parameters=given)).url == f"/items{query}"


def test_an_operations_own_parameter_stands_for_that_of_its_path():
    paths = path(parameters=[{"name": "q", "in": "query", "required": True, "example": "own"}])
    paths["/items"]["parameters"] = [
        {"name": "q", "in": "query", "required": True, "example": "path"}
    ]
    assert drafted(paths=paths).url == "/items?q=own"


@pytest.mark.parametrize(
    ("scheme", "header", "form"),
    [
        ({"type": "http", "scheme": "Bearer"}, "Authorization", "Bearer {}"),
        ({"type": "oauth2", "flows": {}}, "Authorization", "Bearer {}"),
        ({"type": "http", "scheme": "basic"}, "Authorization", "Basic {}"),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "X-Key", "{}"),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "Cookie", "sid={}"),
    ],
)
def test_a_log_in_becomes_a_header_whose_value_is_nowhere(scheme, header, form):
    call = drafted(
        paths=path(security=[{"MyLogIn": []}]), components={"securitySchemes": {"MyLogIn": scheme}}
    )
    (credential,) = call.credentials
    assert (credential.variable, credential.field, credential.form) == ("MY_LOG_IN", header, form)


def test_where_one_may_come_without_a_log_in_one_does():
    keyed = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    call = drafted(paths=path(security=[{"key": []}, {}]), components=keyed)
    assert call.credentials == ()


def test_where_there_are_several_ways_in_one_that_a_header_can_go_is_taken():
    schemes = {"a": {"type": "mutualTLS"}, "b": {"type": "http", "scheme": "bearer"}}
    call = drafted(
        paths=path(security=[{"a": []}, {"b": []}]), components={"securitySchemes": schemes}
    )
    assert (call.left_out, call.credentials[0].variable) == ("", "B")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"swagger": "2.0", "paths": path()}, "is of Swagger 2.0; convert it to OpenAPI 3 first"),
        ({"paths": path()}, "is no OpenAPI document: it names no version"),
        ({"openapi": "4.0.0", "paths": path()}, "is of OpenAPI 4.0.0; 3.0 and 3.1 are understood"),
        ({"openapi": "3.1.0"}, "names no operation: its paths are empty"),
        ({"openapi": "3.1.0", "paths": {}}, "names no operation: its paths are empty"),
        ({"openapi": "3.1.0", "paths": None}, "names no operation: its paths are empty"),
        ({"openapi": "3.1.0", "paths": {"/a": None}}, "names no operation: its paths are empty"),
        ({"openapi": "3.1.0", "paths": ["/a"]}, "has paths that are no object"),
    ],
)
def test_a_document_that_is_no_use_is_refused_in_one_sentence(document, said):
    with pytest.raises(QuestionError, match=f"^shop.json {said}"):
        draft_of(document, "shop.json")


@pytest.mark.parametrize(
    "server", [None, 1, {"url": "http://["}, {"variables": "x"}, {"variables": {"a": "b"}}]
)
def test_a_server_that_is_malformed_is_none(server):
    assert drafted(servers=[server], paths=path()).template == "/items"


def test_a_parameter_that_its_path_has_not_is_let_be():
    stray = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    assert drafted(paths=path(parameters=stray)).left_out == ""


@pytest.mark.parametrize(
    "operation",
    [{"parameters": [{"in": "query"}]}, {"parameters": ["q"]}, {"requestBody": {"content": "x"}}],
)
def test_an_operation_that_is_malformed_is_left_out_by_itself(operation):
    paths = {**path(**operation), "/good": path()["/items"]}
    bad, good = draft_of({"openapi": "3.1.0", "paths": paths}, "x").calls
    assert "is not described as OpenAPI asks for" in bad.left_out
    assert good.left_out == ""
