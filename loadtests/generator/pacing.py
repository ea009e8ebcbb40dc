"""When users act: arrivals spread over each second, and requests cut off as a whole."""

import random
import time
from collections.abc import Callable
from typing import Any

import gevent
from locust import User
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

# Greenlet -> when its current request began (time.monotonic).
InFlight = dict[Any, float]


def spread_arrivals(within_s: float = 1.0) -> None:
    """Let each user wait a random part of a second before it begins.

    Locust spawns a second's users all at once; without this the bursts come back at every think
    time and measure Locust's clock instead of independent users.
    """
    run: Callable[[User], None] = getattr(User.run, "spreads", User.run)

    def begin_later(user: User) -> None:
        gevent.sleep(random.uniform(0, within_s))  # noqa: S311
        run(user)

    begin_later.spreads = run  # type: ignore[attr-defined]
    User.run = begin_later


def limit_requests(timeout_s: float) -> InFlight:
    """Cut every HTTP request off after timeout_s, and return those now under way.

    A client's own timeout counts from one socket operation to the next, so an answer that drips
    in never times out. The cut is raised as TimeoutError, which both of Locust's clients report
    as a failed request.
    """
    in_flight: InFlight = {}
    for session in (FastHttpSession, HttpSession):
        session.request = _limited(session.request, timeout_s, in_flight)
    return in_flight


def _limited(request: Callable[..., Any], timeout_s: float, in_flight: InFlight) -> Any:
    late = TimeoutError(f"no whole answer within {timeout_s:g} s")

    def limited(*args: Any, **kwargs: Any) -> Any:
        user = gevent.getcurrent()
        in_flight[user] = time.monotonic()
        try:
            with gevent.Timeout(timeout_s, late):
                return request(*args, **kwargs)
        finally:
            del in_flight[user]

    return limited
