"""A small shop that answers every kind of call, some with an error; it prints its port."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ITEMS = b'{"items": ["apples", "plums"]}'


class Shop(BaseHTTPRequestHandler):
    """Answers at once, and keeps connections."""

    protocol_version = "HTTP/1.1"

    def _answer(self, status=200, body=b"", **headers):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        """Answer by the path."""
        path = self.path.partition("?")[0]
        if path in ("/items", "/search") or path.startswith(("/items/", "/shelves/")):
            self._answer(body=ITEMS, Content_Type="application/json")
        elif path == "/text":
            self._answer(body=b"no JSON")
        elif path == "/old":
            self._answer(302, Location="/items")
        elif path == "/account":
            known = "session=1" in self.headers.get("Cookie", "")
            self._answer(200 if known else 401, json.dumps({"known": known}).encode())
        elif path == "/broken":
            self._answer(500, b"oh")
        else:
            self._answer(404, b"no such page")

    do_HEAD = do_GET  # noqa: N815 (the server's names)

    def do_POST(self):
        """Take orders and log-ins."""
        if self.path == "/login":
            self._answer(body=b"{}", Set_Cookie="session=1; Path=/")
        else:
            self._answer(201, b"{}")

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST  # noqa: N815 (the server's names)

    def log_message(self, *_):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """One thread a connection."""

    request_queue_size = 256
    daemon_threads = True


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Shop)
    print(server.server_address[1], flush=True)
    server.serve_forever()
