"""When users act: arrivals spread over each second, requests cut off as a whole, tasks' ends."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import gevent
from geventhttpclient.useragent import ConnectionError as ClientError
from locust import TaskSet, User
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

from loadtests.generator.in_flight import InFlight
from loadtests.generator.outcome import OK, outcome_of

# Locust spawns the users of one second all at once.
SPREAD_S = 1.0
Request = Callable[..., Any]
# Locust's own, kept here so that it is replaced only once, whoever asks for it.
_run: Callable[[User], None] = User.run


def _begin_later(user: User) -> None:
    gevent.sleep(random.uniform(0, SPREAD_S))  # noqa: S311
    _run(user)


def spread_arrivals() -> None:
    """Let each user wait a random part of a second before it begins.

    Without this the bursts of the ramp-up come back at every think time and measure Locust's clock
    instead of independent users.
    """
    User.run = _begin_later


@dataclass
class Thinking:
    """How often users have begun to think."""

    times: int = 0


def think_between(low_s: float, high_s: float) -> Thinking:
    """Let every user think for so long (uniform) whatever wait time its script has.

    A user class may have one, a task set, a task set within it, or only one of their instances.
    Returns the count of how often they do, as it grows.
    """
    wait, thinking = TaskSet.wait, Thinking()

    def think_s() -> float:
        return random.uniform(low_s, high_s)  # noqa: S311

    def wait_as_asked(tasks: TaskSet) -> None:
        tasks.wait_time = think_s
        thinking.times += 1
        wait(tasks)

    TaskSet.wait = wait_as_asked
    return thinking


def tell_task_ends(on_end: Callable[[], None]) -> None:
    """Call on_end, as the user, whenever a task has ended well, and before each one begins."""
    execute = TaskSet.execute_next_task

    def execute_and_tell(tasks: TaskSet) -> None:
        on_end()  # of a user's on_start, or of a task that was interrupted
        execute(tasks)
        on_end()

    TaskSet.execute_next_task = execute_and_tell


def limit_requests(timeout_s: float, base_url: str) -> InFlight:
    """Let HTTP requests go to the service alone, for timeout_s at most; return those under way.

    A client's own timeout counts from one socket operation to the next, so an answer that drips
    in never times out. Both of Locust's clients report the cut as a failed request; what would go
    elsewhere raises in the script, which is the failure of that request too.
    """
    from requests import Session  # once Locust has patched what it is built on

    in_flight = InFlight()
    FastHttpSession.request = _limited(FastHttpSession.request, timeout_s, base_url, in_flight)
    # HttpSession's own request is built on this one, and reports its errors.
    classic = _limited(Session.request, timeout_s, base_url, in_flight)
    Session.request = _reported_by_requests(classic)  # type: ignore[method-assign]
    return in_flight


class CutOffError(ClientError):  # type: ignore[misc]  # geventhttpclient has no types
    """There was no whole answer in time.

    It is no OSError: after one of those, a TimeoutError too, the clients go on with the next
    address or the next attempt, and the cut would be lost.
    """

    def __init__(self, timeout_s: float) -> None:
        """Say how long was waited."""
        super().__init__(None, f"no whole answer within {timeout_s:g} s")

    def __str__(self) -> str:
        return str(self.text)


class OtherHostError(ClientError):  # type: ignore[misc]  # geventhttpclient has no types
    """A script asks another host than the service: nobody said that it may be put under load."""

    def __init__(self, base_url: str, url: str) -> None:
        """Name both."""
        other = "://".join(urlsplit(url)[:2])
        super().__init__(None, f"the script asks {other}; only {base_url} is put under load")

    def __str__(self) -> str:
        return str(self.text)


def _limited(request: Request, timeout_s: float, base_url: str, in_flight: InFlight) -> Request:
    asked = urlsplit(base_url)[:2]  # scheme, host and port

    def limited(session: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        user, outcome = gevent.getcurrent(), None
        in_flight.begin(user, _name_of(session, url, *args, **kwargs))
        try:
            if "://" in url and urlsplit(url)[:2] != asked:
                raise OtherHostError(base_url, url)
            with gevent.Timeout(timeout_s, CutOffError(timeout_s)):
                response = request(session, method, url, *args, **kwargs)
            outcome = _failure_of(response)
            return response
        except Exception as error:
            outcome = outcome_of(error, 0)
            raise
        finally:
            in_flight.end(user, outcome)

    return limited


def _name_of(session: Any, url: str, name: str | None = None, *_: Any, **__: Any) -> str | None:
    """Return what Locust will call a request; None for one that it does not report."""
    if isinstance(session, FastHttpSession):
        return name or session.request_name or url
    if isinstance(session, HttpSession):  # its own request has taken the name out
        return session.explicit_name or urlsplit(url).path
    return None


def _failure_of(response: Any) -> str | None:
    """Return how a call failed by its response alone, None where it did not."""
    status = getattr(response, "status_code", 0) or 0
    outcome = outcome_of(getattr(response, "error", None), status)
    if outcome != OK:
        return outcome
    return f"http_{status}" if status >= 400 else None


def _reported_by_requests(request: Request) -> Request:
    from requests import Timeout

    def reporting(*args: Any, **kwargs: Any) -> Any:
        try:
            return request(*args, **kwargs)
        except CutOffError as cut:
            raise Timeout(str(cut)) from cut

    return reporting
