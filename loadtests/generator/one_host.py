"""HTTP calls go to the service alone: nobody said that another host may be put under load."""

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from geventhttpclient.useragent import ConnectionError as ClientError
from locust.contrib.fasthttp import LocustUserAgent

from loadtests.generator.keep_alive_session import KeepAliveSession

_PORTS = {"http": 80, "https": 443}


class OtherHostError(ClientError):  # type: ignore[misc]  # geventhttpclient has no types
    """A call to another host than the service, by the script or by a redirect of the service."""

    def __init__(self, base_url: str, url: str) -> None:
        """Name both."""
        other = "://".join(urlsplit(url)[:2])
        super().__init__(None, f"{other} is asked; only {base_url} is put under load")

    def __str__(self) -> str:
        return str(self.text)


def keep_to(base_url: str, host_header: str) -> None:
    """Let a call that would leave base_url fail unsent, and say so once on standard error.

    It is looked at where the clients send, so redirects are too; all report it as a failed
    request. The host that requests name ("" is none) is the service as well.
    """
    from requests import RequestException  # once Locust has patched what it is built on
    from requests.adapters import HTTPAdapter

    inside, asked, by_name = f"{base_url}/", _origin(base_url), f"http://{host_header}/"
    told: set[str] = set()

    def checked(url: str) -> str:
        if url.startswith(inside) or _origin(url) == asked:
            return url
        if host_header and url.startswith(by_name):
            return inside + url.removeprefix(by_name)
        error = OtherHostError(base_url, url)
        if str(error) not in told:
            told.add(str(error))
            print(f"not sent: {error}", file=sys.stderr)
        raise error

    fast: Callable[..., Any] = LocustUserAgent._urlopen
    classic: Callable[..., Any] = HTTPAdapter.send

    def fast_inside(agent: LocustUserAgent, request: Any) -> Any:
        if (url := checked(request.url)) != request.url:
            request.set_url(url)
        return fast(agent, request)

    def classic_inside(adapter: HTTPAdapter, request: Any, **kwargs: Any) -> Any:
        try:
            request.url = checked(request.url)
        except OtherHostError as error:
            raise RequestException(str(error), request=request) from error
        return classic(adapter, request, **kwargs)

    def located(_session: KeepAliveSession, url: str) -> str:
        return checked(url)

    LocustUserAgent._urlopen = fast_inside
    KeepAliveSession.located = located  # type: ignore[method-assign, assignment]
    HTTPAdapter.send = classic_inside  # type: ignore[method-assign, assignment]


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
