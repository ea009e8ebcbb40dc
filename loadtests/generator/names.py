"""What requests are called: by their path, since a query may carry a token."""

from collections.abc import Callable
from typing import Any

from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

Request = Callable[..., Any]


def leave_queries_out() -> None:
    """Name requests by their URL without its query, in Locust's own files too.

    A name that a script gives is left as it is.
    """
    FastHttpSession.request = _without_query(FastHttpSession.request)
    HttpSession.request = _without_query(HttpSession.request)


def _without_query(request: Request) -> Request:
    def named(
        session: Any, method: str, url: str, name: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        # The parameters of HttpUser's client become a query later.
        if not (name or session.request_name) and ("?" in url or kwargs.get("params")):
            name = url.partition("?")[0]
        return request(session, method, url, name, *args, **kwargs)

    return named
