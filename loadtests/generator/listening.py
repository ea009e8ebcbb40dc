"""Say in one JSON line where the processes of this network namespace listen: `listening.py port`.

Started beside a container that does not answer, in its network: its image may have no program that
could tell.
"""

import json
import socket
import ssl
import sys

import psutil

DOCKER_DNS = "127.0.0.11"  # listens in every container of a network
PATIENCE_S = 5.0


def main() -> None:
    """Print where there are listening sockets, and how the port that is asked takes connections."""
    port = int(sys.argv[1])
    found = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.ip != DOCKER_DNS
    }
    told = {"sockets": sorted(found), "by_ipv4": takes_ipv4(port), "tls": speaks_tls(port)}
    print(json.dumps(told))


def takes_ipv4(port: int) -> bool:
    """Say whether a port takes connections by IPv4; one on `::` may leave that to others."""
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()
    except OSError:
        return False
    return True


def speaks_tls(port: int) -> bool:
    """Say whether what listens on a port answers a TLS handshake, whoever it claims to be."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain:
            anybody.wrap_socket(plain).close()
    except ssl.SSLError as error:
        # It was understood, and refused: for a certificate of ours that it wants, or our version.
        return "ALERT" in str(error.reason)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
