"""Owns the app that is measured: as little as a WSGI app can do, the same answers as responder.c."""

LARGE = b"x" * (64 * 1024)


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/hello":
        body = b"Hello, world!"
    elif path == "/large":
        body = LARGE
    else:
        body = b"%d" % len(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
