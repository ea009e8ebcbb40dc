"""POST /predict/ as one ASGI function: body in, prediction out, and nothing built in between.

Every step is one that the interface promises: the body is announced as JSON, is not too large,
and is a plausible penguin.
"""

import json
from collections.abc import Callable, Iterable

from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from service.schemas import Penguin

# A request is about 100 bytes; nothing valid comes near this.
BODY_LIMIT_BYTES = 64 * 1024
# Four fields can be wrong in few ways; a body of thousands of made-up fields gets a short answer.
PROBLEM_LIMIT = 20


class RefusedError(Exception):
    """A request that gets no prediction, with the status and the reason to send."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        """Keep the HTTP status, a machine-readable kind and a sentence for a person."""
        super().__init__(message)
        self.status = status
        self.detail = [{"loc": ["body"], "msg": message, "type": kind}]


def prediction_app(answer: Callable[[Penguin], bytes]) -> ASGIApp:
    """Return the ASGI function that validates a body and sends what `answer` makes of it."""
    validate = Penguin.__pydantic_validator__.validate_json

    async def predict(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _check_announcement(scope)
            penguin = validate(await _read_body(receive))
        except ValidationError as error:
            # Inputs are left out: NaN or Infinity could not be written as JSON.
            detail = error.errors(include_url=False, include_context=False, include_input=False)
            await _send_problem(send, 422, detail[:PROBLEM_LIMIT])
        except RefusedError as refused:
            await _send_problem(send, refused.status, refused.detail)
        except ClientDisconnect:
            return  # Nobody is left to read an answer.
        else:
            await _send_json(send, 200, answer(penguin))

    return predict


def _check_announcement(scope: Scope) -> None:
    """Refuse, by its headers alone, a body that is not JSON or is over BODY_LIMIT_BYTES."""
    headers = dict(reversed(scope["headers"]))  # Of several with one name, the first counts.
    content_type: bytes = headers.get(b"content-type", b"")
    if content_type.partition(b";")[0].strip().lower() != b"application/json":
        raise RefusedError(415, "content_type", "Send the body as Content-Type: application/json.")
    announced: bytes = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > BODY_LIMIT_BYTES:
        raise _too_large()


async def _read_body(receive: Receive) -> bytes:
    """Return the body, refusing one over BODY_LIMIT_BYTES before it is held in memory."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT_BYTES:
            raise _too_large()
        more = message.get("more_body", False)
    return body


def _too_large() -> RefusedError:
    return RefusedError(413, "body_too_large", f"The body is over {BODY_LIMIT_BYTES} bytes.")


async def _send_problem(send: Send, status: int, detail: object) -> None:
    # A body left unread would be taken for the connection's next request.
    closing = [(b"connection", b"close")] if status == 413 else []
    await _send_json(send, status, json.dumps({"detail": detail}).encode(), closing)


async def _send_json(
    send: Send, status: int, content: bytes, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    described = [
        (b"content-length", b"%d" % len(content)),
        (b"content-type", b"application/json"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *described]})
    await send({"type": "http.response.body", "body": content})
