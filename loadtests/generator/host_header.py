"""The host that requests name, for a service that answers by it (name-based virtual hosts)."""

from collections.abc import Callable
from typing import Any

from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

from loadtests.generator.keep_alive_session import KeepAliveSession

Request = Callable[..., Any]


def carry(host: str) -> None:
    """Let every request name a host; one that the script names itself is left as it is."""
    for session in (FastHttpSession, HttpSession, KeepAliveSession):
        session.request = _naming(session.request, host)  # type: ignore[method-assign]


def _naming(request: Request, host: str) -> Request:
    def named(session: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        given = dict(kwargs.pop("headers", None) or {})
        if not any(name.lower() == "host" for name in given):
            given["Host"] = host
        return request(session, method, url, *args, headers=given, **kwargs)

    return named
