"""Who listens on a port of this machine."""

import psutil


def port_holder(port: int) -> str | None:
    """Say who listens on a TCP port of this machine, or None when it is free."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
            if connection.pid is None:
                return "a process of another user"
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None
