"""When users act: arrivals spread over each second, requests cut off as a whole, tasks' ends."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import gevent
from geventhttpclient.useragent import ConnectionError as ClientError
from locust import TaskSet, User
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

from loadtests.generator.arrivals import Arrivals
from loadtests.generator.deadlines import Deadlines
from loadtests.generator.http_answer import Answer
from loadtests.generator.in_flight import InFlight
from loadtests.generator.keep_alive_response import SentOn
from loadtests.generator.keep_alive_session import KeepAliveSession
from loadtests.generator.outcome import OK, outcome_of
from loadtests.generator.request_head import Asked

# Locust spawns the users of one second all at once.
SPREAD_S = 1.0
Request = Callable[..., Any]
LateS = Callable[[Any], float]  # how late (s) a user's next request goes out
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


def _on_time(_user: Any) -> float:
    return 0.0


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


def wait_for_arrivals(arrivals: Arrivals) -> Thinking:
    """Let every user wait for the next arrival before its first task, and in place of thinking.

    Locust begins a user's first task at once, so that has to wait as well; a task set within
    another goes on with the arrival that its user has in hand. Returns the count of waits.
    """
    wait, execute, thinking = TaskSet.wait, TaskSet.execute_next_task, Thinking()

    def arrival_s() -> float:
        arrivals.take(gevent.getcurrent())
        return 0.0

    def wait_for_next(tasks: TaskSet) -> None:
        tasks.wait_time = arrival_s
        thinking.times += 1
        wait(tasks)

    def execute_arrived(tasks: TaskSet) -> None:
        if not arrivals.is_with(gevent.getcurrent()):
            tasks.wait()
        execute(tasks)

    TaskSet.wait, TaskSet.execute_next_task = wait_for_next, execute_arrived
    return thinking


def wait_as_one(holders: Iterable[Any]) -> None:
    """Let users and task sets that have a way to wait of their own wait like all others."""
    for holder in holders:
        holder.wait = TaskSet.wait if issubclass(holder, TaskSet) else User.wait


def tell_task_ends(on_end: Callable[[], None]) -> None:
    """Call on_end, as the user, whenever a task has ended well, and before each one begins."""
    execute = TaskSet.execute_next_task

    def execute_and_tell(tasks: TaskSet) -> None:
        on_end()  # of a user's on_start, or of a task that was interrupted
        execute(tasks)
        on_end()

    TaskSet.execute_next_task = execute_and_tell


def limit_requests(timeout_s: float, late_s: LateS = _on_time) -> InFlight:
    """Cut every HTTP request off after timeout_s as a whole; return those under way.

    A client's own timeout counts from one socket operation to the next, so an answer that drips
    in never times out. Both of Locust's clients report the cut as a failed request.
    """
    from requests import Session  # once Locust has patched what it is built on

    in_flight = InFlight()
    deadlines = Deadlines(timeout_s, lambda: CutOffError(timeout_s))
    limits = deadlines, in_flight, late_s
    FastHttpSession.request = _limited(FastHttpSession.request, *limits)
    KeepAliveSession.sent = _limited_sent(*limits)  # type: ignore[method-assign]
    # HttpSession's own request is built on this one, and reports its errors.
    classic = _limited(Session.request, *limits)
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


def _limited(request: Request, deadlines: Deadlines, in_flight: InFlight, late_s: LateS) -> Request:
    def limited(session: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        user, outcome = gevent.getcurrent(), None
        name = _name_of(session, url, *args, **kwargs)
        in_flight.begin(user, name, 0.0 if name is None else late_s(user))
        deadlines.begin(user)
        try:
            response = request(session, method, url, *args, **kwargs)
            outcome = _failure_of(response)
            return response
        except Exception as error:
            outcome = outcome_of(error, 0)
            raise
        finally:
            deadlines.end(user)
            in_flight.end(user, outcome)

    return limited


def _limited_sent(
    deadlines: Deadlines, in_flight: InFlight, late_s: LateS
) -> Callable[..., tuple[Answer, SentOn]]:
    """Return the same around what KeepAliveSession itself sends, and waits for."""
    sent = KeepAliveSession.sent

    def limited(
        session: KeepAliveSession, asked: Asked, called: str, allow_redirects: bool
    ) -> tuple[Answer, SentOn]:
        user, outcome = gevent.getcurrent(), None
        in_flight.begin(user, called, late_s(user))
        deadlines.begin(user)
        try:
            answer, sent_on = sent(session, asked, called, allow_redirects)
            outcome = _failure_by(answer.error, answer.status)
            return answer, sent_on
        except Exception as error:
            outcome = outcome_of(error, 0)
            raise
        finally:
            deadlines.end(user)
            in_flight.end(user, outcome)

    return limited


def _name_of(session: Any, url: str, name: str | None = None, *_: Any, **__: Any) -> str | None:
    """Return what Locust will call a request; None for one that it does not report."""
    if isinstance(session, FastHttpSession):
        return name or url
    if isinstance(session, HttpSession):  # its own request has taken the name out
        return session.explicit_name or url
    return None


def _failure_of(response: Any) -> str | None:
    """Return how a call failed by its response alone, None where it did not."""
    status = getattr(response, "status_code", 0) or 0
    return _failure_by(getattr(response, "error", None), status)


def _failure_by(error: BaseException | None, status: int) -> str | None:
    outcome = outcome_of(error, status)
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
