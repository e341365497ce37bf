"""Owns a small browser: cookies, redirects, forms as they stand in the page.

It says one host and connects to another address, as a proxy does. Does not run scripts.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

#: One request at most: the first page of a worker that has just started waits for its imports.
TIMEOUT_SECONDS = 300.0

REDIRECTS_MAX = 5


@dataclass(frozen=True)
class File:
    """A file that a form sends."""

    name: str
    content_type: str
    data: bytes


@dataclass
class Form:
    """A form of a page: where it goes and what it holds; a user fills in ``values``."""

    action: str
    names: dict[str, str]
    values: list[tuple[str, str | File]] = field(default_factory=list)

    def fill(self, values: Mapping[str, str | File]) -> None:
        """Puts values in the places of those that are there."""
        for name, value in values.items():
            known = {key for key, _ in self.values} | set(self.names)
            assert name in known, f"no field {name!r} among {sorted(known)}"
            self.values = [(key, kept) for key, kept in self.values if key != name] + [(name, value)]


@dataclass
class Page:
    """An answer, read to its end."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> dict[str, Any]:
        assert self.headers.get_content_type() == "application/json", f"{self.url} {self.status}: {self.text[:500]}"
        found: dict[str, Any] = json.loads(self.body)
        return found

    def ok(self) -> Page:
        assert self.status == 200, f"{self.url} is answered {self.status}: {self.text[:2000]}"
        return self

    def links(self) -> list[str]:
        """The values of all ``href``, ``src``, ``action`` and ``content`` that are addresses with a host."""
        found = re.findall(r'\b(?:href|src|action|content)="([^"]*)"', self.text)
        return [unescape(link) for link in found if link.startswith(("http:", "https:"))]

    def form(self, mark: str) -> Form:
        """The form that has this id or name."""
        reader = _FormReader(self.url)
        reader.feed(self.text)
        assert mark in reader.forms, f"no form {mark!r} at {self.url}, only {sorted(reader.forms)}"
        return reader.forms[mark]


class Browser:
    """One visitor."""

    def __init__(self, port: int, host: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.host = host or f"127.0.0.1:{port}"
        self.base = f"http://{self.host}"
        self.headers = {"Host": self.host, "Accept": "text/html", **(headers or {})}
        self.cookies: dict[str, str] = {}

    def authorize(self, user: str, password: str) -> Browser:
        """Basic authentication from now on."""
        self.headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        return self

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """One request; ``path`` may be an address of our own host."""
        url = urljoin(f"{self.base}/", path)
        assert url == self.base or url.startswith(f"{self.base}/"), f"this leads away from {self.base}: {url}"
        cookies = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            target = (url.removeprefix(self.base) or "/").split("#")[0]
            connection.request(method, target, body, {**self.headers, **cookies, **(headers or {})})
            response = connection.getresponse()
            page = Page(url, response.status, response.headers, response.read())
        finally:
            connection.close()
        for cookie in page.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
            if value.strip('"') in ("", "deleted"):
                del self.cookies[name]
        return page

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """Asks, and goes where it is sent."""
        return self._follow(self.ask("GET", path, headers=headers))

    def submit(self, form: Form, values: Mapping[str, str | File], button: str) -> Page:
        """Fills a form in, presses a button and goes where it is sent."""
        form.fill(values)
        assert button in form.names, f"no button {button!r} among {sorted(form.names)}"
        content_type, body = multipart([*form.values, (button, form.names[button])])
        return self._follow(self.ask("POST", form.action, body, {"Content-Type": content_type}))

    def _follow(self, page: Page) -> Page:
        for _ in range(REDIRECTS_MAX):
            if page.status not in (301, 302, 303):
                return page
            page = self.ask("GET", urljoin(page.url, page.headers["Location"]))
        raise AssertionError(f"redirected again and again, to {page.url}")


def multipart(values: Sequence[tuple[str, str | File]]) -> tuple[str, bytes]:
    """Content type and body of a form with files."""
    boundary = uuid.uuid4().hex
    pieces = []
    for name, value in values:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, File):
            head += f'; filename="{value.name}"\r\nContent-Type: {value.content_type}'
        data = value.data if isinstance(value, File) else value.encode()
        pieces += [head.encode(), b"\r\n\r\n", data, b"\r\n"]
    return f"multipart/form-data; boundary={boundary}", b"".join([*pieces, f"--{boundary}--\r\n".encode()])


class _FormReader(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: dict[str, Form] = {}
        self._form: Form | None = None
        self._select = ""
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name, value = has.get("name", ""), has.get("value", "")
        if tag == "form":
            # An address without a fragment, and without one the page's own.
            action = urljoin(self.url, has.get("action", "")).split("#")[0]
            self._form = Form(action, {})
            for mark in (has.get("id"), has.get("name")):
                self.forms.setdefault(mark or urlsplit(action).path, self._form)
        elif self._form is None:
            return
        elif tag == "select":
            self._select = name
            self._form.names[name] = ""
        elif tag == "option" and "selected" in has:
            self._form.values.append((self._select, value))
        elif tag == "textarea":
            self._text = (name, [])
        elif tag in ("input", "button") and name:
            kind = has.get("type", "text" if tag == "input" else "submit").lower()
            self._form.names[name] = value
            if kind in ("submit", "button", "image", "reset", "file"):
                return
            if kind in ("checkbox", "radio"):
                if "checked" not in has:
                    return
                value = value or "on"
            self._form.values.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._text is not None and self._form is not None:
            name, pieces = self._text
            # As browsers do: the line end right behind the tag is none of the text.
            text = "".join(pieces)
            self._form.values.append((name, text[1:] if text.startswith("\n") else text))
            self._text = None

