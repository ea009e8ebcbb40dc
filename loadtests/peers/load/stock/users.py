"""This project's users as FastHttpUsers whose client is as shipped: it loses its connections.

geventhttpclient's own question whether an idle connection lives is put back as the load begins,
in place of this project's (`loadtests/generator/connections.py`).
"""

from geventhttpclient.connectionpool import ConnectionPool
from locust import FastHttpUser, events

from loadtests import locustfile  # not its class by name: Locust would take it for one of these

SHIPPED = ConnectionPool._is_socket_alive
OURS = locustfile.PenguinUser.__dict__


@events.test_start.add_listener
def as_shipped(**_event) -> None:
    """Ask as geventhttpclient does."""
    ConnectionPool._is_socket_alive = SHIPPED


class StockUser(FastHttpUser):
    """One user of POST /predict/."""

    wait_time, default_headers = OURS["wait_time"], OURS["default_headers"]
    predict = OURS["predict"]
