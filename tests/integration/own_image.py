"""An image of somebody else's, made here: one file of Python on the base image."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient

from loadtests.bench.base_image import ensure_base_image

SHOP = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        known = self.path in ("/ready", "/items")
        body = b"[1, 2, 3]" if known else b"no such page"
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

Server(("", 8080), Shop).serve_forever()
"""


@contextmanager
def built(client: DockerClient, folder: Path, app: str) -> Iterator[str]:
    """Yield the name of an image that runs a program; it is removed afterwards."""
    name = f"aguanta-test-own:{secrets.token_hex(4)}"
    (folder / "app.py").write_text(app)
    base = ensure_base_image(client, print)
    (folder / "Dockerfile").write_text(
        f'FROM {base}\nCOPY app.py /app.py\nCMD ["python3", "-u", "/app.py"]\n'
    )
    client.images.build(path=str(folder), tag=name, rm=True, forcerm=True)
    try:
        yield name
    finally:
        client.images.remove(name, force=True)
