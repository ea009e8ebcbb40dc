"""The client of a KeepAliveUser: FastHttpUser's calls, by a way that takes less of a CPU."""

import json as json_module
import time
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import unquote, urlsplit

import gevent
from geventhttpclient.useragent import RetriesExceeded
from locust.contrib.fasthttp import (
    FAILURE_EXCEPTIONS,
    ErrorResponse,
    FastHttpSession,
    LocustUserAgent,
    ResponseContextManager,
    _construct_basic_auth_str,
)

from loadtests.generator.http_answer import Answer
from loadtests.generator.keep_alive_pool import KeepAlivePool
from loadtests.generator.keep_alive_response import (
    NOT_SENT_ON,
    CheckedResponse,
    KeepAliveResponse,
    SentOn,
)
from loadtests.generator.request_head import Asked, Fields, Heads, Payload, body_of, head_of

ENCODINGS = ("Accept-Encoding", "gzip, deflate, br")  # as FastHttpUser asks
REDIRECTS = LocustUserAgent.redirect_response_codes
_NOTHING: dict[str, Any] = {}


class KeepAliveSession(FastHttpSession):  # type: ignore[misc]  # Locust has no types
    """Calls of one user; `get`, `post` and the rest are FastHttpSession's."""

    heads = Heads()  # shared by all users, who ask the same

    def __init__(
        self,
        base_url: str,
        request_event: Any,
        user: Any,
        pool: KeepAlivePool,
        default_headers: Fields = (),
        max_redirects: int = 30,
    ) -> None:
        """Begin without a connection and without cookies."""
        self.base_url, self.auth_header = _without_login(base_url)
        self.request_event, self.user = request_event, user
        self.request_name = None
        self._pool, self._max_redirects = pool, max_redirects
        self._defaults, self._usual = default_headers, (*default_headers, ENCODINGS)
        self._cookies: CookieJar | None = None

    @property
    def cookiejar(self) -> CookieJar:
        """The user's cookies; most users have none."""
        if self._cookies is None:
            self._cookies = CookieJar()
        return self._cookies

    # Replaced by whoever names calls, limits them, or keeps them to one host: wrappers around
    # `request` would hand all that it takes on from one to the next, which costs more.

    def called(self, given: str | None, url: str) -> str:
        """Return what a call is reported as, by the name that its script gives, if any."""
        return given or url

    def located(self, url: str) -> str:
        """Return where a call goes that is meant for a URL."""
        return url

    def request(
        self,
        method: str,
        url: str,
        name: str | None = None,
        data: Payload = None,
        catch_response: bool = False,
        headers: dict[str, Any] | None = None,
        auth: tuple[str | bytes, str | bytes] | None = None,
        json: Any = None,
        allow_redirects: bool = True,
        context: dict[str, Any] = _NOTHING,
        params: Any = None,
        timeout: float | None = None,
        **others: Any,
    ) -> Any:
        """Send a request as FastHttpUser's client does, and return its response.

        `timeout` is the time for the whole of it (s). Raises TypeError for what only FastHttpUser
        takes: files, streams.
        """
        if others:
            raise TypeError(f"KeepAliveUser takes no {', '.join(others)}; FastHttpUser may")
        built_url = self._build_url(url)
        asked = self._asked(method.upper(), built_url, data, json, headers, auth, params)
        called = self.called(name or self.request_name, url)
        meta = {
            "request_type": method,
            "name": called,
            "context": {**self.user.context(), **context} if self.user else context,
            "exception": None,
            "start_time": time.time(),
            "url": built_url,
            "response_length": 0,
        }
        began = time.perf_counter()
        response: Any
        try:
            if timeout is None:
                answer, sent_on = self.sent(asked, called, allow_redirects)
            else:
                with gevent.Timeout(timeout, TimeoutError(f"no whole answer in {timeout:g} s")):
                    answer, sent_on = self.sent(asked, called, allow_redirects)
        except FAILURE_EXCEPTIONS as error:
            response = ErrorResponse(asked.as_locust(), error)
            if catch_response:
                response = ResponseContextManager(response, self.request_event, meta, True)
            meta["exception"] = error
        else:
            if catch_response:
                response = CheckedResponse(answer, asked, sent_on, self.request_event, meta)
            else:
                response = KeepAliveResponse(answer, asked, sent_on)
            meta["exception"] = response.error
            if answer.error is None:
                try:
                    meta["response_length"] = len(response.content)
                except FAILURE_EXCEPTIONS as error:  # it is not as compressed as it says
                    meta["exception"] = error
        meta["response_time"] = (time.perf_counter() - began) * 1000
        meta["response"] = response
        if not catch_response:
            self.request_event.fire(**meta)
        return response

    def _asked(
        self,
        method: str,
        url: str,
        data: Payload,
        json: Any,
        headers: dict[str, Any] | None,
        auth: tuple[str | bytes, str | bytes] | None,
        params: Any,
    ) -> Asked:
        """Return a call with the fields that FastHttpUser's client would give it."""
        if not (headers or auth or self.auth_header or json is not None):
            return Asked(method, url, self._usual, data, params)
        fields = dict(headers or {})
        if auth:
            fields["Authorization"] = _construct_basic_auth_str(*auth)
        elif self.auth_header:
            fields["Authorization"] = self.auth_header
        _add_missing(fields, *ENCODINGS)
        if json is not None and not data:
            data = json_module.dumps(json)
            _add_missing(fields, "Content-Type", "application/json")
            _add_missing(fields, "Accept", "application/json")
        return Asked(method, url, (*self._defaults, *fields.items()), data, params)

    def sent(self, asked: Asked, _called: str, allow_redirects: bool) -> tuple[Answer, SentOn]:
        """Return the answer to a call, wherever the service sends it on to."""
        url = self.located(asked.url)
        if url != asked.url:
            asked = asked._replace(url=url)
        body = body_of(asked.payload)
        if self._cookies is None:
            answer = self._pool.ask(self.heads.of(asked, body), body, asked.method)
            is_sent_on = allow_redirects and answer.status in REDIRECTS
            if not is_sent_on and not answer.has_field(b"set-cookie"):
                return answer, NOT_SENT_ON
            return self._sent_on(asked, allow_redirects, answer)
        return self._sent_on(asked, allow_redirects, None)

    def _sent_on(
        self, asked: Asked, allow_redirects: bool, answer: Answer | None
    ) -> tuple[Answer, SentOn]:
        """Do the same with cookies and redirects; the first answer may be there already."""
        history: list[Any] = []
        request = asked.as_locust()
        for _ in range(self._max_redirects + 1):
            if answer is None:
                if self._cookies is not None:
                    self._cookies.add_cookie_header(request)
                body = body_of(request.payload)
                answer = self._pool.ask(head_of(request), body, request.method)
            response = KeepAliveResponse(answer, asked, (history, request))
            if answer.has_field(b"set-cookie"):
                self.cookiejar.extract_cookies(response, request)
            location = response.headers.get("location") if answer.status in REDIRECTS else None
            if not (allow_redirects and self._max_redirects and isinstance(location, str)):
                return answer, (history, request)
            history.append(response)
            request.redirect(answer.status, location)
            request.set_url(self.located(request.url))
            answer = None
        raise RetriesExceeded(asked.url, f"Redirection limit reached ({self._max_redirects})")


def _add_missing(fields: dict[str, Any], name: str, value: str) -> None:
    if name not in fields and name.lower() not in fields:
        fields[name] = value


def _without_login(base_url: str) -> tuple[str, str | None]:
    """Return a base URL without user and password, and the header field that says them."""
    if "@" not in base_url:
        return base_url, None
    parts = urlsplit(base_url)
    if not (parts.username and parts.password):
        return base_url, None
    login = _construct_basic_auth_str(unquote(parts.username), unquote(parts.password))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), login
