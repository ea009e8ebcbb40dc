"""What the application answers, and what it refuses."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.ensemble import RandomForestClassifier
from starlette.testclient import TestClient

from service.app import BODY_LIMIT_BYTES, PROBLEM_LIMIT, create_app
from service.model import FEATURES, ModelFileError
from service.settings import Settings
from service.training import Exported, Penguins

JSON = {"content-type": "application/json"}
PENGUIN = {
    "bill_length_mm": 39.1,
    "bill_depth_mm": 18.7,
    "flipper_length_mm": 181,
    "body_mass_g": 3750,
}
BODY = json.dumps(PENGUIN).encode()
RANGES = {
    "bill_length_mm": (20, 80),
    "bill_depth_mm": (8, 30),
    "flipper_length_mm": (120, 300),
    "body_mass_g": (1500, 9000),
}


def with_mass(literal: str) -> bytes:
    """Return the body of a penguin whose body mass is the given JSON, valid or not."""
    return BODY.replace(b"3750", literal.encode())


def refused(client: TestClient, body: bytes, headers: dict[str, str] = JSON) -> dict[str, Any]:
    """Return the first thing wrong with a body, after checking the form of the whole answer."""
    response = client.post("/predict/", content=body, headers=headers)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/json"
    detail = json.loads(response.content, parse_constant=pytest.fail)["detail"]
    assert all(set(problem) == {"loc", "msg", "type"} for problem in detail)
    first: dict[str, Any] = detail[0]
    return first


# --- answers


@pytest.mark.parametrize(
    ("measurements", "sex"),
    [
        pytest.param((36.0, 17.0, 185, 3300), "FEMALE", id="a light Adelie is a female"),
        pytest.param((40.5, 19.5, 192, 4300), "MALE", id="a heavy Adelie is a male"),
        pytest.param((45.5, 14.2, 212, 4600), "FEMALE", id="a light Gentoo is a female"),
        pytest.param((50.0, 16.0, 225, 5700), "MALE", id="a heavy Gentoo is a male"),
    ],
)
def test_tells_the_sex(
    client: TestClient, exported: Exported, measurements: tuple[float, ...], sex: str
) -> None:
    """The answer is the sex, how sure the forest is, and which model said so."""
    response = client.post("/predict/", json=dict(zip(FEATURES, measurements, strict=True)))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert answer["prediction"] == sex
    assert 0.5 <= answer["probability"] <= 1
    assert answer["model_version"] == exported.description["version"]


def test_answers_as_the_forest_does_for_every_penguin(
    client: TestClient, penguins: Penguins, forest: RandomForestClassifier
) -> None:
    """Neither the order of the fields nor that of the classes is mixed up on the way."""
    rows = penguins.features.to_dict("records")
    answers = [client.post("/predict/", json=dict(reversed(row.items()))).json() for row in rows]
    assert [a["prediction"] for a in answers] == forest.predict(penguins.features).tolist()
    sure = forest.predict_proba(penguins.features).max(axis=1)
    assert [a["probability"] for a in answers] == pytest.approx(sure, abs=1e-4)


def test_the_sklearn_engine_answers_the_same(client: TestClient, model_dir: Path) -> None:
    """MODEL_ENGINE changes the cost of an answer, not the answer."""
    with TestClient(create_app(Settings("sklearn", model_dir))) as original:
        assert original.get("/health").json()["engine"] == "sklearn"
        expected = client.post("/predict/", json=PENGUIN).json()
        assert original.post("/predict/", json=PENGUIN).json() == expected


@pytest.mark.parametrize("field", FEATURES)
@pytest.mark.parametrize("side", [0, 1], ids=["lowest", "highest"])
def test_accepts_the_ends_of_each_range(client: TestClient, field: str, side: int) -> None:
    """Ranges are closed."""
    response = client.post("/predict/", json=PENGUIN | {field: RANGES[field][side]})
    assert response.status_code == 200


@pytest.mark.parametrize("announced", ["application/json; charset=utf-8", "Application/JSON"])
def test_accepts_other_spellings_of_the_content_type(client: TestClient, announced: str) -> None:
    """Parameters and case of a media type do not matter."""
    response = client.post("/predict/", content=BODY, headers={"content-type": announced})
    assert response.status_code == 200


def test_of_several_content_types_the_first_counts(client: TestClient) -> None:
    """As everywhere where one is expected."""
    both = [("content-type", "application/json"), ("content-type", "text/plain")]
    statuses = [
        client.post("/predict/", content=BODY, headers=headers).status_code
        for headers in (both, both[::-1])
    ]
    assert statuses == [200, 415]


def test_a_query_changes_nothing(client: TestClient) -> None:
    """None is documented, and none is looked at."""
    assert client.post("/predict/?model=other", json=PENGUIN).status_code == 200


def test_health_names_the_engine_and_the_model(client: TestClient, exported: Exported) -> None:
    """The probe's answer says what is running."""
    response = client.get("/health")
    assert response.status_code == 200
    version = exported.description["version"]
    assert response.json() == {"status": "ok", "engine": "onnx", "model_version": version}


# --- refusals


@pytest.mark.parametrize("field", FEATURES)
@pytest.mark.parametrize(("side", "step"), [(0, -0.01), (1, 0.01)], ids=["below", "above"])
def test_refuses_what_is_out_of_range(
    client: TestClient, field: str, side: int, step: float
) -> None:
    """A value just outside its range is refused, and the field is named."""
    body = json.dumps(PENGUIN | {field: RANGES[field][side] + step}).encode()
    problem = refused(client, body)
    assert problem["loc"] == [field]
    assert problem["type"] == ("greater_than_equal" if side == 0 else "less_than_equal")


@pytest.mark.parametrize("field", FEATURES)
def test_refuses_a_penguin_without_one_of_its_fields(client: TestClient, field: str) -> None:
    """Every field is required."""
    body = json.dumps({k: v for k, v in PENGUIN.items() if k != field}).encode()
    assert refused(client, body) == {"loc": [field], "msg": "Field required", "type": "missing"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(with_mass('"heavy"'), "float_type", id="a word for a number"),
        pytest.param(with_mass('"3750"'), "float_type", id="a number in quotes"),
        pytest.param(with_mass("true"), "float_type", id="a boolean for a number"),
        pytest.param(with_mass("null"), "float_type", id="null for a number"),
        pytest.param(with_mass("[3750]"), "float_type", id="a list for a number"),
        pytest.param(with_mass("{}"), "float_type", id="an object for a number"),
        pytest.param(with_mass("NaN"), "finite_number", id="NaN"),
        pytest.param(with_mass("Infinity"), "finite_number", id="Infinity"),
        pytest.param(with_mass("-Infinity"), "finite_number", id="minus Infinity"),
        pytest.param(with_mass("1e999"), "finite_number", id="a number too large for a float"),
        pytest.param(with_mass("-1e999"), "finite_number", id="a number too small for a float"),
        pytest.param(with_mass("9" * 400), None, id="400 digits"),
        pytest.param(with_mass("9" * 5000), None, id="5,000 digits"),
        pytest.param(with_mass("1e-999"), "greater_than_equal", id="a number that rounds to zero"),
        pytest.param(with_mass("-0.0"), "greater_than_equal", id="minus zero"),
        pytest.param(with_mass("0x10"), "json_invalid", id="a hexadecimal number"),
        pytest.param(with_mass("3750,"), "json_invalid", id="a trailing comma"),
        pytest.param(with_mass("3750, 3"), "json_invalid", id="a value without a name"),
        pytest.param(BODY + b"{}", "json_invalid", id="two objects"),
        pytest.param(BODY[:-1], "json_invalid", id="a body that ends early"),
        pytest.param(b"", "json_invalid", id="an empty body"),
        pytest.param(b"   ", "json_invalid", id="blanks only"),
        pytest.param(b"\x00", "json_invalid", id="a zero byte"),
        pytest.param(b"penguin", "json_invalid", id="not JSON"),
        pytest.param(b"bill_length_mm=39.1", "json_invalid", id="a form"),
        pytest.param(b"\xef\xbb\xbf" + BODY, "json_invalid", id="a byte order mark"),
        pytest.param(BODY.decode().encode("utf-16"), "json_invalid", id="UTF-16"),
        pytest.param(b'{"\xff\xfe": 1}', "json_invalid", id="a name that is not UTF-8"),
        pytest.param(b"[" * 60_000, "json_invalid", id="60,000 open brackets"),
        pytest.param(b'{"a":' * 10_000, "json_invalid", id="10,000 open braces"),
        pytest.param(with_mass("[" * 500 + "]" * 500), "json_invalid", id="500 nested lists"),
        pytest.param(b"[]", "model_type", id="an array"),
        pytest.param(b"null", "model_type", id="null"),
        pytest.param(b"3750", "model_type", id="a number"),
        pytest.param(b'"penguin"', "model_type", id="a string"),
        pytest.param(b"{}", "missing", id="an empty object"),
        pytest.param(BODY[:-1] + b',"sex":"MALE"}', "extra_forbidden", id="an extra field"),
        pytest.param(BODY[:-1] + b',"":1}', "extra_forbidden", id="a field without a name"),
        pytest.param(BODY[:-1] + b',"\\ud800":1}', None, id="a lone surrogate as a name"),
        pytest.param(BODY[:-1] + b',"a\\udfffb":"\\ud800"}', None, id="lone surrogates anywhere"),
        pytest.param(BODY[:-1] + b',"\\u0000":1}', "extra_forbidden", id="a zero in a name"),
    ],
)
def test_refuses_what_is_no_penguin(client: TestClient, body: bytes, kind: str | None) -> None:
    """Whatever a body holds, the answer is 422 and JSON that says what is wrong."""
    problem = refused(client, body)
    assert kind in (None, problem["type"])


def test_a_body_of_thousands_of_fields_gets_a_short_answer(client: TestClient) -> None:
    """A request cannot make the service write much more than it was sent."""
    body = json.dumps({f"f{i}": i for i in range(4000)}).encode()
    response = client.post("/predict/", content=body, headers=JSON)
    assert response.status_code == 422
    assert len(response.json()["detail"]) == PROBLEM_LIMIT


def test_survives_bodies_that_were_damaged_on_the_way(client: TestClient) -> None:
    """A thousand bodies with some bytes changed, lost or doubled are answered or refused."""
    chance = random.Random(0)
    for _ in range(1000):
        body = bytearray(BODY)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            damage = [chance.randbytes(1), b"", bytes(body[at : at + 3]) * 2, b"e9", b"\\u", b'"']
            body[at : at + 1] = chance.choice(damage)
        response = client.post("/predict/", content=bytes(body), headers=JSON)
        assert response.status_code in (200, 422), bytes(body)
        assert isinstance(response.json(), dict)


@pytest.mark.parametrize(
    "announced",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ";"],
)
def test_refuses_a_body_that_is_not_announced_as_json(
    client: TestClient, announced: str | None
) -> None:
    """The content type is required, so that no form on a web page can send a request."""
    headers = {} if announced is None else {"content-type": announced}
    response = client.post("/predict/", content=BODY, headers=headers)
    assert response.status_code == 415
    assert response.json()["detail"][0]["type"] == "content_type"


def padded(size: int) -> bytes:
    """Return a valid body of `size` bytes."""
    return BODY + b" " * (size - len(BODY))


def in_chunks(body: bytes) -> Iterator[bytes]:
    """Give the body in pieces, which makes the client send no Content-Length."""
    for start in range(0, len(body), 4096):
        yield body[start : start + 4096]


@pytest.mark.parametrize("chunked", [False, True], ids=["with Content-Length", "chunked"])
@pytest.mark.parametrize(
    ("size", "status"),
    [
        pytest.param(BODY_LIMIT_BYTES, 200, id="at the limit"),
        pytest.param(BODY_LIMIT_BYTES + 1, 413, id="a byte over"),
        pytest.param(10 * BODY_LIMIT_BYTES, 413, id="far over"),
    ],
)
def test_limits_the_body(client: TestClient, size: int, status: int, chunked: bool) -> None:
    """A body over the limit is refused, whether its size is announced or not."""
    body = padded(size)
    response = client.post("/predict/", content=in_chunks(body) if chunked else body, headers=JSON)
    assert response.status_code == status
    assert ("content-length" in response.request.headers) is not chunked
    if status == 413:
        assert response.json()["detail"][0]["type"] == "body_too_large"
        assert response.headers["connection"] == "close"


def test_believes_an_announced_size_over_the_limit(client: TestClient) -> None:
    """A body announced as too large is refused before any of it is read."""
    headers = JSON | {"content-length": str(BODY_LIMIT_BYTES + 1)}
    assert client.post("/predict/", content=BODY, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/predict/", 405, id="predict is asked with POST only"),
        pytest.param("PUT", "/predict/", 405, id="nothing can be put"),
        pytest.param("POST", "/health", 405, id="health is asked with GET only"),
        pytest.param("GET", "/", 404, id="there is no front page"),
        pytest.param("GET", "/docs", 200, id="there is a page to try it out"),
    ],
)
def test_other_paths_and_methods(client: TestClient, method: str, path: str, status: int) -> None:
    """What is not offered is refused in the usual way."""
    assert client.request(method, path).status_code == status


def test_a_missing_slash_is_redirected_with_its_body(client: TestClient) -> None:
    """POST /predict works for a client that follows redirects."""
    response = client.post("/predict", json=PENGUIN)
    assert response.status_code == 200
    assert [step.status_code for step in response.history] == [307]


def test_predicts_behind_a_prefix_that_a_proxy_took_away(model_dir: Path) -> None:
    """With --root-path a prediction goes through the router, and is the same."""
    with TestClient(create_app(Settings("onnx", model_dir)), root_path="/penguins") as behind:
        assert behind.post("/penguins/predict/", json=PENGUIN).status_code == 200
        assert behind.post("/penguins/predict/", content=BODY).status_code == 415
        assert behind.get("/penguins/predict/").status_code == 405


def test_a_prediction_goes_past_what_fastapi_does_for_a_request(model_dir: Path) -> None:
    """Its middleware is made for the first request that needs it, which none has yet."""
    app = create_app(Settings("onnx", model_dir))
    client = TestClient(app)
    assert client.post("/predict/", json=PENGUIN).status_code == 200
    assert app.middleware_stack is None
    assert client.get("/health").status_code == 200
    assert app.middleware_stack is not None


# --- documentation


@pytest.fixture(scope="module")
def documented(client: TestClient) -> dict[str, Any]:
    """The OpenAPI document."""
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def test_documents_the_request_with_example_ranges_and_units(documented: dict[str, Any]) -> None:
    """A reader of the document can write a valid request."""
    body = documented["paths"]["/predict/"]["post"]["requestBody"]
    assert body["required"] is True
    reference = body["content"]["application/json"]["schema"]["$ref"]
    penguin = documented["components"]["schemas"][reference.rpartition("/")[2]]
    assert penguin["example"] == PENGUIN
    assert set(penguin["required"]) == set(FEATURES)
    assert penguin["additionalProperties"] is False
    for field, (low, high) in RANGES.items():
        described = penguin["properties"][field]
        assert (described["minimum"], described["maximum"]) == (low, high)
        assert f"{low} to {high}" in described["description"]
        assert ("grams" if field.endswith("_g") else "millimetres") in described["description"]


@pytest.mark.parametrize(
    ("status", "schema"),
    [("200", "Prediction"), ("413", "Problems"), ("415", "Problems"), ("422", "Problems")],
)
def test_documents_every_answer(documented: dict[str, Any], status: str, schema: str) -> None:
    """A reader of the document knows what can come back."""
    answers = documented["paths"]["/predict/"]["post"]["responses"]
    assert set(answers) == {"200", "413", "415", "422"}
    reference = answers[status]["content"]["application/json"]["schema"]["$ref"]
    assert reference == f"#/components/schemas/{schema}"


def test_documents_the_version_of_the_model(documented: dict[str, Any], exported: Exported) -> None:
    """The document's version is the model's."""
    assert documented["info"]["version"] == exported.description["version"]


# --- start


def test_does_not_start_without_a_model(tmp_path: Path) -> None:
    """Better no service than a wrong one."""
    with pytest.raises(ModelFileError, match=r"model\.json cannot be read"):
        create_app(Settings("onnx", tmp_path))
