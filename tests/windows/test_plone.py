"""Owns that Plone works through the stand-in, the named pipe, the gate and the worker: ``examples/plone``, as it is.

Each test makes what it needs in the one site that all of them share.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from plone_support import pictures
from plone_support.browser import Browser, File, Page
from plone_support.serving import HERE, INSTANCES, PASSWORD, USER, Plone, plone, until_told
from support.waiting import until

PUBLIC = "www.example.com"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plone]:
    with plone(tmp_path_factory.mktemp("plone")) as served:
        yield served


@pytest.fixture(scope="session")
def editor(served: Plone) -> Browser:
    return served.editor()


@pytest.fixture
def visitor(served: Plone) -> Browser:
    return served.browser()


def probe(browser: Browser, at: str = "", query: str = "") -> dict[str, Any]:
    return browser.get(f"{at}/@@iisgate-probe{query}").ok().json()


def test_the_site_is_made(served: Plone) -> None:
    assert served.made == [f"made the administrator {USER}", "made the site Plone"]
    assert (served.folder / "var" / "Data.fs").is_file()


def test_the_front_page(visitor: Browser) -> None:
    page = visitor.get("/").ok()
    assert page.headers.get_content_type() == "text/html"
    assert "<title>Welcome — Plone behind FastCGI</title>" in page.text
    assert "the web server speaks FastCGI with one Python process" in page.text


def test_the_theme_and_the_chain_of_transforms(visitor: Browser) -> None:
    page = visitor.get("/").ok()
    names = page.headers["X-Transforms"].split(", ")
    assert "plone.app.theming.transform" in names and "plone.protect.autocsrf" in names
    # Diazo: the theme's own frame, with Plone's title in it.
    assert 'id="content-header"' in page.text and 'id="portal-footer-wrapper"' in page.text
    assert "++theme++barceloneta" in page.text
    # plone.protect has its place there, too.
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_publication_hooks_fire(visitor: Browser) -> None:
    first, second = visitor.get("/welcome").ok(), visitor.get("/welcome").ok()
    for header in ("X-Before-Commit", "X-Success"):
        assert int(first.headers[header]) < int(second.headers[header])
    counts = probe(visitor)["counts"]
    assert counts["before_commit"] >= int(second.headers["X-Before-Commit"])
    assert counts["success"] >= int(second.headers["X-Success"])
    # The theme and plone.protect at the least, on each page.
    assert counts["transformed"] >= 2 * counts["success"]


def test_a_request_that_fails_is_aborted(visitor: Browser) -> None:
    before = probe(visitor)["counts"]
    page = visitor.get("/there-is-no-such-page")
    assert page.status == 404
    assert "This page does not seem to exist" in page.text and 'id="portal-footer-wrapper"' in page.text
    assert page.headers["X-Pid"] and page.headers["X-Success"] is None
    after = probe(visitor)["counts"]
    assert after["started"] - before["started"] == 2 and after["success"] - before["success"] == 1


def test_logging_in_and_out(served: Plone) -> None:
    browser = served.browser()
    assert browser.get("/welcome/edit").url.startswith(f"{browser.base}/login?came_from=")
    form = browser.get("/login").ok().form("LoginForm")
    page = browser.submit(form, {"__ac_name": USER, "__ac_password": "wrong"}, "buttons.login")
    assert "__ac" not in browser.cookies and "Login failed" in page.text
    form = page.form("LoginForm")
    page = browser.submit(form, {"__ac_name": USER, "__ac_password": PASSWORD}, "buttons.login")
    assert "__ac" in browser.cookies and 'id="edit-zone"' in page.text
    assert browser.get("/welcome/edit").ok().url.endswith("/welcome/edit")
    browser.get("/logout").ok()
    assert "__ac" not in browser.cookies
    assert "/login?" in browser.get("/welcome/edit").url


def test_a_page_is_made_and_edited(editor: Browser, visitor: Browser) -> None:
    page = editor.submit(
        editor.get("/++add++Document").ok().form("form"),
        {"form.widgets.IDublinCore.title": "Ünïcode — 日本語", "form.widgets.IRichTextBehavior.text": "<p>first</p>"},
        "form.buttons.save",
    ).ok()
    address = page.url.removesuffix("/view")
    assert "<p>first</p>" in page.text and "Ünïcode — 日本語" in page.text
    assert "/login?" in visitor.get(address).url, "visitors do not see what is not published"

    form = editor.get(f"{address}/edit").ok().form("form")
    assert ("form.widgets.IDublinCore.title", "Ünïcode — 日本語") in form.values
    text = "<p>zweite Fassung: Grüße &amp; 漢字</p>"
    values = {"form.widgets.IRichTextBehavior.text": text, "form.widgets.IDublinCore.description": "long " * 1000}
    assert text in editor.submit(form, values, "form.buttons.save").ok().text

    # The link of the workflow menu holds the token that plone.protect wants.
    link = next(link for link in editor.get(address).links() if "workflow_action=publish" in link)
    assert "_authenticator=" in link
    editor.get(link).ok()
    assert text in visitor.get(address).ok().text
    assert address in visitor.get("/@@search?SearchableText=Fassung").ok().links()


def test_a_forged_request_changes_nothing(served: Plone, editor: Browser) -> None:
    form = editor.get("/welcome/edit").ok().form("form")
    assert "_authenticator" in dict(form.values)
    values = {"_authenticator": "forged", "form.widgets.IDublinCore.title": "Forged"}
    page = editor.submit(form, values, "form.buttons.save")
    # plone.protect sits in the chain of transforms: the answer is ready, the transaction is aborted.
    assert "Forged" not in page.text and "Forged" not in editor.get("/welcome").ok().text
    until_told(served, "Error checking for CSRF")


def test_an_image_is_uploaded(served: Plone, editor: Browser) -> None:
    picture = pictures.png(1000, 700)
    assert len(picture) > 1_000_000
    page = editor.submit(
        editor.get("/++add++Image").ok().form("form"),
        {"form.widgets.title": "Noise", "form.widgets.image": File("noise + größe.png", "image/png", picture)},
        "form.buttons.save",
    ).ok()
    address = page.url.removesuffix("/view")

    whole = editor.get(f"{address}/@@images/image").ok()
    assert whole.headers.get_content_type() == "image/png"
    assert whole.headers["Content-Length"] == str(len(picture))
    assert whole.body == picture, "not the bytes that were sent"
    assert editor.get(f"{address}/@@download/image").ok().body == picture
    blobs = [path for path in (served.folder / "var" / "blobstorage").rglob("*.blob")
             if path.stat().st_size == len(picture)]
    assert [path.read_bytes() == picture for path in blobs] == [True]

    part = editor.get(f"{address}/@@images/image", {"Range": "bytes=1000-1999"})
    assert part.body == picture[1000:2000] if part.status == 206 else part.body == picture

    scale = next(link for link in page.links() if "/@@images/image-" in link)
    smaller = editor.get(scale).ok()
    width, height = pictures.size(smaller.body)
    assert width == 800 and height == pytest.approx(700 * 0.8, abs=1)
    assert pictures.size(editor.get(f"{address}/@@images/image/thumb").ok().body)[0] == 128


def test_resources_behind_a_plus(visitor: Browser) -> None:
    logo = visitor.get("/++resource++plone-logo.svg").ok()
    assert logo.headers.get_content_type() == "image/svg+xml" and b"<svg" in logo.body
    assert visitor.get("/%2B%2Bresource%2B%2Bplone-logo.svg").ok().body == logo.body
    # All that the front page wants: ++webresource++, ++plone++, ++theme++, …
    front = visitor.get("/").ok()
    wanted = {link for link in front.links() if re.search(r"\+\+\w+\+\+.*\.(js|css|svg|png|ico)$", link)}
    assert len(wanted) >= 4
    for link in wanted:
        assert visitor.get(link).ok().body, link
    bundle = next(link for link in wanted if link.endswith("/bundle.min.js"))
    assert len(visitor.get(bundle).body) > 20_000
    assert visitor.get("/++resource++nothing-of-the-kind").status == 404


def test_the_rest_api(served: Plone, visitor: Browser) -> None:
    says = {"Accept": "application/json", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: Any = None) -> Page:
        return visitor.ask(method, path, None if body is None else json.dumps(body).encode(), says)

    told = ask("GET", "/++api++/welcome").json()
    assert told["@type"] == "Document" and told["@id"] == f"{visitor.base}/welcome"
    refused = ask("POST", "/++api++/", {"@type": "Document", "title": "By nobody"})
    assert refused.status == 401 and refused.json()["type"] == "Unauthorized"
    token = ask("POST", "/++api++/@login", {"login": USER, "password": PASSWORD}).ok().json()["token"]
    says["Authorization"] = f"Bearer {token}"
    made = ask("POST", "/++api++/", {"@type": "Document", "title": "By API", "description": "ü" * 5000})
    assert made.status == 201 and made.headers["Location"] == f"{visitor.base}/by-api"
    assert ask("PATCH", "/++api++/by-api", {"title": "Von der Straße"}).status == 204
    assert ask("GET", "/++api++/by-api").json()["title"] == "Von der Straße"
    assert ask("DELETE", "/++api++/by-api").status == 204
    assert ask("GET", "/++api++/by-api").status == 404
    assert ask("GET", "/++api++/@search?portal_type=Document&sort_on=id").json()["items_total"] >= 1


def test_views_and_traversal(visitor: Browser, editor: Browser) -> None:
    assert probe(visitor)["context"] == "/Plone"
    deep = probe(visitor, "/welcome")
    assert (deep["context"], deep["url"]) == ("/Plone/welcome", f"{visitor.base}/welcome")
    assert deep["published"] == f"{visitor.base}/welcome/@@iisgate-probe"
    assert "Site Setup" in editor.get("/@@overview-controlpanel").ok().text
    assert "/login?" in visitor.get("/@@overview-controlpanel").url
    assert visitor.get("/welcome/@@iisgate-probe?together=x").status == 400
    assert deep["platform"] == sys.platform if HERE else deep["platform"] == "win32"


def test_links_lead_to_the_host_that_was_asked_for(served: Plone) -> None:
    for host in (PUBLIC, "intranet.example.com:8080", "[::1]:8000"):
        visitor = served.browser(host)
        for path in ("/", "/welcome", "/login", "/sitemap", "/there-is-no-such-page"):
            page = visitor.get(path)
            assert f"{visitor.base}/" in page.text
            assert "127.0.0.1" not in page.text and "VirtualHost" not in page.text
            ours = {link for link in page.links() if urlsplit(link).path.startswith(("/++", "/@@", "/welcome"))}
            assert ours and {link for link in ours if not link.startswith(f"{visitor.base}/")} == set()
        assert probe(visitor, "/welcome")["url"] == f"{visitor.base}/welcome"
    # The form leads there and back, too, with its cookie.
    assert 'id="edit-zone"' in served.editor(PUBLIC).get("/welcome").ok().text


def test_nobody_else_says_where_the_site_is(visitor: Browser) -> None:
    for path in ("/VirtualHostBase/http/evil.example:80/Plone/VirtualHostRoot/", "/VirtualHostRoot/", "/_vh_evil/"):
        assert visitor.get(path).status == 404
    assert visitor.ask("GET", "/", headers={"Host": "evil.example/x"}).status == 400


@pytest.mark.parametrize("path", ["/web.config", "/var/Data.fs", "/zope.conf", "/plone_site/hooks.py", "/bin/notes.cs"])
def test_addresses_are_content_not_files(visitor: Browser, path: str) -> None:
    page = visitor.get(path)
    assert page.status == 404 and page.headers["X-Pid"], "neither sent nor refused by the web server: Zope answers"


def test_another_site_is_made_at_the_root_of_zope(served: Plone) -> None:
    root = served.browser().authorize(USER, PASSWORD)
    assert served.browser().get("/zope-root/manage_main").status == 401
    assert f"{root.base}/zope-root/" in root.get("/zope-root/").ok().text
    form = root.get("/zope-root/@@plone-addsite?site_id=Second").ok().form("/zope-root/@@plone-addsite")
    assert dict(form.values)["site_id"] == "Second"
    page = root.submit(form, {"title": "The second site"}, "submit").ok()
    assert page.url == f"{root.base}/zope-root/Second" and "The second site" in page.text
    assert probe(served.browser(), "/zope-root/Second")["url"] == f"{root.base}/zope-root/Second"
    assert probe(served.browser())["context"] == "/Plone"


def test_four_instances_are_one_python(served: Plone) -> None:
    with ThreadPoolExecutor(INSTANCES) as pool:
        # Each waits in the view until all four are there.
        told = list(pool.map(lambda _: probe(served.browser(), "/welcome", f"?together={INSTANCES}"), range(INSTANCES)))
    assert len({each["pid"] for each in told}) == 1
    assert len({each["thread"] for each in told}) == INSTANCES
    assert all(each["multithread"] and not each["multiprocess"] for each in told)
    path = f"/welcome/@@iisgate-probe?together={INSTANCES}"
    until("all are told", lambda: len(served.instances(path)) == INSTANCES)


def test_pages_at_once(served: Plone) -> None:
    def many(number: int) -> set[str]:
        visitor = served.browser(f"host{number}.example.com")
        pages = [visitor.get("/welcome").ok() for _ in range(5)]
        assert all(f"http://host{number}.example.com/" in page.text for page in pages)
        assert not any("http://host" in page.text.replace(f"http://host{number}.", "") for page in pages)
        return {page.headers["X-Pid"] for page in pages}

    with ThreadPoolExecutor(8) as pool:
        assert len(set().union(*pool.map(many, range(8)))) == 1
