"""Owns the requests whose end two servers could see in two places: none may carry a second one past the stand-in.

Behaviours, not bytes, are those that gunicorn's and others' collections of invalid requests name; the cases are ours.
Each is followed by a request that must not be answered when the one before it is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from support.serve_site import Serve

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def exchange(serve: Serve, data: bytes) -> list[tuple[int, dict[str, Any]]]:
    """The answers to these bytes, until the stand-in closes the connection: statuses, and what the app told."""
    with serve.raw(data) as sock:
        sock.settimeout(20)
        answered = b""
        try:
            while piece := sock.recv(65536):
                answered += piece
        except ConnectionResetError:
            pass
    answers = []
    while answered:
        head, found, rest = answered.partition(b"\r\n\r\n")
        assert found, answered
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        body, answered = rest[:length], rest[length:]
        is_json = b"application/json" in head
        answers.append((int(head.split()[1]), json.loads(body) if is_json else {}))
    return answers


def post(*headers: bytes, body: bytes = b"", version: bytes = b"HTTP/1.1") -> bytes:
    return b"\r\n".join([b"POST /digest " + version, b"Host: x", *headers, b"", b""]) + body


def get(line: bytes = b"GET /first HTTP/1.1", *headers: bytes) -> bytes:
    return b"\r\n".join([line, b"Host: x", *headers, b"", b""])


CHUNKED = b"Transfer-Encoding: chunked"
NONE_LEFT = b"0\r\n\r\n"

REFUSED = {
    "two lengths": post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello"),
    "two lengths in one": post(b"Content-Length: 5, 6", body=b"hello"),
    "a length with a plus": post(b"Content-Length: +5", body=b"hello"),
    "a length below zero": post(b"Content-Length: -5", body=b"hello"),
    "a hexadecimal length": post(b"Content-Length: 0x5", body=b"hello"),
    "a length of two words": post(b"Content-Length: 5 5", body=b"hello"),
    "a length with an underscore": post(b"Content-Length: 1_0", body=b"hello"),
    "an empty length": post(b"Content-Length: ", body=b"hello"),
    "a length of other digits": post("Content-Length: \u0665".encode(), body=b"hello"),
    "a length beyond 64 bits": post(b"Content-Length: 18446744073709551621", body=b"hello"),
    "another coding": post(b"Transfer-Encoding: xchunked", body=NONE_LEFT),
    "identity": post(b"Transfer-Encoding: identity", body=NONE_LEFT),
    "chunked is not the last": post(b"Transfer-Encoding: chunked, identity", body=NONE_LEFT),
    "a coding before chunked": post(b"Transfer-Encoding: gzip, chunked", body=NONE_LEFT),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked", body=NONE_LEFT),
    "chunked in two headers": post(CHUNKED, CHUNKED, body=NONE_LEFT),
    "chunked and identity in two headers": post(CHUNKED, b"Transfer-Encoding: identity", body=NONE_LEFT),
    "chunked with a vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=NONE_LEFT),
    "chunked in quotes": post(b'Transfer-Encoding: "chunked"', body=NONE_LEFT),
    "chunked in HTTP/1.0": post(CHUNKED, body=NONE_LEFT, version=b"HTTP/1.0"),
    "a space before the colon of a length": post(b"Content-Length : 5", body=b"hello"),
    "a space before the colon of a coding": post(b"Transfer-Encoding : chunked", body=NONE_LEFT),
    "a tab before the colon": post(b"Content-Length\t: 5", body=b"hello"),
    "a folded header": get(b"GET /first HTTP/1.1", b"X-A: b", b" Content-Length: 40"),
    "a folded coding": post(b"Transfer-Encoding:", b" chunked", body=NONE_LEFT),
    "a space before the first header": b"GET /first HTTP/1.1\r\n Host: x\r\nHost: x\r\n\r\n",
    "a carriage return alone in a value": get(b"GET /first HTTP/1.1", b"X-A: b\rContent-Length: 40"),
    "NUL in a value": get(b"GET /first HTTP/1.1", b"X-A: b\0c"),
    "a header without a colon": get(b"GET /first HTTP/1.1", b"Content-Length 40"),
    "a header without a name": get(b"GET /first HTTP/1.1", b": 40"),
    "a name with a parenthesis": get(b"GET /first HTTP/1.1", b"X(A): b"),
    "a name beyond ASCII": get(b"GET /first HTTP/1.1", "X-\u00e4: b".encode()),
    "a name with NUL": get(b"GET /first HTTP/1.1", b"X-A\0: b"),
    "two hosts": get(b"GET /first HTTP/1.1", b"Host: y"),
    "another version": get(b"GET /first HTTP/2.0"),
    "a version of one number": get(b"GET /first HTTP/1"),
    "a version in lower case": get(b"GET /first http/1.1"),
    "a method with a control character": get(b"G\x01T /first HTTP/1.1"),
    "a method with a colon": get(b"GET: /first HTTP/1.1"),
    "no target": get(b"GET HTTP/1.1"),
    "a target with a space": get(b"GET /first /x HTTP/1.1"),
    "a target with NUL": get(b"GET /fi\0rst HTTP/1.1"),
    "a chunk's size with a prefix": post(CHUNKED, body=b"0x5\r\nhello\r\n" + NONE_LEFT),
    "a chunk's size with a plus": post(CHUNKED, body=b"+5\r\nhello\r\n" + NONE_LEFT),
    "a chunk's size below zero": post(CHUNKED, body=b"-5\r\nhello\r\n" + NONE_LEFT),
    "a chunk's size that is none": post(CHUNKED, body=b"\r\nhello\r\n" + NONE_LEFT),
    "a chunk's size beyond 64 bits": post(CHUNKED, body=b"10000000000000005\r\nhello\r\n" + NONE_LEFT),
    "a chunk longer than its size": post(CHUNKED, body=b"5\r\nhello!\r\n" + NONE_LEFT),
    "a chunk ended by a line feed": post(CHUNKED, body=b"5\r\nhello\n" + NONE_LEFT),
    "a chunk's size ended by a carriage return": post(CHUNKED, body=b"5\rhello\r\n" + NONE_LEFT),
    "a chunk's extension with a line feed": post(CHUNKED, body=b"5;a\nb\r\nhello\r\n" + NONE_LEFT),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_with_two_ends_is_the_connection_s_last(serve: Serve, name: str) -> None:
    answers = exchange(serve, REFUSED[name] + SMUGGLED + LAST)
    # A body may break when the app has been asked already: then nothing is answered, or its failure is.
    assert len(answers) <= 1, answers
    assert all(status >= 400 for status, _ in answers), answers
    if "chunk's" not in name and "a chunk " not in name:
        assert [status for status, _ in answers] == [400]


TAKEN = {
    "two in one": (get() + LAST, ["/first", "/last"]),
    "a line feed alone ends lines": (b"GET /first HTTP/1.1\nHost: x\n\n" + LAST, ["/first", "/last"]),
    "empty lines before": (b"\r\n\r\n" + get() + LAST, ["/first", "/last"]),
    "a GET with a body": (get(b"GET /first HTTP/1.1", b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED + LAST,
                          ["/first", "/last"]),
    "the same length twice": (post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello") + LAST,
                              ["/digest", "/last"]),
    "a length with zeros before it": (post(b"Content-Length: 0005", body=b"hello") + LAST, ["/digest", "/last"]),
    "chunks": (post(CHUNKED, body=b"3\r\nhel\r\n2;a=b\r\nlo\r\n" + NONE_LEFT) + LAST, ["/digest", "/last"]),
    "a coding in capitals": (post(b"Transfer-Encoding: CHUNKED", body=b"5\r\nhello\r\n" + NONE_LEFT) + LAST,
                             ["/digest", "/last"]),
    "a length in the trailer": (post(CHUNKED, body=b"5\r\nhello\r\n0\r\nContent-Length: 40\r\n\r\n") + LAST,
                                ["/digest", "/last"]),
    "a length by another name": (post(b"Content_Length: 60", b"Transfer_Encoding: chunked", b"Content-Length: 5",
                                      body=b"hello") + LAST, ["/digest", "/last"]),
    "another host in the target": (get(b"GET http://y/first HTTP/1.1") + LAST, ["/first", "/last"]),
    "an unknown method": (get(b"PURGE /first HTTP/1.1") + LAST, ["/first", "/last"]),
    # As RFC 9112 §6.1 has it: the coding counts, and nothing that follows is believed.
    "both, the length first": (post(b"Content-Length: 5", CHUNKED, body=b"5\r\nhello\r\n" + NONE_LEFT) + SMUGGLED,
                               ["/digest"]),
    "both, the length last": (post(CHUNKED, b"Content-Length: 60", body=b"5\r\nhello\r\n" + NONE_LEFT) + SMUGGLED,
                              ["/digest"]),
    "HTTP/1.0": (b"GET /first HTTP/1.0\r\n\r\n" + SMUGGLED, ["/first"]),
    "it wants to close": (get(b"GET /first HTTP/1.1", b"Connection: close") + SMUGGLED, ["/first"]),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_request_with_one_end_is_followed_by_the_next(serve: Serve, name: str) -> None:
    data, paths = TAKEN[name]
    answers = exchange(serve, data)
    assert [(status, told["path_info"]) for status, told in answers] == [(200, path) for path in paths]
    if paths[0] == "/digest":
        assert answers[0][1]["length"] == len(b"hello")


def test_what_a_client_names_is_not_what_the_app_believes(serve: Serve) -> None:
    """Neither httpoxy, nor a variable of the server's by another spelling."""
    headers = [b"Proxy: http://evil", b"Remote_User: root", b"Remote-User: root", b"Content_Length: 60", b"Https: on",
               b"X_Forwarded_For: 1", b"X-Forwarded-For: 2", b"Script-Name: /x", b"Auth-User: root"]
    data = b"\r\n".join([b"GET /environ HTTP/1.1", b"Host: x", b"Connection: close", *headers, b"", b""])
    (answer,) = exchange(serve, data)
    environ = answer[1]["environ"]
    assert "HTTP_PROXY" not in environ
    assert (environ.get("REMOTE_USER", ""), environ.get("CONTENT_LENGTH", "0")) == ("", "0")
    assert (environ["SCRIPT_NAME"], environ["wsgi.url_scheme"]) == ("", "http")


def test_a_request_without_a_host_is_refused(serve: Serve) -> None:
    assert [status for status, _ in exchange(serve, b"GET /first HTTP/1.1\r\n\r\n" + LAST)] == [400, 200]


def test_a_head_without_an_end_is_refused(serve: Serve) -> None:
    for endless in (b"GET /" + 2**20 * b"a", get(b"GET / HTTP/1.1", b"X-A: " + 2**20 * b"a"),
                    get(b"GET / HTTP/1.1", *(b"X-%d: a" % number for number in range(1000)))):
        answers = exchange(serve, endless)
        assert [status // 100 for status, _ in answers] in ([4], []), answers
    assert serve.get("/").status == 200
