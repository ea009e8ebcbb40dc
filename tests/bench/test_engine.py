"""Which engine is asked, and how: DOCKER_HOST, else the current Docker context."""

import socket
from types import SimpleNamespace

import pytest
import trustme
from docker.tls import TLSConfig

from loadtests.bench import engine
from loadtests.bench.engine import EngineClient
from loadtests.errors import EngineError
from tests.evidence_log import log_case

VERSION = {"ApiVersion": "1.41", "Version": "20.10"}


@pytest.fixture
def asked(monkeypatch):
    """How clients were made, instead of making any."""
    made = []

    class Client:
        def __init__(self, **how):
            made.append(how)

        @classmethod
        def from_env(cls, **how):
            return cls(from_env=True, **how)

        def version(self):
            return VERSION

    monkeypatch.setattr(engine, "EngineClient", Client)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return made


def in_context(monkeypatch, **context):
    """Make a Docker context the current one."""
    current = SimpleNamespace(**context) if context else None
    monkeypatch.setattr(engine.ContextAPI, "get_context", lambda _name: current)


def test_a_contexts_certificates_are_used(monkeypatch, asked):
    """Without them an engine that asks for certificates refuses, or somebody else answers."""
    certificates = object()
    in_context(monkeypatch, Host="tcp://engine.example:2376", TLSConfig=certificates)
    engine.connect()
    assert asked[0]["base_url"] == "tcp://engine.example:2376"
    right = asked[0]["tls"] is certificates
    said = "asked with its certificates" if right else "asked without certificates"
    what, before = "a context with certificates", "asked without certificates"
    log_case("mended", "certificates of a context", what, said, right, before)
    assert right, said


def test_a_context_without_certificates_needs_none(monkeypatch, asked):
    in_context(monkeypatch, Host="unix:///run/user/1000/docker.sock", TLSConfig=None)
    engine.connect()
    assert (asked[0]["base_url"], asked[0]["tls"]) == ("unix:///run/user/1000/docker.sock", False)


def test_a_context_that_is_named_and_not_there_is_refused(monkeypatch, asked):
    """The machine's own engine instead would be another than the one asked for."""
    in_context(monkeypatch)
    with pytest.raises(EngineError, match=r"name one that `docker context ls` lists"):
        engine.connect()
    assert asked == []


def test_docker_host_comes_before_a_context(monkeypatch, asked):
    in_context(monkeypatch, Host="tcp://engine.example:2376", TLSConfig=None)
    monkeypatch.setenv("DOCKER_HOST", "tcp://other.example:2375")
    engine.connect()
    assert asked[0]["from_env"]


def test_an_engine_that_is_too_old_is_refused_with_its_address(monkeypatch, asked):
    in_context(monkeypatch, Host="unix:///old.sock", TLSConfig=None)
    monkeypatch.setitem(VERSION, "ApiVersion", "1.39")
    with pytest.raises(EngineError, match=r"the engine at unix:///old.sock has API 1.39"):
        engine.connect()


def test_certificates_that_are_missing_are_told_with_where_they_belong(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.example:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"the folder DOCKER_CERT_PATH must have the ca\.pem"):
        engine.connect()


def test_an_authority_of_the_environment_does_not_come_before_the_engines_own(
    monkeypatch, tmp_path
):
    """Companies set one for the internet; it did not sign the engine's certificate."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    tls = TLSConfig(ca_cert=str(tmp_path / "ca.pem"), verify=True)
    address = "tcp://engine.example:2376"
    api = engine.EngineClient(base_url=address, tls=tls, version="1.41").api
    settings = api.merge_environment_settings("https://engine.example", {}, None, None, None)
    assert settings["verify"] == str(tmp_path / "ca.pem")


def test_ssh_is_this_machines_own(monkeypatch, asked):
    """With its keys, its known hosts and its configuration, as `docker -H ssh://` takes it."""
    in_context(monkeypatch, Host="ssh://me@engine.example", TLSConfig=None)
    monkeypatch.setattr("shutil.which", lambda _program: "/usr/bin/ssh")
    engine.connect()
    assert (asked[0]["base_url"], asked[0]["use_ssh_client"]) == ("ssh://me@engine.example", True)


def test_an_engine_that_is_reached_by_ssh_needs_one_here(monkeypatch, asked):
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@engine.example")
    monkeypatch.setattr("shutil.which", lambda _program: None)
    with pytest.raises(EngineError, match=r"ssh://me@engine.example is reached by ssh: install"):
        engine.connect()
    assert asked == []


@pytest.mark.parametrize(
    ("base_url", "asks"),
    [
        ("tcp://127.0.0.1:2375", {socket.SO_KEEPALIVE, socket.TCP_USER_TIMEOUT}),
        ("unix:///var/run/docker.sock", set()),
    ],
)
def test_a_connection_to_another_machine_asks_whether_that_is_still_there(base_url, asks):
    api = EngineClient(base_url=base_url, version="1.41").api
    pools = api.get_adapter(api.base_url).poolmanager
    options = pools.connection_pool_kw.get("socket_options", [])
    assert asks <= {name for _, name, _ in options}
