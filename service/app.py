"""The application: POST /predict/, GET /health, and the OpenAPI pages.

FastAPI's own way of a request, through its middleware, its router, and objects for request and
answer, costs more CPU than the prediction, and memory for as long as the connection stays open.
So `Service` hands a prediction to one ASGI function, and everything else to FastAPI. The endpoint
keeps its typed signature, from which FastAPI writes the OpenAPI document.
"""

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from service.model import CLASSES, Model, load_model
from service.predict import BODY_LIMIT_BYTES, PROBLEM_LIMIT, prediction_app
from service.schemas import Health, Penguin, Prediction, Problems
from service.settings import Settings

__all__ = ["BODY_LIMIT_BYTES", "PROBLEM_LIMIT", "create_app"]

PREDICT_PATH = "/predict/"


class PredictRoute(APIRoute):
    """A route with a typed endpoint, for FastAPI to document, that answers as prediction_app."""

    def __init__(self, path: str, endpoint: Callable[[Penguin], bytes], **options: Any) -> None:
        """Let FastAPI read the endpoint's types, and answer without it."""
        super().__init__(path, endpoint, **options)
        self.app = prediction_app(endpoint)


class Service(FastAPI):
    """FastAPI with a shorter way to its predictions."""

    def add_predict_route(self, endpoint: Callable[[Penguin], bytes], **options: Any) -> None:
        """Answer POST PREDICT_PATH with the endpoint's bytes."""
        route = PredictRoute(PREDICT_PATH, endpoint, methods=["POST"], **options)
        self.router.routes.append(route)
        self._predict = route.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope.get("method") == "POST" and scope["path"] == PREDICT_PATH:
            await self._predict(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings) -> FastAPI:
    """Load the model and return the application that answers with it.

    Raises ModelFileError when the model cannot be loaded: better no service than a wrong one.
    """
    model = load_model(settings)
    app = Service(
        title="Penguin sex",
        version=model.version,
        description="Tells a penguin's sex from four measurements, with a random forest.",
        # One page to try it out is enough, and nobody would collect the telemetry.
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    problems: dict[int | str, dict[str, Any]] = {
        413: {"model": Problems, "description": "The body is too large."},
        415: {"model": Problems, "description": "The body is not announced as JSON."},
        422: {"model": Problems, "description": "The body is not a plausible penguin."},
    }
    app.add_predict_route(
        _predict(model),
        response_model=Prediction,
        responses=problems,
        summary="Tell a penguin's sex",
    )

    health_now = Health(status="ok", engine=model.engine, model_version=model.version)
    healthy = health_now.model_dump_json().encode()

    @app.get("/health", response_model=Health, summary="Is the service up?")
    async def health() -> Response:
        return Response(healthy, media_type="application/json")

    return app


def _predict(model: Model) -> Callable[[Penguin], bytes]:
    """Return the endpoint, with all of an answer written beforehand but its probability."""
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

    return predict
