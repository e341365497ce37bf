"""Owns the plain WSGI app that every measured server serves.

/hello answers 13 bytes, /block 64 KiB in one piece, /stream 10 MiB in pieces, /headers how many headers begin with
`X-`, /digest the SHA-256 of the request's body; /wait sleeps 10 ms, /work computes for about one, both say hello.
"""

import time

PLAIN = ("Content-Type", "text/plain")
BLOCK = b"x" * 65536
READ_BYTES = 65536
STREAM_PIECES = 160
WAIT_SECONDS = 0.010
WORK_ROUNDS = 20_000


def app(environ, start_response):
    """Answers by the path."""
    path = environ["PATH_INFO"]
    if path == "/hello":
        body = b"Hello, World!"
    elif path == "/block":
        body = BLOCK
    elif path == "/stream":
        start_response("200 OK", [PLAIN, ("Content-Length", str(STREAM_PIECES * len(BLOCK)))])
        return (BLOCK for _ in range(STREAM_PIECES))
    elif path == "/headers":
        body = b"%d" % sum(name.startswith("HTTP_X_") for name in environ)
    elif path == "/wait":
        time.sleep(WAIT_SECONDS)
        body = b"Hello, World!"
    elif path == "/work":
        body = b"Hello, World!" if sum(range(WORK_ROUNDS)) else b""
    elif path == "/digest":
        body = digest(environ["wsgi.input"], int(environ["CONTENT_LENGTH"]))
    else:
        start_response("404 Not Found", [PLAIN, ("Content-Length", "0")])
        return []
    start_response("200 OK", [PLAIN, ("Content-Length", str(len(body)))])
    return [body]


def digest(stream, left):
    """Reads the body piece by piece, as a careful app does."""
    # Not above: it brings OpenSSL with it, whose memory would be told of a server that says hello.
    import hashlib

    sha = hashlib.sha256()
    while left > 0:
        piece = stream.read(min(left, READ_BYTES))
        if not piece:
            break
        sha.update(piece)
        left -= len(piece)
    return sha.hexdigest().encode("ascii")
