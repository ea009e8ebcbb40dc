"""uvicorn's HTTP protocol, which keeps nothing of a request that was answered.

A user thinks far longer than a request takes, so of 10,000 open connections nearly all are idle.
uvicorn lets go of a connection's last request only when the next one replaces it: its scope,
headers and state are more than a quarter of what an idle connection costs.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class IdleProtocol(HttpToolsProtocol):
    """One connection (uvicorn's --http)."""

    def on_response_complete(self) -> None:
        """Go on as uvicorn does, and forget the request unless something still asks for it."""
        super().on_response_complete()
        answered = self.cycle
        if not answered.response_complete:
            return  # Requests are pipelined, and this is the next one.
        if answered.more_body:
            return  # Refused before its end; the rest of its body asks where it belongs.
        self.cycle = None  # type: ignore[assignment]
        if self.scope is answered.scope:  # Else the head of the next request has begun to arrive.
            self.scope = None  # type: ignore[assignment]
            self.headers = None  # type: ignore[assignment]
