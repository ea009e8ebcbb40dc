"""An engine behind TLS, reached as Docker's own client reaches it: a real one, started here."""

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.integration.second_engine import SecondEngine, can_be_had

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not can_be_had(), reason="a second engine needs root and dockerd"),
]

HOST = "127.0.0.1"  # of the second engine's own network
ADDRESS = f"tcp://{HOST}:2376"
CONTEXT = "behind-tls"
WAYS = ["DOCKER_HOST", "docker context use", "DOCKER_CONTEXT"]


def write_certificates(folder: Path, trusted: trustme.CA, signer: trustme.CA) -> Path:
    """Write whom one trusts, and a certificate of one's own, under the names Docker gives them."""
    folder.mkdir(parents=True)
    own = signer.issue_cert(HOST)
    trusted.cert_pem.write_to_path(folder / "ca.pem")
    own.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    own.private_key_pem.write_to_path(folder / "key.pem")
    return folder


@dataclass(frozen=True)
class Guarded:
    """An engine that answers clients of its authority only."""

    engine: SecondEngine
    authority: trustme.CA
    bundle: Path  # of authorities for the internet, as companies set it for everything

    def networks(self) -> set[str]:
        """Return the names of the engine's networks, by its socket."""
        with self.engine.client() as client:
            return {str(network.name) for network in client.networks.list()}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[Guarded]:
    """A second engine that listens on TCP too."""
    folder, authority = tmp_path_factory.mktemp("engine"), trustme.CA()
    own = write_certificates(folder / "own", authority, authority)
    engine = SecondEngine(
        folder,
        *("--host", ADDRESS, "--tlsverify", "--tlscacert", f"{own}/ca.pem"),
        *("--tlscert", f"{own}/cert.pem", "--tlskey", f"{own}/key.pem"),
    )
    trustme.CA().cert_pem.write_to_path(bundle := folder / "bundle.pem")
    try:
        engine.start()
        yield Guarded(engine, authority, bundle)
    finally:
        engine.remove()


def naming(way: str, folder: Path, trusted: trustme.CA, signer: trustme.CA) -> dict[str, str]:
    """Write certificates where one way of naming an engine has them; return what names it."""
    if way == "DOCKER_HOST":
        files = write_certificates(folder / "certificates", trusted, signer)
        return {"DOCKER_HOST": ADDRESS, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(files)}
    # As `docker context create` lays it out.
    contexts, digest = folder / "contexts", hashlib.sha256(CONTEXT.encode()).hexdigest()
    write_certificates(contexts / "tls" / digest / "docker", trusted, signer)
    endpoint = {"Host": ADDRESS, "SkipTLSVerify": False}
    meta = {"Name": CONTEXT, "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (contexts / "meta" / digest).mkdir(parents=True)
    (contexts / "meta" / digest / "meta.json").write_text(json.dumps(meta))
    used = {"currentContext": CONTEXT} if way == "docker context use" else {}
    (folder / "config.json").write_text(json.dumps(used))
    named = {} if used else {"DOCKER_CONTEXT": CONTEXT}
    return {"DOCKER_CONFIG": str(folder), **named}


def make_engine(guarded: Guarded, naming: dict[str, str]) -> tuple[int, str, str]:
    """Do as `make engine` does; return exit code, complaint, and the network it was to make."""
    network = f"aguanta-test-{secrets.token_hex(4)}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    command = [sys.executable, "-m", "loadtests.jobs.prepare", "engine"]
    asked = {"NETWORK": network, "REQUESTS_CA_BUNDLE": str(guarded.bundle)}
    ended = guarded.engine.run(command, kept | naming | asked)
    return ended.returncode, ended.stderr, network


@pytest.mark.parametrize("way", WAYS)
def test_certificates_lead_to_the_engine_that_is_named(guarded, tmp_path, way):
    """A network that is asked for is made there, and not by the machine's own engine."""
    named = naming(way, tmp_path, guarded.authority, guarded.authority)
    exit_code, complaint, network = make_engine(guarded, named)
    assert exit_code == 0, complaint
    assert network in guarded.networks()


@pytest.mark.parametrize("way", WAYS[:2])
@pytest.mark.parametrize("wrong", ["authority", "client", "file"])
def test_certificates_that_are_wrong_are_refused_and_it_is_said_where_right_ones_belong(
    guarded, tmp_path, way, wrong
):
    """Whether this client does not know the engine, or the engine not this client."""
    stranger = trustme.CA()
    trusted = stranger if wrong == "authority" else guarded.authority
    signer = stranger if wrong == "client" else guarded.authority
    named = naming(way, tmp_path, trusted, signer)
    if wrong == "file":
        (missing,) = tmp_path.rglob("key.pem")
        missing.unlink()
    exit_code, complaint, network = make_engine(guarded, named)
    assert exit_code == 2, complaint
    said = f"Error: the engine at {ADDRESS} and this client do not trust each other ("
    assert complaint.startswith(said), complaint
    where = (
        "the folder DOCKER_CERT_PATH" if way == "DOCKER_HOST" else f"the Docker context {CONTEXT}"
    )
    must = "must have the ca.pem of the authority that signed the engine's certificate"
    assert where in complaint
    assert must in complaint
    assert complaint.count("\n") == 1, "one line"
    assert network not in guarded.networks()
