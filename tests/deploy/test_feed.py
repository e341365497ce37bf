"""Owns ``iisgate feed``: a feed is made, judged, served over HTTP and installed from.

Does not own reading and writing feeds, rules and resolving, which are tested in ``crates/deploy/src/feed``.
"""

from __future__ import annotations

import hashlib
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from support import feeds
from support.handmade import shop
from support.installing import Target

ATOM = "{http://www.w3.org/2005/Atom}"
OURS = "{urn:iisgate:feed}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three packages, what they need, and the feed of them."""
    folder = tmp_path_factory.mktemp("made") / "served"
    (folder / "dl").mkdir(parents=True)
    for version in ("one", "two", "three"):
        shop(folder / "dl", version)
    (folder / "dl" / "runtime.exe").write_text(feeds.RUNTIME)
    (folder / "feed.toml").write_text(feeds.DESCRIPTION)
    done = feeds.run("build", "--out", "feed.xml", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "made: feed.xml (4 products)" in done.stderr
    feeds.shell_instead(folder / "feed.xml")
    return folder


def install(
    made: Path, target: Target, url: str, *words: str, to: str = "sites", **more: str
) -> tuple[int, str, list[str]]:
    """``iisgate feed install``: its status, what it said, and how often the installer ran."""
    log = target.folder / "log"
    sites = target.folder / "sites"
    env = {**target.env, "LOG": str(log), "SITES": str(sites), "HOME": str(target.folder), "NO_PROXY": "127.0.0.1"}
    words = ("--to", str(target.folder / to), f"--environment={target.borrowed}", "--yes", *words)
    done = target.run("feed", "install", *words, "--feed", f"{url}/feed.xml", env={**env, **more})
    ran = log.read_text().splitlines() if log.is_file() else []
    return done.returncode, done.stderr, ran


def test_another_reader_finds_in_a_feed_what_is_in_the_files(made: Path) -> None:
    root = ElementTree.parse(made / "feed.xml").getroot()
    assert root.tag == f"{ATOM}feed"
    found = {}
    for entry in root.iter(f"{ATOM}entry"):
        file = entry.find(f".//{ATOM}installerFile")
        assert file is not None
        found[entry.findtext(f"{ATOM}productId")] = file
    assert list(found) == ["Runtime", "Shop", "Wiki", "Blog"]
    content = (made / "dl" / "shop-two.zip").read_bytes()
    wiki = found["Wiki"]
    assert wiki.findtext(f"{ATOM}installerURL") == "dl/shop-two.zip"
    assert wiki.findtext(f"{ATOM}sha1") == hashlib.sha1(content).hexdigest()
    assert wiki.findtext(f"{OURS}sha256") == hashlib.sha256(content).hexdigest()
    assert wiki.findtext(f"{ATOM}fileSize") == str(max(1, round(len(content) / 1024)))


def test_the_same_input_gives_the_same_feed(made: Path) -> None:
    one, two = (feeds.run("build", "--from", "feed.toml", folder=made) for _ in range(2))
    assert one.returncode == 0 and one.stdout == two.stdout != ""


def test_products_are_installed_in_order_over_http(made: Path, target: Target) -> None:
    with feeds.web_server(made) as url:
        status, said, ran = install(made, target, url, "Shop")
        assert status == 0, said
        assert ran == ["/quiet"], "the runtime ran once, before any site was there"
        order = [line for line in said.splitlines() if line.startswith("install: ")]
        assert order == ["install: Runtime", "install: Wiki", "install: Shop"]
        # All downloads come before anything is installed.
        assert said.rindex("download: ") < said.index("install: ")
        sites = target.folder / "sites"
        for product, answer in [("Shop", "one hello"), ("Wiki", "two hello")]:
            told = target.run("request", "GET", "/", "--dir", sites / product)
            assert told.stdout.startswith(answer), told.stderr
        assert not (sites / "Blog").exists(), "one of the two is enough"

        # What the machine has, and what was downloaded, is not fetched again.
        status, said, ran = install(made, target, url, "Wiki", to="wiki", RUNTIME_IS_AT=str(made / "feed.xml"))
        assert status == 0 and ran == ["/quiet"], said
        assert "found: Runtime is there" in said and "download: Wiki is in " in said


def test_a_wrong_file_stops_it_before_anything_runs(made: Path, target: Target) -> None:
    package = made / "dl" / "shop-one.zip"
    content = package.read_bytes()
    package.write_bytes(content + b"!")
    try:
        with feeds.web_server(made) as url:
            status, said, ran = install(made, target, url, "Shop")
    finally:
        package.write_bytes(content)
    assert status == 1 and "is not the file that the feed tells of: its SHA-256 is" in said, said
    assert ran == [] and not (target.folder / "sites").exists()
    assert not list(target.folder.rglob("shop-one.zip*")), "what is wrong is not kept"


def test_what_cannot_be_had_or_fails_is_told(made: Path, target: Target) -> None:
    with feeds.web_server(made) as url:
        status, said, ran = install(made, target, url, "Shop", STATUS="5")
        assert status == 2 and "Runtime: /bin/sh" in said and "ended with status 5" in said, said
        assert not (target.folder / "sites").exists()
        status, said, _ = install(made, target, url, "Sohp")
        assert status == 1 and "no feed has the product Sohp" in said
        status, said, _ = install(made, target, f"{url}/nowhere", "Shop")
        assert status == 2 and "the server says that there is no such file" in said
        done = target.run("feed", "install", "Shop", "--feed", f"{url}/feed.xml", "--to", "x", "--dry-run")
        assert done.returncode == 0 and "3. Shop 1.0" in done.stderr and "its licence: https" in done.stderr
        done = target.run("feed", "install", "Shop", "--feed", f"{url}/feed.xml", "--to", "x")
        assert done.returncode == 1 and "--yes" in done.stderr, "nobody was asked"
        verified = feeds.run("verify", f"{url}/feed.xml", "--online", "-o", "json", folder=made)
        codes = {finding["code"] for finding in json.loads(verified.stdout)}
        # The licence is at an address that this machine cannot reach.
        assert codes == {"feed-url-open", "feed-url-unreachable"}, verified.stdout


def test_feeds_are_listed_searched_and_judged(made: Path) -> None:
    listed = feeds.run("list", "--feed", "feed.xml", folder=made)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["Runtime", "Shop", "Wiki", "Blog"]
    found = feeds.run("search", "wi", "-o", "json", "--feed", f"file://{made}/feed.xml", folder=made)
    assert [product["product"] for product in json.loads(found.stdout)] == ["Wiki"]
    assert feeds.run("search", "nothing", "--feed", "feed.xml", folder=made).returncode == 1
    good = feeds.run("verify", "feed.xml", folder=made)
    assert good.returncode == 0, good.stdout
    (made / "bad.xml").write_text((made / "feed.xml").read_text().replace("dl/shop-two", "dl/shop-one"))
    bad = feeds.run("verify", "bad.xml", folder=made)
    assert bad.returncode == 1 and "[feed-hash-mismatch]" in bad.stdout
    assert feeds.run("verify", "none.xml", folder=made).returncode == 2
    assert feeds.run("verify", "ftp://x/y", folder=made).returncode == 1


def test_packages_alone_become_a_feed_of_this_machine(made: Path) -> None:
    built = feeds.run("build", "--from", "/dev/null", "dl/shop-two.zip", folder=made)
    assert built.returncode == 1 and "it has no `version`" in built.stderr
    (made / "dl" / "shop-1.2.zip").write_bytes((made / "dl" / "shop-two.zip").read_bytes())
    built = feeds.run("build", "--from", "/dev/null", "dl/shop-1.2.zip", "--depends", "CGI", folder=made)
    assert f"<installerURL>file://{made}/dl/shop-1.2.zip</installerURL>" in built.stdout, built.stderr
    assert "feed-product-unknown" in built.stderr, "nothing would bring CGI"
    asks = feeds.run("build", "--from", "/dev/null", "dl/runtime.exe", folder=made)
    assert asks.returncode == 1 and "error: " in asks.stderr


def test_the_cache_is_told_and_cleared(tmp_path: Path) -> None:
    kept = tmp_path / "home" / ".cache" / "iisgate" / "feeds" / "installers" / "Shop" / "shop.zip"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"0" * 1_100_000)
    webpi = tmp_path / "local" / "Microsoft" / "Web Platform Installer"
    (webpi / "logs").mkdir(parents=True)
    (webpi / "feed.xml").write_text("<feed/>")
    env = {"LOCALAPPDATA": str(tmp_path / "local")}
    told = feeds.run("cache", folder=tmp_path, env=env)
    assert "feeds  1.0 MB" in told.stdout and "Web Platform Installer" in told.stdout
    assert feeds.run("cache", "--clear", "--product", "Wiki", folder=tmp_path, env=env).returncode == 0
    assert kept.exists()
    assert feeds.run("cache", "--clear", folder=tmp_path, env=env).returncode == 0
    assert not kept.exists() and not (webpi / "feed.xml").exists() and (webpi / "logs").is_dir()
