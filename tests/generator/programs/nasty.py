"""An HTTP server that answers in every way there is, right ones and wrong ones: it prints its port.

`/echo` answers with what it was asked, byte for byte.
"""

import asyncio
import contextlib
import gzip
import re
import socket
import struct
import sys
import zlib

TEXT = b"The quick brown fox. " * 20
TEXT_AS_BROTLI = bytes.fromhex("1ba301f88d94aadba306a13243932e6f7839c824ac2509db74942f90ae936a00")


def whole(body: bytes, status: str = "200 OK", *fields: str) -> bytes:
    """Return an answer of known length."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/plain", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *fields, "", ""]).encode() + body


def in_chunks(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return an answer in chunks."""
    sent = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + sent + end


def moved(status: str, where: str, *fields: str) -> bytes:
    """Return an answer that sends on elsewhere."""
    return whole(b"moved", status, f"Location: {where}", *fields)


KEPT = {
    "/ok": whole(b"ok"),
    "/nothing": whole(b""),
    "/created": whole(b"made", "201 Created"),
    "/no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/not-modified": b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n",
    "/moved-nowhere": whole(b"moved", "301 Moved"),
    "/bad": whole(b"bad", "400 Bad Request"),
    "/missing": whole(b"missing", "404 Not Found"),
    "/teapot": whole(b"tea", "418 Teapot"),
    "/error": whole(b"error", "500 Error"),
    "/unavailable": whole(b"later", "503 Unavailable"),
    "/odd-status": whole(b"odd", "299 Odd"),
    "/json": whole(b'{"a": [1, 2.5, null]}', "200 OK", "X-Twice: 1", "X-Twice: 2"),
    "/latin": whole("\u00e9t\u00e9".encode("latin-1")),
    "/large": whole(bytes(range(256)) * 8_192),
    "/chunked": in_chunks(b"a", b"bc" * 50, b"def"),
    "/chunked-trailer": in_chunks(b"abc", end=b"0\r\nX-Sum: 3\r\n\r\n"),
    "/chunked-extension": in_chunks(end=b"3;a=b\r\nabc\r\n0\r\n\r\n"),
    "/gzip": whole(gzip.compress(TEXT), "200 OK", "Content-Encoding: gzip"),
    "/deflate": whole(zlib.compress(TEXT), "200 OK", "Content-Encoding: deflate"),
    "/brotli": whole(TEXT_AS_BROTLI, "200 OK", "Content-Encoding: br"),
    "/not-gzip": whole(TEXT, "200 OK", "Content-Encoding: gzip"),
    "/error-in-gzip": whole(gzip.compress(TEXT), "500 Error", "Content-Encoding: gzip"),
    "/interim": b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + whole(b"ok"),
    "/cookie": whole(b"ok", "200 OK", "Set-Cookie: seen=yes; Path=/"),
    "/cookie-and-on": moved("302 Found", "/echo", "Set-Cookie: a=b"),
    "/on": moved("302 Found", "/ok"),
    "/on-for-good": moved("301 Moved", "/echo"),
    "/on-see-other": moved("303 See Other", "/echo"),
    "/on-as-it-is": moved("307 Temporary", "/echo"),
    "/on-to-missing": moved("308 Permanent", "/missing"),
    "/on-and-on": moved("302 Found", "/on-and-on"),
    "/on-to-files": moved("302 Found", "file:///etc/hostname"),
    "/folded": b"HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    "/bare-newlines": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "/two-at-once": whole(b"one") + whole(b"two"),
    "/garbage-after": whole(b"ok") + b"garbage",
    "/garbage": b"What do you want?\r\n\r\n",
    "/no-number": b"HTTP/1.1 OK\r\n\r\n",
    "/bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok.",
    "/bad-chunk": in_chunks(end=b"zz\r\nabc\r\n0\r\n\r\n"),
}  # fmt: skip
# After these the server closes.
CLOSED = {
    "/said-to-close": whole(b"ok", "200 OK", "Connection: close"),
    "/one-point-oh": whole(b"ok").replace(b"1.1", b"1.0"),
    "/one-point-oh-kept": whole(b"ok", "200 OK", "Connection: keep-alive").replace(b"1.1", b"1.0"),
    "/until-it-closes": b"HTTP/1.1 200 OK\r\n\r\nok",
    "/closed-while-idle": whole(b"ok"),
    "/without-a-word": b"",
    "/in-the-head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "/in-the-body": whole(b"a whole body").removesuffix(b"body"),
    "/in-a-chunk": in_chunks(b"abc", end=b"9\r\nabc"),
    "/after-a-chunk": in_chunks(b"abc", end=b""),
    "/in-gzip": whole(gzip.compress(TEXT), "200 OK", "Content-Encoding: gzip")[:-5],
    "/after-interim": b"HTTP/1.1 100 Continue\r\n\r\n",
}  # fmt: skip
# After these it resets the connection.
RESET = {
    "/reset": b"",
    "/reset-in-the-body": whole(b"a whole body").removesuffix(b"body"),
}
seen: dict[str, int] = {}


async def read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return head and body of a request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head, await reader.readexactly(int(length[1])) if length else b""


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of one connection."""
    while True:
        head, body = await read(reader)
        path = head.split()[1].decode().partition("?")[0]
        seen[path] = seen.get(path, 0) + 1
        if path == "/seen":
            answer = str(seen).encode()
            seen.clear()
            writer.write(whole(answer))
        elif path == "/echo":
            writer.write(whole(head + body))
        elif path == "/byte-by-byte":
            for byte in KEPT["/chunked"]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
        elif path == "/never":
            await asyncio.sleep(3600)
        elif path in RESET:
            writer.write(RESET[path])
            await writer.drain()
            await asyncio.sleep(0.05)  # for what was sent to be read before it is reset
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return
        else:
            answer = KEPT.get(path) or CLOSED[path]
            is_head = head.startswith(b"HEAD ")
            writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_head else answer)
        await writer.drain()
        if path in CLOSED:
            return


async def serve() -> None:
    """Serve until killed."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await converse(reader, writer)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**25)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(serve()))
