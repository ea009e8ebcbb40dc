"""The services that are compared: what each is made of, how it is started, and how it is asked."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.images import API, API_NULL, API_SKLEARN, Recipe

IMAGES = Path(__file__).parent / "images"
FIELDS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
EVERYWHERE = "0.0.0.0"  # noqa: S104  (inside its container)
Row = tuple[float, float, float, float]  # in the order of FIELDS

# Penguins whose sex was determined in the field, and what the forest says of them too.
PENGUINS: tuple[tuple[Row, str], ...] = (
    ((39.1, 18.7, 181, 3750), "MALE"),
    ((36.7, 19.3, 193, 3450), "FEMALE"),
    ((39.3, 20.6, 190, 3650), "MALE"),
    ((38.9, 17.8, 181, 3625), "FEMALE"),
    ((46.1, 13.2, 211, 4500), "FEMALE"),
    ((50.0, 16.3, 230, 5700), "MALE"),
    ((46.5, 17.9, 192, 3500), "FEMALE"),
    ((50.0, 19.5, 196, 3900), "MALE"),
)


def fields(row: Row) -> dict[str, object]:
    """Return a body that has each measurement by its name."""
    return dict(zip(FIELDS, row, strict=True))


def dataframe_split(row: Row) -> dict[str, object]:
    """Return a body as MLflow's scoring server takes a table."""
    return {"dataframe_split": {"columns": [*FIELDS], "data": [[*row]]}}


@dataclass(frozen=True)
class Contender:
    """A service, the same model in it, and how it is asked for a penguin's sex."""

    name: str  # in tables and files
    recipe: Recipe  # of its image
    command: tuple[str, ...] = ()  # in place of the image's own
    path: str = "/predict/"
    health_path: str = "/health"
    body: Callable[[Row], dict[str, object]] = fields
    knows: bool = True  # the model; one that does not answers all alike
    package: str = ""  # whose version is told; with the lock it is in
    lock: Path | None = None
    port: int = 8000

    @property
    def bodies(self) -> tuple[str, ...]:
        """The bodies of a turn, one a penguin."""
        return tuple(json.dumps(self.body(row)) for row, _ in PENGUINS)

    @property
    def answers(self) -> tuple[str, ...]:
        """What each answer has to have in it: the sex in quotes, as JSON has a text."""
        return tuple(f'"{sex if self.knows else "MALE"}"' for _, sex in PENGUINS)

    @property
    def version(self) -> str:
        """The package that it is named after with its locked version; "" where it has none."""
        if self.lock is None:
            return ""
        found = re.search(rf"^{re.escape(self.package)}==([^\s;\\]+)", self.lock.read_text(), re.M)
        return f"{self.package} {found[1]}" if found else self.package


def _uvicorn(application: str) -> tuple[str, ...]:
    """Return the command of this project's own image for another application."""
    return (
        "/opt/venv/bin/python3", "-m", "uvicorn", application, "--host", EVERYWHERE, "--port",
        "8000", "--loop", "uvloop", "--http", "httptools", "--workers", "1", "--backlog", "4096",
        "--timeout-keep-alive", "120", "--no-access-log",
    )  # fmt: skip


def _framework(name: str) -> Recipe:
    """Return the recipe of a framework in an image of its own."""
    return Recipe(
        f"aguanta-peer-{name}:latest", IMAGES / name, ("requirements.lock",), "../Dockerfile"
    )


_SERVICE_LOCK = API.context / "requirements.lock"
_SKLEARN_LOCK = API.context / "requirements-sklearn.lock"
_SERVERS_LOCK = IMAGES / "servers" / "requirements.lock"
_SERVERS = Recipe("aguanta-peer-servers:latest", IMAGES / "servers", ("requirements.lock",), on=API)
OURS = Contender("this project", API)
BARE = Contender(
    "a bare ASGI function with the model",
    Recipe("aguanta-api:bare", API.context, API.locks, target="bare"),
    package="uvicorn",
    lock=_SERVICE_LOCK,
)
NULL = Contender(
    "a bare ASGI function without a model",
    API_NULL,
    knows=False,
    package="uvicorn",
    lock=_SERVICE_LOCK,
)
DOCUMENTED = Contender(
    "FastAPI as documented, ONNX Runtime",
    Recipe("aguanta-peer-documented:latest", IMAGES / "applications", (), on=API),
    _uvicorn("documented:app"),
    package="fastapi",
    lock=_SERVICE_LOCK,
)
ORIGINAL = Contender(
    "the original way, pandas and scikit-learn",
    Recipe("aguanta-peer-original:latest", IMAGES / "applications", (), on=API_SKLEARN),
    _uvicorn("original:app"),
    package="scikit-learn",
    lock=_SKLEARN_LOCK,
)
MLFLOW = Contender(
    "mlflow models serve",
    _framework("mlflow"),
    ("mlflow", "models", "serve", "-m", "model", "--env-manager", "local", "-h", EVERYWHERE,
     "-p", "8000"),
    path="/invocations",
    body=dataframe_split,
    package="mlflow",
    lock=IMAGES / "mlflow" / "requirements.lock",
)  # fmt: skip
BENTOML = Contender(
    "BentoML",
    _framework("bentoml"),
    ("bentoml", "serve", "service:Penguins", "--host", EVERYWHERE, "--port", "8000"),
    health_path="/livez",
    package="bentoml",
    lock=IMAGES / "bentoml" / "requirements.lock",
)
LITSERVE = Contender(
    "LitServe",
    _framework("litserve"),
    ("python3", "server.py"),
    package="litserve",
    lock=IMAGES / "litserve" / "requirements.lock",
)
GRANIAN = Contender(
    "this project on granian",
    _SERVERS,
    ("python3", "-m", "granian", "--interface", "asgi", "--factory", "--host", EVERYWHERE, "--port",
     "8000", "--workers", "1", "--loop", "uvloop", "--http", "1", "--no-ws", "--backlog", "4096",
     # What it calls requests are connections: of 10,000 most would wait for one that ends.
     "--backpressure", "20000", "service.main:app"),
    package="granian",
    lock=_SERVERS_LOCK,
)  # fmt: skip
HYPERCORN = Contender(
    "this project on hypercorn",
    _SERVERS,
    ("python3", "-m", "hypercorn", "--bind", f"{EVERYWHERE}:8000", "--worker-class", "uvloop",
     "--workers", "1", "--backlog", "4096", "--keep-alive", "120", "service.main:app()"),
    package="hypercorn",
    lock=_SERVERS_LOCK,
)  # fmt: skip

# The first is what ratios are of.
CONTENDERS = (
    OURS, DOCUMENTED, ORIGINAL, MLFLOW, BENTOML, LITSERVE, GRANIAN, HYPERCORN, BARE, NULL,
)  # fmt: skip
