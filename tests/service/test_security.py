"""Hostile files and hostile users: nothing runs that should not, and everybody else is served."""

import contextlib
import hashlib
import json
import pickle
import resource
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode

from loadtests.units import MIB
from service.app import create_app
from service.model import ModelFileError, load_model
from service.settings import Engine, Settings
from tests.evidence_log import log_case
from tests.running import free_ports, process, wait_for
from tests.service.image_command import image_command
from tests.service.test_served import HEAD, REQUEST, read_answer

SLOW_SENDERS = 200
IDLE = 2000
# About 8 KiB a connection were measured; a few times that leaves room for chance.
MEMORY_MIB = 100
PATIENCE_S = 5.0


# --- model files


class Canary:
    """Writes a file when it is unpickled."""

    def __init__(self, song: Path) -> None:
        self._song = song

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.write_text, (self._song, "it sang")


@pytest.mark.parametrize(
    ("engine", "name"), [("onnx", "model.onnx"), ("sklearn", "random_forest_model.pkl")]
)
@pytest.mark.parametrize("swapped", [True, False], ids=["swapped", "added"])
def test_a_pickle_that_was_not_exported_is_never_loaded(
    model_dir: Path, tmp_path: Path, engine: Engine, name: str, swapped: bool
) -> None:
    """In place of the model, with any hash but its own, it stops the service before it can act."""
    song = tmp_path / "song"
    folder = Path(shutil.copytree(model_dir, tmp_path / "model"))
    content = pickle.dumps(Canary(song))
    assert not song.exists()
    pickle.loads(content)
    song.unlink()  # it can sing

    said = "loaded as exported"
    if swapped:
        (folder / name).write_bytes(content)
        with pytest.raises(ModelFileError) as refused:
            load_model(Settings(engine, folder))
        said = str(refused.value)
    else:
        (folder / f"another-{name}").write_bytes(content)
        load_model(Settings(engine, folder))
    where = "in place of" if swapped else "beside"
    right = not song.exists() and (not swapped or "has SHA-256" in said)
    log_case("security", "pickle canary", f"a pickle that acts {where} {name}", said, right)
    assert right, said


def test_onnx_never_unpickles_even_with_the_right_hash(model_dir: Path, tmp_path: Path) -> None:
    """Its format carries no code: a pickle in its place is no model."""
    song = tmp_path / "song"
    folder = Path(shutil.copytree(model_dir, tmp_path / "model"))
    content = pickle.dumps(Canary(song))
    (folder / "model.onnx").write_bytes(content)
    described = json.loads((folder / "model.json").read_text())
    described["files"]["onnx"]["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(Exception, match="protobuf") as refused:
        load_model(Settings("onnx", folder))
    right = not song.exists()
    log_case("security", "pickle canary", "a pickle as model.onnx", str(refused.value), right)
    assert right


# --- the documented interface


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("POST", "/predict/", GenerationMode.POSITIVE),
        ("POST", "/predict/", GenerationMode.NEGATIVE),
        ("GET", "/health", GenerationMode.POSITIVE),
    ],
)
def test_answers_are_as_documented_whatever_is_sent(
    model_dir: Path, method: str, path: str, mode: GenerationMode
) -> None:
    """Every check of Schemathesis, on requests that are right and on such as are not."""
    app = create_app(Settings("onnx", model_dir))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    answered: list[int] = []

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        answered.append(case.call_and_validate().status_code)

    check()
    said = f"{len(answered)} requests, answered with {sorted(set(answered))}, all as documented"
    log_case("security", "Schemathesis", f"{mode.value} requests to {method} {path}", said, True)
    assert (200 in answered) is (mode is GenerationMode.POSITIVE)


def test_the_document_leaves_no_operation_out(model_dir: Path) -> None:
    """Those above are all there are."""
    paths = create_app(Settings("onnx", model_dir)).openapi()["paths"]
    assert {path: list(methods) for path, methods in paths.items()} == {
        "/predict/": ["post"],
        "/health": ["get"],
    }


# --- slow and idle connections


@dataclass(frozen=True)
class Served:
    """The service in a process of its own."""

    port: int
    process: psutil.Process

    @property
    def memory_mib(self) -> float:
        """Memory in use."""
        return float(self.process.memory_info().rss) / MIB

    def connect(self) -> socket.socket:
        """Open a connection that fails instead of waiting for ever."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def answer_s(self) -> float:
        """Return how long a user who does nothing wrong waits for an answer."""
        began = time.monotonic()
        with self.connect() as connection:
            connection.sendall(REQUEST)
            assert read_answer(connection)[0] == 200
        return time.monotonic() - began


@pytest.fixture
def served(model_dir: Path, tmp_path: Path) -> Iterator[Served]:
    """The service as its image starts it, and descriptors for all who connect."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * IDLE + soft), hard))
    port = free_ports()
    environment = {"MODEL_DIR": str(model_dir), "MODEL_ENGINE": "onnx"}
    try:
        with process(image_command(port), tmp_path / "log.txt", environment) as started:
            service = Served(port, psutil.Process(started.pid))

            def answers() -> bool | None:
                with contextlib.suppress(OSError):
                    return service.answer_s() > 0
                return None

            wait_for("the service", answers)
            yield service
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_slow_senders_do_not_keep_others_waiting(served: Served) -> None:
    """Two hundred bodies of which a byte comes each second."""
    before_mib = served.memory_mib
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(served.connect()) for _ in range(SLOW_SENDERS)]
        for connection in slow:
            connection.sendall(HEAD + b"Content-Length: 60000\r\n\r\n")
        waited_s = []
        for _ in range(5):
            for connection in slow:
                connection.sendall(b" ")
            time.sleep(1)
            waited_s.append(served.answer_s())
        grown_mib = served.memory_mib - before_mib
    said = f"others waited at most {max(waited_s):.3f} s, memory grew by {grown_mib:.0f} MiB"
    right = max(waited_s) < PATIENCE_S and grown_mib < MEMORY_MIB
    log_case("security", "slow bodies", f"{SLOW_SENDERS} senders of a byte a second", said, right)
    assert right, said


def test_idle_connections_do_not_keep_others_waiting(served: Served) -> None:
    """Two thousand that are opened and say nothing."""
    before_mib = served.memory_mib
    with ExitStack() as open_ones:
        for _ in range(IDLE):
            open_ones.enter_context(served.connect())
        waited_s = [served.answer_s() for _ in range(20)]
        grown_mib = served.memory_mib - before_mib
    waited_s.append(served.answer_s())
    said = f"others waited at most {max(waited_s):.3f} s, memory grew by {grown_mib:.0f} MiB"
    right = max(waited_s) < PATIENCE_S and grown_mib < MEMORY_MIB
    log_case("security", "idle connections", f"{IDLE:,} connections that say nothing", said, right)
    assert right, said
