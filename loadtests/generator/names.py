"""What requests are called: by their path, since a query may carry a token, and few at most.

Locust writes a row a second for every name, which takes 0.05 ms each: five thousand of them stop
all users for a quarter of a second. So where a script asks for things by their numbers and names no
requests, those paths are called alike from some number on.
"""

import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession
from locust.stats import RequestStats

from loadtests.generator.keep_alive_session import KeepAliveSession

LISTED = 100  # names of each kind; all kinds together are written within 15 ms
REMEMBERED = 20_000  # names looked up before, which costs less than to make one anew
OTHERS = "(others)"
Request = Callable[..., Any]
_ID = re.compile(r"(?<=/)(?!v\d+(?:/|$))[^/{}]*\d[^/{}]*")  # a part with a digit, but no version
_LAST = re.compile(r"(?<=/)[^/{}]+$")


class Names:
    """Every name so far: by itself, without its ids, without its last part; LISTED of each."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[str, str] = {}
        self._kinds: tuple[set[str], ...] = (set(), set(), set())
        self.are_grouped = False

    def of(self, name: str) -> str:
        """Return what a request of some name is called: by itself, else as one of many."""
        known = self._known.get(name)
        return known if known is not None else self._choose(name)

    def of_url(self, url: str) -> str:
        """Return what a request without a name is called."""
        return self.of(url.partition("?")[0])

    def _choose(self, name: str) -> str:
        for kind, called in zip(self._kinds, _ways(name), strict=True):
            if called in kind or len(kind) < LISTED:
                kind.add(called)
                break
        else:
            called = OTHERS
        if called != name and not self.are_grouped:
            self.are_grouped = True
            print(
                f"requests have more than {LISTED} names: such as {name} are called {called} from "
                "here on, unless the script names them (name=)",
                file=sys.stderr,
            )
        if len(self._known) < REMEMBERED:
            self._known[name] = called
        return called

    def in_the_end(self, name: str) -> str:
        """Return what a name of the beginning is called, where many like it came later."""
        _, without_ids, without_last = self._kinds
        _, as_id, as_last = _ways(name)
        if as_last in without_last:
            return as_last
        return as_id if as_id in without_ids else name


def _ways(name: str) -> tuple[str, str, str]:
    return name, _ID.sub("{id}", name), _LAST.sub("{…}", name)


def name_requests() -> Names:
    """Name requests by their path alone, in Locust's own files too; return their names.

    A name that a script gives is left as it is, as long as there are few.
    """
    names = Names()
    for session in (FastHttpSession, KeepAliveSession):
        session.request = _named(session.request, names.of_url, names)  # type: ignore[method-assign]
    HttpSession.request = _named(HttpSession.request, _paths(names), names)
    _keep_few(names)
    return names


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
