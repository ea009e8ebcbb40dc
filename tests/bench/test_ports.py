"""Who listens on a port."""

import os
import socket

from loadtests.bench.ports import port_holder


def test_who_holds_a_port_is_told_by_name():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert f"(pid {os.getpid()})" in port_holder(port)
    assert port_holder(port) is None
