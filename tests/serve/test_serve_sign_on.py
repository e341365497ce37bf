"""Owns ``--as``, ``<authentication>`` and ``<authorization>`` over HTTP: who is let in, and what the app sees.

Does not own how rules of several files are merged (tests beside the code).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from support.serve_site import Serve, ServeSite, served

ANN = r"CORP\ann"


@pytest.fixture(scope="module")
def nobody() -> Iterator[Serve]:
    with served("variables") as serve:
        yield serve


@pytest.fixture(scope="module")
def ann() -> Iterator[Serve]:
    with served("variables", "--as", ANN) as serve:
        yield serve


def user(serve: Serve, path: str) -> str:
    """Who the app is told that it is; empty for nobody."""
    told = serve.get(path).json()
    names = [told["REMOTE_USER"], told["LOGON_USER"], told["AUTH_USER"]]
    assert len(set(names)) == 1 and told["AUTH_TYPE"] == ("Negotiate" if names[0] else "")
    return str(names[0])


def test_everyone_is_nobody(nobody: Serve) -> None:
    assert user(nobody, "/") == user(nobody, "/open/") == ""


def test_a_user_where_the_configuration_says_nothing(ann: Serve) -> None:
    assert user(ann, "/") == ANN


def test_a_user_where_everyone_must_sign_on(ann: Serve) -> None:
    assert user(ann, "/windows/") == ANN


def test_who_need_not_sign_on_does_not(ann: Serve) -> None:
    assert user(ann, "/open/") == ""


@pytest.mark.parametrize("path, words, challenges", [
    ("/windows/x", ["anonymousAuthentication is off", r"--as DOMAIN\user"], ["Negotiate", "NTLM"]),
    ("/staff/x", ["No rule of &lt;authorization&gt; allows", "Groups are not simulated"], ["Negotiate", "NTLM"]),
    ("/closed/x", ["windowsAuthentication is off", "web.config:"], None),
    ("/basic/x", ["Not simulated", "basicAuthentication"], None),
])
def test_who_does_not_sign_on(nobody: Serve, path: str, words: list[str], challenges: list[str] | None) -> None:
    answer = nobody.get(path)
    assert answer.status == 401 and answer.headers.get_all("WWW-Authenticate") == challenges
    for word in ["401.2", *words]:
        assert word in answer.text.replace("<authorization>", "&lt;authorization&gt;"), word
    assert nobody.wait_line(f"GET    {path} ").startswith("401.2")


def test_what_nobody_may_the_user_may(ann: Serve, nobody: Serve) -> None:
    assert user(ann, "/staff/") == ANN
    assert nobody.ask("HEAD", "/staff/").status == 200
    assert ann.ask("OPTIONS", "/staff/", headers={"X-It": "y"}).status == 200


def test_a_rule_that_denies_goes_first() -> None:
    with served("variables", "--as", r"CORP\FRED") as serve:
        answer = serve.get("/staff/")
        assert answer.status == 401 and "WWW-Authenticate" not in answer.headers
        assert "denies this to CORP" in answer.text and "web.config:11" in answer.text
        assert serve.ask("HEAD", "/staff/").status == 200, "everybody may that"


@pytest.mark.parametrize("path", ["/closed/", "/basic/"])
def test_a_user_who_cannot_sign_on(ann: Serve, path: str) -> None:
    assert ann.get(path).status == 401


def test_what_does_nothing_is_told_at_the_start(make_site: Callable[..., ServeSite]) -> None:
    site = make_site("variables")
    config = site.path / "web.config"
    security = """<security><authentication><anonymousAuthentication enabled="true" />
<windowsAuthentication enabled="false" /><basicAuthentication enabled="true" /></authentication>
<authorization><add accessType="Allow" roles="Staff" /></authorization></security>"""
    config.write_text(config.read_text().replace("<rewrite>", f"{security}<rewrite>"))
    serve = site.serve("--as", ANN)
    assert "web.config:5" in serve.wait_line("--as has no effect: windowsAuthentication is off")
    assert "web.config:5" in serve.wait_line("not simulated <basicAuthentication>")
    assert "web.config:6" in serve.wait_line('not simulated <add roles="Staff">')


def test_a_user_without_a_domain_is_refused(make_site: Callable[..., ServeSite]) -> None:
    serve = make_site("variables").serve("--as", "ann")
    assert serve.wait_end() != 0
    assert r"DOMAIN\user" in serve.text


def test_one_request_as_a_user(make_site: Callable[..., ServeSite]) -> None:
    answer = make_site("variables").request("GET", "/windows/", "--as", ANN)
    assert rb'"REMOTE_USER": "CORP\\ann"' in answer.stdout
