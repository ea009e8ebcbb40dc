"""The model behind a bare ASGI function, which validates nothing: what the service is measured by.

It answers a right request as the service does, and knows no wrong one.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from service.garbage import spare_what_is_loaded
from service.model import CLASSES, Model, load_model
from service.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def app() -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """Return the function, its model loaded (uvicorn's --factory)."""
    model = load_model(Settings.from_environment())
    spare_what_is_loaded()

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        said = {"status": "ok"} if scope["path"] == "/health" else _predict(model, json.loads(body))
        content = json.dumps(said).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return answer


def _predict(model: Model, penguin: dict[str, float]) -> dict[str, Any]:
    female, male = model.predict(
        (
            penguin["bill_length_mm"],
            penguin["bill_depth_mm"],
            penguin["flipper_length_mm"],
            penguin["body_mass_g"],
        )
    )
    return {
        "prediction": CLASSES[male > female],
        "probability": round(max(female, male), 4),
        "model_version": model.version,
    }
