"""Answers are the same in however many pieces they come."""

import pytest
from geventhttpclient.response import HTTPParseError

from loadtests.generator.http_answer import AnswerReader
from tests.generator.programs.nasty import KEPT, TEXT, in_chunks, whole


def read(sent, is_head=False, piece=None, then_closes=False):
    """Return the answer that comes of what was sent, in pieces of some size."""
    reader = AnswerReader()
    answer = reader.begin(is_head)
    step = piece or len(sent)
    for start in range(0, len(sent), step):
        reader.feed(sent[start : start + step])
    if then_closes:
        reader.close()
    return answer


def seen(answer):
    """Return all that there is of an answer."""
    return answer.status, answer.fields, answer.read(), answer.is_whole, answer.keeps


WRONG = {
    "/garbage", "/garbage-after", "/no-number", "/bad-length", "/two-lengths", "/bad-chunk",
    "/bare-newlines", "/two-at-once", "/folded",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(KEPT.keys() - WRONG - {"/large"}))
@pytest.mark.parametrize("piece", [1, 2, 7])
def test_an_answer_in_pieces_is_the_same_answer(path, piece):
    at_once = seen(read(KEPT[path]))
    assert at_once[3:] == (True, True)
    assert seen(read(KEPT[path], piece=piece)) == at_once


@pytest.mark.parametrize("path", ["/garbage", "/no-number", "/bad-length", "/bad-chunk"])
def test_what_is_no_http_is_refused(path):
    with pytest.raises(HTTPParseError):
        read(KEPT[path])


@pytest.mark.parametrize("path", ["/garbage-after", "/two-at-once"])
def test_what_comes_after_an_answer_makes_its_connection_useless(path):
    reader = AnswerReader()
    answer = reader.begin(is_head=False)
    try:
        reader.feed(KEPT[path])
    except HTTPParseError:
        return
    assert (answer.is_whole, answer.keeps) == (True, False)


@pytest.mark.parametrize(
    ("sent", "is_whole"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nall there is", True),
        (b"HTTP/1.0 200 OK\r\nServer: a\r\n\r\nall there is", True),
        (whole(TEXT)[:-1], False),
        (in_chunks(TEXT, end=b""), False),
        (b"HTTP/1.1 200 OK\r\nServer", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n", False),
    ],
)
def test_an_answer_ends_where_the_service_closes_only_if_nothing_else_says_where(sent, is_whole):
    if is_whole:
        answer = read(sent, then_closes=True)
        assert (answer.read(), answer.is_whole, answer.keeps) == (b"all there is", True, False)
    else:
        with pytest.raises(HTTPParseError):
            read(sent, then_closes=True)


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody!", False),
    ],
)
def test_an_answer_to_head_ends_with_its_head(head, keeps):
    answer = read(head, is_head=True)
    assert (answer.read(), answer.is_whole, answer.keeps) == (b"", True, keeps)


def test_one_reader_reads_one_answer_after_the_other():
    reader, bodies = AnswerReader(), []
    for body, is_head in ((b"one", False), (b"", True), (b"three", False)):
        answer = reader.begin(is_head)
        reader.feed(whole(b"unsent").removesuffix(b"unsent") if is_head else whole(body))
        reader.end()
        assert answer.keeps
        bodies.append(answer.read())
    assert bodies == [b"one", b"", b"three"]
