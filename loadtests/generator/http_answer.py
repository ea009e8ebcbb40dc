"""What a service answers, parsed as it comes.

The parser is llhttp, as httptools has it and uvicorn uses it: 8 microseconds for a short answer,
where geventhttpclient's own binding of llhttp took 109.
"""

import httptools
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPParseError

INTERIM, SWITCHING = range(100, 200), 101


class Answer:
    """A response as it was received, or as much of it as there was before an error."""

    __slots__ = ("_names", "body", "error", "fields", "is_head", "is_whole", "keeps", "status")

    def __init__(self, is_head: bool) -> None:
        """Begin with nothing; one to HEAD has no body, whatever its fields say."""
        self.is_head, self.is_whole = is_head, False
        self.status = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self.keeps = False  # whether the connection can be asked again
        self.error: BaseException | None = None  # what cut it short after its head
        self.body: list[bytes] = []
        self._names: set[bytes] | None = None

    def has_field(self, name: bytes) -> bool:
        """Say whether there is a field of this name, in small letters, once its head is there."""
        if self._names is None:
            self._names = {field.lower() for field, _ in self.fields}
        return name in self._names

    def headers(self) -> Headers:
        """Return its fields by their names, as FastHttpUser's client has them."""
        headers = Headers()
        for name, value in self.fields:
            headers.add(name.decode("latin-1"), value.decode("latin-1"))
        return headers

    def get_code(self) -> int:
        """Return its status."""
        return self.status

    @property
    def content(self) -> bytes:
        """Its body as it was sent."""
        return self.body[0] if len(self.body) == 1 else b"".join(self.body)

    def read(self, _length: int | None = None) -> bytes:
        """Return its body as it was sent, once."""
        content, self.body = self.content, []
        return content

    def release(self) -> None:
        """Do nothing: it holds no connection."""


_NONE = Answer(is_head=False)  # while nobody asks


class AnswerReader:
    """Reads the answers of one connection, one after the other."""

    __slots__ = ("_answer", "_parser")

    def __init__(self) -> None:
        """Begin with none."""
        self._answer, self._parser = _NONE, httptools.HttpResponseParser(self)

    def begin(self, is_head: bool) -> Answer:
        """Return the answer that comes next, which is still empty."""
        self._answer = Answer(is_head)
        return self._answer

    def feed(self, data: bytes) -> None:
        """Read on; raises HTTPParseError for what is no HTTP, or does not belong there."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.on_message_complete()
        except httptools.HttpParserError as error:
            raise HTTPParseError(str(error)) from None

    def close(self) -> None:
        """Take it that the service has closed; raises HTTPParseError where that is no end."""
        answer = self._answer
        if answer.status == 0:
            raise HTTPParseError("connection closed before end of the headers")
        if answer.has_field(b"content-length") or answer.has_field(b"transfer-encoding"):
            raise HTTPParseError("connection closed before end of the body")
        answer.is_whole = True

    def end(self) -> None:
        """Let go of the answer, or it would be kept for as long as a user thinks."""
        if self._answer.is_head:
            self._parser = httptools.HttpResponseParser(self)  # the old one waits for a body
        self._answer = _NONE

    # What the parser calls, in this order.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the answer."""
        if not self._answer.is_whole:
            self._answer.fields.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the head of the answer; its fields are complete."""
        answer, status = self._answer, self._parser.get_status_code()
        if answer.is_whole:
            answer.keeps = False  # one that nobody asked for
        elif status in INTERIM and status != SWITCHING:
            answer.fields.clear()  # the answer itself is still to come
        else:
            answer.status = status
            if answer.is_head:
                answer.is_whole = True
                answer.keeps = self._stays_open(answer)

    def _stays_open(self, answer: Answer) -> bool:
        """Say whether it does after a head, without which the parser would await the close."""
        if self._parser.should_keep_alive():
            return True
        says_close = any(
            name.lower() == b"connection" and b"close" in value.lower()
            for name, value in answer.fields
        )
        return self._parser.get_http_version() == "1.1" and not says_close

    def on_body(self, data: bytes) -> None:
        """Take a part of the body."""
        if self._answer.is_whole:
            self._answer.keeps = False  # a body of an answer to HEAD
        else:
            self._answer.body.append(data)

    def on_message_complete(self) -> None:
        """Take it that nothing more comes."""
        if self._answer.status and not self._answer.is_whole:
            self._answer.is_whole = True
            self._answer.keeps = self._parser.should_keep_alive()
