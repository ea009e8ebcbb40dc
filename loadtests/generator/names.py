"""What requests are called: by their path, since a query may carry a token, and few at most.

Locust writes a row a second for every name, which takes 0.05 ms each: five thousand of them stop
all users for a quarter of a second. So where a script asks for things by their numbers and names no
requests, those paths are called alike from some number on.
"""

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.stats import RequestStats

from loadtests.generator.keep_alive_session import KeepAliveSession
from loadtests.generator.naming import LISTED, Names

Request = Callable[..., Any]


def name_requests() -> Names:
    """Name requests by their path alone, in Locust's own files too; return their names.

    A name that a script gives is left as it is, as long as there are few.
    """
    names = Names(_say_once)

    def called(_session: KeepAliveSession, given: str | None, url: str) -> str:
        return names.of(given) if given else names.of_url(url)

    KeepAliveSession.called = called  # type: ignore[method-assign, assignment]
    FastHttpSession.request = _named(FastHttpSession.request, names.of_url, names)
    HttpSession.request = _named(HttpSession.request, _paths(names), names)
    _keep_few(names)
    return names


def _say_once(name: str, called: str) -> None:
    print(
        f"requests have more than {LISTED} names: such as {name} are called {called} from here on, "
        "unless the script names them (name=)",
        file=sys.stderr,
    )


def _named(request: Request, of_url: Callable[[str], str], names: Names) -> Request:
    def named(
        session: Any, method: str, url: str, name: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        given = name or session.request_name
        return request(
            session, method, url, names.of(given) if given else of_url(url), *args, **kwargs
        )

    return named


def _paths(names: Names) -> Callable[[str], str]:
    """Return what HttpUser's client calls a request: by its path, quoted, wherever it goes."""
    from requests.utils import requote_uri  # once Locust has patched what it is built on

    def path_of(url: str) -> str:
        return names.of(requote_uri(urlsplit(url).path) or "/")

    return path_of


def _keep_few(names: Names) -> None:
    """Let Locust's own tables have few rows, whoever reports a request, and however it failed."""
    log, log_error = RequestStats.log_request, RequestStats.log_error

    def log_few(stats: RequestStats, method: str, name: str, *how: Any) -> None:
        log(stats, method, names.of(name), *how)

    def log_few_errors(stats: RequestStats, method: str, name: str, error: Any) -> None:
        if len(stats.errors) >= LISTED and isinstance(error, BaseException):
            error = type(error).__name__  # what it says may differ from request to request
        log_error(stats, method, names.of(name), error)

    RequestStats.log_request = log_few
    RequestStats.log_error = log_few_errors
