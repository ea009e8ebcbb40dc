"""What goes out before a request's body: made as FastHttpUser's client makes it, and remembered.

To make one takes longer than to send it, and most users ask the same over and over.
"""

from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from geventhttpclient.client import HTTPClient
from geventhttpclient.useragent import ConnectionError as ClientError
from geventhttpclient.useragent import _make_request
from locust.contrib.fasthttp import FastRequest

REMEMBERED = 2_000
REFUSED = ("Transfer-Encoding", "Expect")  # each a way of its own to send a body
Fields = tuple[tuple[str, Any], ...]
Payload = str | bytes | dict[str, Any] | None


class NotSpokenError(ClientError):  # type: ignore[misc]  # geventhttpclient has no types
    """A call by another protocol than plain HTTP."""

    def __init__(self, url: str) -> None:
        """Name what was asked."""
        super().__init__(url, "KeepAliveUser speaks http alone; FastHttpUser speaks https")


class Head(NamedTuple):
    """A request but for its body."""

    address: tuple[str, int]  # of the service
    text: bytes  # request line and fields


def body_of(payload: Payload) -> bytes:
    """Return what is sent after the head; raises ValueError for what this client cannot send."""
    if not payload:
        return b""
    if isinstance(payload, str):
        return payload.encode()
    if isinstance(payload, dict):
        return urlencode(payload).encode()
    if isinstance(payload, bytes):
        return payload
    raise ValueError(
        f"data is a {type(payload).__name__}; KeepAliveUser sends str, bytes or a dict as a form, "
        "FastHttpUser files and streams"
    )


class Asked(NamedTuple):
    """A call as its script makes it."""

    method: str
    url: str
    fields: Fields
    payload: Payload
    params: Any = None  # of its query, beside those in the URL

    def as_locust(self) -> Any:
        """Return it as Locust has it; raises ValueError for a field that would change its body."""
        headers = HTTPClient.DEFAULT_HEADERS.copy()
        headers.update(self.fields)
        for name in REFUSED:
            if name in headers:
                raise ValueError(f"KeepAliveUser sends no {name}; FastHttpUser does")
        return _make_request(
            self.url,
            self.method,
            headers,
            self.payload,
            params=self.params,
            request_type=FastRequest,
        )


def head_of(request: Any) -> Head:
    """Return the head of a request.

    Raises ValueError for what no head may have, NotSpokenError for another protocol.
    """
    url = request.url_split
    if url.scheme != "http":
        raise NotSpokenError(request.url)
    client = _client_of(url.host, url.port)
    text = client._build_request(
        request.method, url.quoted_uri, body=body_of(request.payload), headers=request.headers
    )
    return Head((client.host, client.port), text.encode("latin-1"))


@lru_cache(maxsize=100)
def _client_of(host: str, port: int | None) -> HTTPClient:
    """Return what makes the heads of calls to an address; it connects to nothing."""
    return HTTPClient(host, port)


class Heads:
    """Heads made before, by all that they are made from."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[Any, Head] = {}

    def of(self, asked: Asked, body: bytes) -> Head:
        """Return the head of a call; raises what `as_locust` and `head_of` raise."""
        method, url, fields, payload, params = asked
        if params is not None or isinstance(payload, dict):
            return head_of(asked.as_locust())
        key = method, url, fields, type(payload), len(body)
        try:
            known = self._known.get(key)
        except TypeError:  # a field with a list of values
            return head_of(asked.as_locust())
        if known is None:
            known = head_of(asked.as_locust())
            if len(self._known) < REMEMBERED:
                self._known[key] = known
        return known
