"""How a port takes connections, as it is told of a service that does not answer."""

import socket
import ssl
import threading

import pytest
import trustme

from loadtests.generator import listening
from loadtests.generator.listening import speaks_tls, takes_ipv4


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(listening, "PATIENCE_S", 0.5)


def port_of(taken):
    """Return the port of a socket."""
    return taken.getsockname()[1]


def test_a_port_for_ipv6_alone_takes_no_connection_by_ipv4():
    with socket.create_server(("::", 0), family=socket.AF_INET6) as alone:
        assert not takes_ipv4(port_of(alone))
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as both:
        assert takes_ipv4(port_of(both))


def test_a_port_that_hears_and_says_nothing_speaks_no_tls():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert not speaks_tls(port_of(deaf))


@pytest.mark.parametrize("wants_a_certificate", [False, True])
def test_a_port_that_shakes_hands_speaks_tls_whoever_it_is(wants_a_certificate):
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("shop.example").configure_cert(context)
    if wants_a_certificate:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # refused within the handshake
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_hands():
            taken, _ = server.accept()
            try:
                context.wrap_socket(taken, server_side=True).close()
            except ssl.SSLError:
                taken.close()

        threading.Thread(target=shake_hands, daemon=True).start()
        assert speaks_tls(port_of(server))


def test_a_port_that_answers_in_words_speaks_no_tls():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            taken, _ = server.accept()
            taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            taken.close()

        threading.Thread(target=answer, daemon=True).start()
        assert not speaks_tls(port_of(server))
