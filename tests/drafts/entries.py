"""Entries of a recording, as a browser writes them."""

from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 1, 15, 12, tzinfo=UTC)


def entry(url="http://shop.example/items", method="GET", *, at_s=0.0, status=200, **more):
    """Return one call that went well, with changes."""
    kind = more.pop("kind", "application/json")
    headers = more.pop("headers", {})
    redirect = more.pop("redirect", "")
    sent = more.pop("sent", None)
    return {
        "startedDateTime": (BEGAN + timedelta(seconds=at_s)).isoformat(),
        "time": 5,
        "request": {
            "method": method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            **({"postData": sent} if sent else {}),
        },
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": kind}],
            "content": {"mimeType": kind},
            "redirectURL": redirect,
        },
        **more,
    }


def recording(*entries):
    """Return a recording of some calls."""
    return {"log": {"version": "1.2", "creator": {"name": "a browser"}, "entries": [*entries]}}
