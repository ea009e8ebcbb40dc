"""One word for how a request ended."""

import errno
import socket
from collections.abc import Iterator

OK = "ok"
TIMEOUT = "timeout"
# The generator ran out of something, or the script asked somebody else: not the service's doing.
EMFILE = "emfile"
ADDRESSES = "eaddrnotavail"
DNS = "dns"
OTHER_HOST = "other_host"  # the script asks what is not the service
OWN_ERRORS = (EMFILE, ADDRESSES, DNS, OTHER_HOST)

_BY_ERRNO = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ECONNABORTED: "reset",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.ETIMEDOUT: TIMEOUT,
    errno.EMFILE: EMFILE,
    errno.ENFILE: EMFILE,
    errno.EADDRNOTAVAIL: ADDRESSES,
}
_BY_NAME = {
    "HTTPConnectionClosed": "reset",
    "RemoteDisconnected": "reset",
    "CatchResponseError": "wrong_answer",
    "HTTPParseError": "wrong_answer",
    "ReadTimeout": TIMEOUT,
    "ReadTimeoutError": TIMEOUT,
    "ConnectTimeout": TIMEOUT,
    "Timeout": TIMEOUT,
    "CutOffError": TIMEOUT,
    "OtherHostError": OTHER_HOST,
}


def outcome_of(exception: BaseException | None, status: int) -> str:
    """Name how a request ended, from what Locust's request event carries.

    `status` is the HTTP status, 0 where there was no answer.
    """
    if exception is None:
        return OK
    for error in _chain(exception):
        if isinstance(error, socket.gaierror):
            return DNS
        if isinstance(error, TimeoutError):
            return TIMEOUT
        if isinstance(error, OSError) and error.errno in _BY_ERRNO:
            return _BY_ERRNO[error.errno]
        if type(error).__name__ in _BY_NAME:
            return _BY_NAME[type(error).__name__]
    return f"http_{status}" if status >= 400 else type(exception).__name__


def _chain(exception: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what caused it, through causes and wrapped arguments."""
    waiting, seen = [exception], set()
    while waiting:
        error = waiting.pop(0)
        if id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        linked = (error.__cause__, error.__context__, *error.args)
        waiting.extend(e for e in linked if isinstance(e, BaseException))
