"""Owns the plain ASGI app that ``benches/asgi.py`` serves, and the same app made a WSGI one.

/hello answers 13 bytes, /block 64 KiB in one piece, /digest the SHA-256 of the request's body.
"""

import hashlib

PLAIN = (b"content-type", b"text/plain")
BLOCK = b"x" * 65536


async def app(scope, receive, send):
    """Answers by the path."""
    if scope["type"] == "lifespan":
        return
    path = scope["path"]
    if path == "/hello":
        body = b"Hello, World!"
    elif path == "/block":
        body = BLOCK
    else:
        body = await digest(receive)
    head = [PLAIN, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def digest(receive):
    """Reads the body piece by piece."""
    sha = hashlib.sha256()
    while True:
        message = await receive()
        sha.update(message["body"])
        if not message["more_body"]:
            return sha.hexdigest().encode("ascii")


def __getattr__(name):
    """``wsgi``: the same app by a2wsgi, which is imported for who asks."""
    if name != "wsgi":
        raise AttributeError(name)
    from a2wsgi import ASGIMiddleware

    found = globals()["wsgi"] = ASGIMiddleware(app)
    return found
