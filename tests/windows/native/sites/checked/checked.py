"""Owns the app that tells which request it answers and in which process, so that none can be mistaken.

/echo gives the request body back, any other path says hello.
"""

import os


def app(environ, start_response):
    if environ["PATH_INFO"] == "/echo":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    else:
        body = b"Hello, world!"
    headers = [
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", str(len(body))),
        ("X-Token", environ["QUERY_STRING"].partition("=")[2]),
        ("X-Pid", str(os.getpid())),
        ("X-Agent", environ.get("HTTP_USER_AGENT", "")),
        ("X-Configured", os.environ.get("CONFIGURED", "")),
    ]
    start_response("200 OK", headers)
    return [body]
