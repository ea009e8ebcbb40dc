"""The application: POST /predict/, GET /health, and the OpenAPI pages.

`PreparedRoute` is where the speed comes from. FastAPI's own handling of a body and an answer
costs several times what the model does; the endpoint keeps its typed signature, from which
FastAPI writes the OpenAPI document, and the route validates the body's bytes with Pydantic
directly and sends the answer's bytes as they are.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from service.model import CLASSES, load_model
from service.schemas import Health, Penguin, Prediction, Problems
from service.settings import Settings

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


async def read_body(request: Request) -> bytes:
    """Return the body, refusing one over BODY_LIMIT_BYTES before it is held in memory."""
    too_large = RefusedError(413, "body_too_large", f"The body is over {BODY_LIMIT_BYTES} bytes.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > BODY_LIMIT_BYTES:
        raise too_large
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise too_large
    return body


class PreparedRoute(APIRoute):
    """A route whose endpoint takes the validated body and returns prepared bytes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that stands in for FastAPI's own."""
        answer: Callable[[Penguin], bytes] = self.endpoint
        validate = Penguin.__pydantic_validator__.validate_json

        async def handle(request: Request) -> Response:
            try:
                content_type = request.headers.get("content-type", "")
                if content_type.partition(";")[0].strip().lower() != "application/json":
                    raise RefusedError(
                        415, "content_type", "Send the body as Content-Type: application/json."
                    )
                penguin = validate(await read_body(request))
            except ValidationError as error:
                # Inputs are left out: NaN or Infinity could not be written as JSON.
                detail = error.errors(include_url=False, include_context=False, include_input=False)
                return _problem(422, detail[:PROBLEM_LIMIT])
            except RefusedError as refused:
                return _problem(refused.status, refused.detail)
            except ClientDisconnect:
                return _problem(400, [])  # Nobody is left to read it.
            return Response(answer(penguin), media_type="application/json")

        return handle


def _problem(status: int, detail: object) -> Response:
    # A body left unread would be taken for the connection's next request.
    headers = {"connection": "close"} if status == 413 else None
    content = json.dumps({"detail": detail}).encode()
    return Response(content, status, headers, media_type="application/json")


def create_app(settings: Settings) -> FastAPI:
    """Load the model and return the application that answers with it.

    Raises ModelFileError when the model cannot be loaded: better no service than a wrong one.
    """
    model = load_model(settings)
    app = FastAPI(
        title="Penguin sex",
        version=model.version,
        description="Tells a penguin's sex from four measurements, with a random forest.",
        # A request is compared with the route of every page first, and telemetry reads the
        # environment for each: together they would cost about as much CPU as the prediction.
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    prefixes = [f'{{"prediction":"{name}","probability":'.encode() for name in CLASSES]
    suffix = f',"model_version":{json.dumps(model.version)}}}'.encode()

    def predict(penguin: Penguin) -> bytes:
        """Tell the sex of one penguin from its measurements."""
        female, male = model.predict(
            (
                penguin.bill_length_mm,
                penguin.bill_depth_mm,
                penguin.flipper_length_mm,
                penguin.body_mass_g,
            )
        )
        winner, probability = (1, male) if male > female else (0, female)
        return prefixes[winner] + b"%.4f" % min(probability, 1.0) + suffix

    problems: dict[int | str, dict[str, Any]] = {
        413: {"model": Problems, "description": "The body is too large."},
        415: {"model": Problems, "description": "The body is not announced as JSON."},
        422: {"model": Problems, "description": "The body is not a plausible penguin."},
    }
    app.router.add_api_route(
        "/predict/",
        predict,
        methods=["POST"],
        response_model=Prediction,
        responses=problems,
        route_class_override=PreparedRoute,
        summary="Tell a penguin's sex",
    )

    health_now = Health(status="ok", engine=model.engine, model_version=model.version)
    healthy = health_now.model_dump_json().encode()

    @app.get("/health", response_model=Health, summary="Is the service up?")
    async def health() -> Response:
        return Response(healthy, media_type="application/json")

    return app
