"""Owns HTTPS over real connections: the development certificate, a given one, what the app and rules see.

Does not own when the certificate is renewed (tests beside the code).
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support import programs
from support.serve_site import Serve, ServeSite, assert_private, local_path, shown


@pytest.fixture(scope="module")
def site() -> Iterator[ServeSite]:
    site = ServeSite("variables")
    yield site
    site.close()


@pytest.fixture(scope="module")
def serve(site: ServeSite) -> Serve:
    return site.serve("--https=0")


def port_of(serve: Serve) -> int:
    found = re.search(r"https://[^/\s]+:(\d+)/", serve.wait_line("https://"))
    assert found
    return int(found[1])


def certificate_of(serve: Serve) -> Path:
    return local_path(serve.wait_line("  certificate ").split(maxsplit=1)[1])


def connect(serve: Serve, trusted: Path, host: str = "localhost") -> http.client.HTTPSConnection:
    """A client that trusts this certificate alone and knows the server by this name."""
    context = ssl.create_default_context(cafile=str(trusted))
    raw = socket.create_connection(("127.0.0.1", port_of(serve)), timeout=30)
    connection = http.client.HTTPSConnection(host, port_of(serve))
    connection.sock = context.wrap_socket(raw, server_hostname=host)
    return connection


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def variables(connection: http.client.HTTPConnection, path: str = "/") -> dict[str, Any]:
    status, _, body = get(connection, path)
    assert status == 200, body
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_it_is_served(serve: Serve, host: str) -> None:
    connection = connect(serve, certificate_of(serve), host)
    for _ in range(2):
        told = variables(connection)
        assert (told["HTTPS"], told["SERVER_PORT_SECURE"], told["SERVER_PORT"]) == ("on", "1", str(port_of(serve)))
        assert told["HTTPS_SERVER_SUBJECT"] == told["HTTPS_SERVER_ISSUER"] == "CN=localhost"
        assert (told["HTTPS_KEYSIZE"], told["HTTPS_SECRETKEYSIZE"]) == ("256", "2048")
    connection.close()


def test_http_is_served_beside_it(serve: Serve) -> None:
    told = serve.get("/").json()
    assert (told["HTTPS"], told["SERVER_PORT_SECURE"], told["HTTPS_KEYSIZE"]) == ("off", "0", "")
    assert told["SERVER_PORT"] == str(serve.port) != str(port_of(serve))


def test_rules_know_it(serve: Serve) -> None:
    answer = serve.get("/only-https")
    assert (answer.status, answer.headers["Location"]) == (302, "https://shop.example/only-https")
    connection = connect(serve, certificate_of(serve))
    assert variables(connection, "/only-https")["HTTPS"] == "on"
    connection.close()


def test_it_tells_how_to_trust_the_certificate_and_nobody_reads_its_key(site: ServeSite, serve: Serve) -> None:
    file = certificate_of(serve)
    assert serve.wait_line("  certificate ").split(maxsplit=1)[1] in serve.wait_line("to trust it")
    assert_private(file.parent, site)


def test_it_is_the_same_next_time(site: ServeSite, serve: Serve) -> None:
    before = certificate_of(serve).read_bytes()
    again = site.serve("--https=0")
    assert certificate_of(again).read_bytes() == before


def test_who_speaks_plain_http_there_is_in_nobody_s_way(serve: Serve) -> None:
    with socket.create_connection(("127.0.0.1", port_of(serve)), timeout=30) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not sock.recv(4096).startswith(b"HTTP/")
    connection = connect(serve, certificate_of(serve))
    assert get(connection, "/")[0] == 200
    connection.close()


def test_a_certificate_of_ones_own(site: ServeSite, serve: Serve, tmp_path: Path) -> None:
    mine = {end: Path(shutil.copy(certificate_of(serve).with_suffix(end), tmp_path)) for end in (".pem", ".key")}
    other = site.serve("--https=0", f"--cert={shown(mine['.pem'])}", f"--key={shown(mine['.key'])}",
                       env={name: shown(tmp_path / "none") for name in ("XDG_DATA_HOME", "LOCALAPPDATA")})
    connection = connect(other, mine[".pem"])
    assert variables(connection)["HTTPS"] == "on"
    connection.close()
    assert certificate_of(other) == mine[".pem"] and "to trust it" not in other.text
    assert not (tmp_path / "none").exists()


def test_a_certificate_that_is_none_is_told(site: ServeSite, tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("no certificate")
    serve = site.serve("--https=0", f"--cert={tmp_path / 'a.pem'}", f"--key={tmp_path / 'a.pem'}")
    assert serve.wait_end() == 2
    assert "a.pem" in serve.text and "BEGIN CERTIFICATE" in serve.text


def test_a_binding_for_https_alone(make_site: Callable[..., ServeSite]) -> None:
    site = make_site("bindings")
    file = site.path / "applicationHost.config"
    binding = '<binding protocol="https" bindingInformation="*:443:shop.example" />'
    file.write_text(file.read_text().replace("SITE", str(site.path)).replace("HOSTS", binding))
    serve = site.serve(f"--config={file}", "--https=0", dir=False, port=None)
    connection = connect(serve, certificate_of(serve), "shop.example")
    assert get(connection, "/a.txt")[0] == 200
    connection.close()
    assert "http://" not in serve.text


def test_a_request_without_a_socket(site: ServeSite) -> None:
    answer: subprocess.CompletedProcess[bytes] = site.request("GET", "https://shop.example/")
    told = json.loads(answer.stdout)
    assert (told["HTTPS"], told["SERVER_PORT"], told["HTTP_HOST"]) == ("on", "443", "shop.example")


def test_openssl_reads_it(serve: Serve) -> None:
    openssl = programs.system("openssl")
    told = subprocess.run([openssl, "x509", "-in", str(certificate_of(serve)), "-noout", "-text"],
                          capture_output=True, check=True, text=True).stdout
    for words in ("DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1", "CA:FALSE",
                  "TLS Web Server Authentication"):
        assert words in told, words
