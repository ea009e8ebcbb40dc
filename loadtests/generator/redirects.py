"""Where calls ended that the service sent on elsewhere, such as to a page for logging in."""

from typing import Any
from urllib.parse import urlsplit


class Redirects:
    """By the name of a call the path that the first of them was sent on to, without a query."""

    def __init__(self) -> None:
        """Begin with none."""
        self.paths: dict[str, str] = {}

    def note(self, name: str, response: Any) -> None:
        """Note an answer, of whichever of Locust's clients; most were sent nowhere."""
        history = getattr(response, "history", None)
        if history and name not in self.paths:
            location = (history[-1].headers or {}).get("Location") or ""
            self.paths[name] = urlsplit(location).path or "/"
