"""Ask all that `nasty` answers as a FastHttpUser and as a KeepAliveUser: `side_by_side.py port`.

Prints what came of each call with each client, and of the call after it.
"""

import json
import sys
from types import SimpleNamespace

import gevent
from locust.contrib.fasthttp import FastHttpUser
from locust.event import EventHook

from loadtests.generator import connections
from loadtests.generator.keep_alive_user import KeepAliveUser
from loadtests.generator.outcome import outcome_of
from tests.generator.programs import nasty

GIVE_UP_S = 0.5
SETTLE_S = 0.02  # for word of a closed connection to come, before it is asked again
SET = {"network_timeout": GIVE_UP_S, "connection_timeout": GIVE_UP_S, "abstract": True}
OF_ALL = {"X-Of-All": "1", "content-type": "text/plain"}

port = int(sys.argv[1])
connections.keep_alive()
log = connections.log_connections()

CALLS = {
    **{f"GET {path}": ("GET", path, {}) for path in (*nasty.KEPT, *nasty.CLOSED, *nasty.RESET)},
    "GET /byte-by-byte": ("GET", "/byte-by-byte", {}),
    "GET /never": ("GET", "/never", {}),
    **{f"HEAD {path}": ("HEAD", path, {}) for path in ("/ok", "/no-content", "/on")},
    **{
        f"POST {path}": ("POST", path, {"data": "asked"})
        for path in (
            "/ok", "/error", "/on", "/on-see-other", "/on-as-it-is", "/without-a-word",
            "/closed-while-idle", "/said-to-close", "/in-the-body", "/reset", "/never",
        )
    },
    "text": ("POST", "/echo", {"data": "h\u00e9llo"}),
    "bytes": ("POST", "/echo", {"data": b"\x00\xff"}),
    "a form": ("POST", "/echo", {"data": {"a": "1 2", "b": "\u00e9"}}),
    "an empty body": ("POST", "/echo", {"data": ""}),
    "no body": ("POST", "/echo", {}),
    "JSON": ("POST", "/echo", {"json": {"a": [1, None]}}),
    "JSON that is empty": ("PUT", "/echo", {"json": {}}),
    "JSON of a type": ("PATCH", "/echo", {"json": [], "headers": {"content-type": "a/b"}}),
    "text of a type": ("PUT", "/echo", {"data": "a", "headers": {"Content-Type": "a/b"}}),
    "text as long in letters": ("POST", "/echo", {"data": "hello"}),
    "a large body": ("POST", "/echo", {"data": "abcdefgh" * 400_000}),
    "a body to delete": ("DELETE", "/echo", {"data": b"a"}),
    "headers": ("GET", "/echo", {"headers": {"X-A": "b", "Accept-Encoding": "gzip", "host": "h"}}),
    "a header that is a number": ("GET", "/echo", {"headers": {"X-A": 1}}),
    "a list of headers": ("GET", "/echo", {"headers": {"X-A": ["1", "2"]}}),
    "a log-in": ("GET", "/echo", {"auth": ("me", "secret")}),
    "a query": ("GET", "/echo?a=b c&d=%20", {}),
    "parameters": ("GET", "/echo?a=1", {"params": {"b": "2 3", "c": ["4", "5"]}}),
    "a path to be quoted": ("GET", "/echo?\u00e9", {}),
    "a fragment": ("GET", "/echo#part", {}),
    "in small letters": ("get", "/echo", {}),
    "options": ("OPTIONS", "/ok", {}),
    "a name": ("GET", "/ok", {"name": "its name"}),
    "a context": ("GET", "/ok", {"context": {"a": 1}}),
    "no redirect": ("GET", "/on", {"allow_redirects": False}),
    "nobody there": ("GET", "http://127.0.0.1:1/", {}),
    "a whole address": ("GET", f"http://127.0.0.1:{port}/ok", {}),
}  # fmt: skip


def user_of(kind):
    """Return a new user of one kind, and the list that its calls are noted in."""
    noted, events = [], SimpleNamespace(request=EventHook())

    @events.request.add_listener
    def note(request_type, name, response_length, exception, response, context, url, **more):
        status = getattr(response, "status_code", 0) or 0
        noted.append(
            [request_type, name, outcome_of(exception, status), response_length, context, url]
        )
        assert more["response_time"] >= 0, more
        assert more["start_time"] > 0, more

    host = {"host": f"http://127.0.0.1:{port}", "default_headers": OF_ALL}
    made = type("Asking", (kind,), SET | host)
    return made(SimpleNamespace(events=events)), noted


def shown(show):
    """Return what is shown, or which error that is."""
    try:
        found = show()
    except Exception as error:
        return repr(error)
    return found.decode("latin-1") if isinstance(found, bytes) else found


def look(response):
    """Return what a script can see of a response."""
    headers = response.headers
    return {
        "status": response.status_code,
        "content": shown(lambda: response.content),
        "text": shown(lambda: response.text),
        "headers": sorted(map(list, headers.items())) if headers is not None else None,
        "ok": response.ok,
        "url": response.url,
        "asked": response.request.method,
        "sent on": [one.status_code for one in getattr(response, "_history", ())],
    }


def ask(kind, method, path, options):
    """Ask once, and then once more for something simple; return all that can be seen of both."""
    before = log.opened, log.closed_by_service
    user, noted = user_of(kind)
    user.client.get("/seen")
    seen = look(user.client.request(method, path, **options))
    gevent.sleep(SETTLE_S)
    seen["requests"] = user.client.get("/seen").text
    return seen | {
        "noted": noted[1:-1],
        "opened": log.opened - before[0],
        "closed": log.closed_by_service - before[1],
    }


def within(how, path):
    """Return a function that asks in a with-block in which something happens."""

    def asking(kind):
        user, noted = user_of(kind)
        raised = None
        try:
            with user.client.get(path, catch_response=True) as response:
                how(response)
        except Exception as error:
            raised = repr(error)
        return {"noted": noted, "raised": raised}

    return asking


def leave(_response):
    """Do nothing."""


def fail(response):
    """Call it a failure."""
    response.failure("wrong")


def rename(response):
    """Give it another name."""
    response.request_meta["name"] = "renamed"


def check(response):
    """Look for what is not there."""
    assert response.status_code == 418, "no teapot"


def look_up(response):
    """Look for a key that is not there."""
    response.json()["nothing"]


BLOCKS = {
    "nothing": (leave, "/ok"),
    "nothing, of an error": (leave, "/error"),
    "nothing, of garbage": (leave, "/garbage"),
    "nothing, of half a body": (leave, "/in-the-body"),
    "a failure": (fail, "/ok"),
    "a success, of an error": (lambda response: response.success(), "/error"),
    "a success, of garbage": (lambda response: response.success(), "/garbage"),
    "another name": (rename, "/ok"),
    "a check that fails": (check, "/ok"),
    "an error": (look_up, "/json"),
    "a failure and an error": (lambda response: (fail(response), check(response)), "/ok"),
    "a status that is raised": (lambda response: response.raise_for_status(), "/error"),
}


def several_at_once(kind):
    """Let one user ask 25 times at once; return how many connections that took."""
    before = log.opened
    user, noted = user_of(kind)
    gevent.joinall([gevent.spawn(user.client.get, "/ok") for _ in range(25)])
    return {"noted": noted, "opened": log.opened - before}


def rest(kind):
    """Ask as an API is asked, for what is JSON and what is not."""
    user, noted = user_of(kind)
    for path in ("/json", "/ok", "/garbage"):
        with user.rest("GET", path) as response:
            noted.append(response.js)
    with user.rest("POST", "/json", json={"a": 1}) as response:
        assert response.js["a"] == [], "wrong"
    return {"noted": noted}


def cookies(kind):
    """Ask with the cookies that came before, on the way too."""
    user, noted = user_of(kind)
    texts = [user.client.get(path).text for path in ("/cookie", "/echo", "/cookie-and-on")]
    return {"noted": noted, "texts": texts, "kept": sorted(c.name for c in user.client.cookiejar)}


def misuse(kind):
    """Use a response as is not allowed; return what is raised."""
    user, noted = user_of(kind)
    raised = []
    for wrong in (
        lambda: user.client.get("/ok").failure("no"),
        lambda: user.client.get("/ok").success(),
        lambda: user.client.get("/ok", catch_response=True).failure("no"),
        lambda: user.client.get("/ok", headers={"X-A": "b\r\nX-C: d"}),
        lambda: user.client.get("/ok", headers={"X A": "b"}),
    ):
        try:
            wrong()
        except Exception as error:
            raised.append(type(error).__name__)
    with user.client.rename_request("another name"):
        user.client.get("/ok")
    return {"noted": noted, "raised": raised}


KINDS = {"FastHttpUser": FastHttpUser, "KeepAliveUser": KeepAliveUser}
print(
    json.dumps(
        {
            "calls": {
                what: {name: ask(kind, *call) for name, kind in KINDS.items()}
                for what, call in CALLS.items()
            },
            "blocks": {
                what: {name: within(*block)(kind) for name, kind in KINDS.items()}
                for what, block in BLOCKS.items()
            },
            "ways": {
                way.__name__: {name: way(kind) for name, kind in KINDS.items()}
                for way in (several_at_once, rest, cookies, misuse)
            },
        }
    )
)
