"""What a call of a KeepAliveUser returns: Locust's own responses, around an answer as received."""

from typing import Any

from geventhttpclient.header import Headers
from locust.contrib.fasthttp import (
    FastResponse,
    LocustBadStatusCode,
    LocustUserAgent,
    ResponseContextManager,
)

from loadtests.generator.http_answer import Answer
from loadtests.generator.request_head import Asked

# The responses that sent a call on elsewhere, and the last request, as Locust has it.
SentOn = tuple[list[Any], Any]
NOT_SENT_ON: SentOn = [], None


class _Lazy:
    """The parts of a response that few scripts look at, made when they do."""

    _asked: Asked
    _response: Answer
    _headers: Headers | None = None
    _request: Any = None
    status_code = 0
    _elapsed: float | None = None
    _cached_content: bytes

    def _take(self, answer: Answer, asked: Asked, sent_on: SentOn) -> None:
        self._response, self._asked = answer, asked
        self._history, self._request = sent_on
        self.status_code, self.error = answer.status, answer.error
        if not answer.has_field(b"content-encoding"):
            self._cached_content = answer.content
        if self.error is None and answer.status not in LocustUserAgent.valid_response_codes:
            self.error = LocustBadStatusCode(self.url, code=answer.status)

    @property
    def headers(self) -> Headers:
        """Return its headers by their names."""
        if self._headers is None:
            self._headers = self._response.headers()
        return self._headers

    @property
    def request(self) -> Any:
        """Return what was asked."""
        if self._request is None:
            self._request = self._asked.as_locust()
        return self._request

    @property
    def url(self) -> str:
        """Return where it was asked at last."""
        return self._asked.url if self._request is None else str(self._request.url)


class KeepAliveResponse(_Lazy, FastResponse):  # type: ignore[misc]  # Locust has no types
    """A response that is reported as it came."""

    def __init__(self, answer: Answer, asked: Asked, sent_on: SentOn) -> None:
        """Take an answer, what was asked, and by what it was sent on."""
        self._take(answer, asked, sent_on)


class CheckedResponse(_Lazy, ResponseContextManager):  # type: ignore[misc]  # the same
    """A response that its script may call a success or a failure, in a with-block."""

    def __init__(
        self, answer: Answer, asked: Asked, sent_on: SentOn, event: Any, meta: dict[str, Any]
    ) -> None:
        """Take the same, Locust's event of a request, and what is said with it."""
        self._take(answer, asked, sent_on)
        self._request_event, self._catch_response = event, True
        self.request_meta = meta

    def _report_request(self) -> None:
        meta = self.request_meta
        self._request_event.fire(**meta)
        # Else each would refer to the other, and a thousand of them a second be garbage that only
        # the collector finds.
        del meta["response"]
