"""Users whose client is as shipped: this project's question to idle connections is put back."""

from loadtests.peers.least import STOCK
from tests.generator.running import ended

TOLD = """
@events.request.add_listener
def tell(**_):
    with open({path!r}, "a") as told:
        told.write(f"{{ConnectionPool._is_socket_alive is SHIPPED}}\\n")
"""


def test_their_idle_connections_are_asked_as_geventhttpclient_asks(start, tmp_path):
    told = tmp_path / "told"
    script = STOCK.read_text() + TOLD.format(path=str(told))
    # The server has no answer to what they ask, and each call is told once it is cut off.
    lines, code = ended(start(script, timeout_s=0.5))
    assert (code, lines[-1]["event"]) == (0, "done")
    assert set(told.read_text().split()) == {"True"}
