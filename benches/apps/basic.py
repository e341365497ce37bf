"""Owns the plain WSGI app that every measured server serves.

/hello answers 13 bytes, /block 64 KiB in one piece, /digest the SHA-256 of the request's body.
"""

import hashlib

PLAIN = ("Content-Type", "text/plain")
BLOCK = b"x" * 65536
READ_BYTES = 65536


def app(environ, start_response):
    """Answers by the path."""
    path = environ["PATH_INFO"]
    if path == "/hello":
        body = b"Hello, World!"
    elif path == "/block":
        body = BLOCK
    elif path == "/digest":
        body = digest(environ["wsgi.input"], int(environ["CONTENT_LENGTH"]))
    else:
        start_response("404 Not Found", [PLAIN, ("Content-Length", "0")])
        return []
    start_response("200 OK", [PLAIN, ("Content-Length", str(len(body)))])
    return [body]


def digest(stream, left):
    """Reads the body piece by piece, as a careful app does."""
    sha = hashlib.sha256()
    while left > 0:
        piece = stream.read(min(left, READ_BYTES))
        if not piece:
            break
        sha.update(piece)
        left -= len(piece)
    return sha.hexdigest().encode("ascii")
