"""What the answer of a health path is worth: whether it says that a service is ready."""

from http import HTTPStatus

from loadtests.question import Target

_LOG_IN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, HTTPStatus.FORBIDDEN)
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def health_note(target: Target, status: int | None, location: str = "") -> str | None:
    """Say what is wrong with a health path that counted as ready; None where nothing is.

    Any answer below 500 counts, as an image may have no such path. But a log-in page may answer
    long before the service behind it can.
    """
    if status is None or status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    path = f"GET {target.health_path} on port {target.port}"
    if status < HTTPStatus.BAD_REQUEST:
        to = f" to {location}" if location else ""
        said = f"{path} is redirected{to} ({status})"
    elif status in _LOG_IN:
        said = f"{path} asks for a log-in ({status})"
    elif status in _GONE:
        said = f"{path} is not there ({status})"
    else:
        said = f"{path} is refused ({status})"
    return (
        f"{said}, so the service counts as ready as soon as it answers at all; give the path that "
        "answers 200 once it is ready (HEALTH_PATH)"
    )
