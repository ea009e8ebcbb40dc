"""What a draft is made from can be had, or it is said in a sentence why not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from loadtests.drafts.source import parse, read_text, shown
from loadtests.errors import QuestionError

ANSWERS = {
    "/openapi.json": (200, b'{"openapi": "3.1.0"}'),
    "/gone": (404, b"no such page"),
    "/bytes": (200, b"\xff\xfe\x00"),
}


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/openapi.json")
            self.end_headers()
            return
        status, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def url():
    """A server that has documents."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/openapi.json", "/moved"])
def test_a_document_is_read_from_where_it_is_served(url, path):
    assert parse(read_text(url + path), url) == {"openapi": "3.1.0"}


@pytest.mark.parametrize(
    ("path", "said"),
    [("/gone", "answered 404 Not Found; give the address"), ("/bytes", "is no text in UTF-8")],
)
def test_what_a_server_has_not_is_told_with_its_address(url, path, said):
    with pytest.raises(QuestionError, match=said) as told:
        read_text(url + path)
    assert url + path in str(told.value)


def test_a_server_that_is_not_there_is_told_with_the_cause():
    with pytest.raises(QuestionError, match=r"nothing answers http://127\.0\.0\.1:9/o: .*refused$"):
        read_text("http://127.0.0.1:9/o")


def test_a_file_that_is_not_there_is_told_with_its_name(tmp_path):
    with pytest.raises(QuestionError, match=r"openapi\.json cannot be read: No such file"):
        read_text(str(tmp_path / "openapi.json"))


def test_a_folder_is_no_document(tmp_path):
    with pytest.raises(QuestionError, match="cannot be read: Is a directory"):
        read_text(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!DOCTYPE html><title>API</title>", "is a page in HTML or XML, not the document itself"),
        ("{'a': [1, 2", "is neither JSON nor YAML"),
        ("just words", "holds no object"),
        ("[1, 2]", "holds no object"),
        ("", "holds no object"),
        ("a: !!python/object/apply:os.getcwd []", "is neither JSON nor YAML"),
    ],
)
def test_what_is_no_document_is_told(text, said):
    with pytest.raises(QuestionError, match=f"^x {said}"):
        parse(text, "x")


def test_yaml_is_read_with_its_dates_as_text():
    assert parse("paths: {}\nday: 2026-02-03\nat: 2026-02-03T10:00:00Z", "x") == {
        "paths": {},
        "day": "2026-02-03",
        "at": "2026-02-03T10:00:00Z",
    }


def test_an_address_is_written_down_without_what_may_be_secret():
    assert shown("http://me:secret@a.example:80/o.json?token=secret#x") == (
        "http://a.example:80/o.json"
    )
    assert shown("docs/openapi.yaml") == "docs/openapi.yaml"
