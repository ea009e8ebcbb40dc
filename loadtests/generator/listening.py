"""Say in one JSON line where the processes of this network namespace listen for TCP connections.

Started beside a container that does not answer, in its network: its image may have no program that
could tell.
"""

import json

import psutil

DOCKER_DNS = "127.0.0.11"  # listens in every container of a network


def main() -> None:
    """Print [address, port] of each listening socket, sorted."""
    found = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.ip != DOCKER_DNS
    }
    print(json.dumps(sorted(found)))


if __name__ == "__main__":
    main()
