"""Owns that what the app writes is safe from releases that come, fail, are gone back to and are cut off at that.

Does not own what a package's data is in detail (tests beside the code).
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from support import handmade, processes
from support.handmade import shop
from support.installing import Target
from support.waiting import until


def project(*data: str) -> dict[str, str]:
    """A ``pyproject.toml`` that names data."""
    return {"pyproject_dot_toml": handmade.PROJECT.replace('["var"]', str(list(data)))}


def test_a_failed_upgrade_takes_nothing_of_the_live_release(target: Target, tmp_path: Path) -> None:
    """The folder for uploads is empty when the new release comes, and not when that fails."""
    assert target.install(shop(tmp_path, "one", **project("var", "media"))).returncode == 0
    media = target.path / "data" / "media"
    live = target.path / "releases" / "1" / "media"
    assert list(media.iterdir()) == [] and live.resolve() == media
    upload = f'<runCommand path="echo photo &gt; {live}/photo" />'
    failed = target.install(shop(tmp_path, "two", manifest=upload, app_dot_py="1 / 0\n", media__logo="x",
                                 **project("var", "media")))
    assert failed.returncode == 2 and "ZeroDivisionError" in failed.stderr
    assert [path.name for path in live.iterdir()] == ["photo"]
    target.assert_tidy()


def test_data_within_data_is_refused_before_anything_is_removed(target: Target, tmp_path: Path) -> None:
    assert target.install(shop(tmp_path, "one", var__blobs__1="blob")).returncode == 0
    refused = target.install(shop(tmp_path, "two", var__blobs__1="new", **project("var", "Var/blobs")))
    assert refused.returncode == 1 and "data names var and Var/blobs" in refused.stderr, refused.stderr
    assert "hint: take Var/blobs out of" in refused.stderr
    assert (target.path / "data" / "var" / "blobs" / "1").read_text() == "blob"
    target.assert_tidy()


#: Opens its database as a ZODB is opened: one process at a time. Each request adds a line to it.
EXCLUSIVE = """import fcntl
import pathlib

DATABASE = (pathlib.Path(__file__).with_name("var") / "Data.fs").open("a")
fcntl.flock(DATABASE, fcntl.LOCK_EX | fcntl.LOCK_NB)


def app(environ, start_response):
    DATABASE.write("@VERSION@\\n")
    DATABASE.flush()
    start_response("200 OK", [])
    return [b"@VERSION@"]
"""


def exclusive(folder: Path, version: str) -> Path:
    return shop(folder, version, app_dot_py=EXCLUSIVE.replace("@VERSION@", version), var__Data_dot_fs="")


def test_a_site_with_a_database_of_one_process_is_gone_back_from_while_it_is_served(
        target: Target, tmp_path: Path) -> None:
    for version in ("one", "two"):
        done = target.install(exclusive(tmp_path, version))
        assert done.returncode == 0, done.stderr
    serve = target.site.serve(str(target.path), dir=False)
    assert serve.get("/").text == "two"
    var = target.path / "data" / "var"
    database = (var / "Data.fs").read_text()
    first = target.path / "releases" / "1"

    # One that does not answer any more is not gone back to, and has its real data all the same.
    code = (first / "app.py").read_text()
    (first / "app.py").write_text(code + "1 / 0\n")
    failed = target.rollback()
    assert failed.returncode == 2 and "ZeroDivisionError" in failed.stderr, failed.stderr
    assert "Release 2 is live, as it was before" in failed.stderr
    assert (first / "var").resolve() == var and serve.get("/").text == "two"
    target.assert_tidy()
    (first / "app.py").write_text(code)

    database += "two\n"
    back = target.rollback()
    assert back.returncode == 0 and "on a copy of it" in back.stderr, back.stderr
    assert target.live() == 1 and (first / "var").resolve() == var
    assert (var / "Data.fs").read_text() == database, "what was tried was a copy"
    target.assert_tidy()
    processes.stop(serve.process)
    until("its worker has let go of the database", lambda: not target.site.processes())
    again = target.site.serve(str(target.path), dir=False)
    assert again.get("/").text == "one" and (var / "Data.fs").read_text() == database + "one\n"


#: More points than going back has.
POINTS_MAX = 40


def test_going_back_is_cut_off_at_every_point(target: Target, tmp_path: Path) -> None:
    """Whatever the next command is, both releases have the real data then, not the copy that one was tried on."""
    for version in ("one", "two"):
        done = target.install(exclusive(tmp_path, version))
        assert done.returncode == 0, done.stderr
    saved = shutil.copytree(target.path, tmp_path / "saved", symlinks=True)
    for point in range(1, POINTS_MAX):
        shutil.rmtree(target.path)
        shutil.copytree(saved, target.path, symlinks=True)
        cut = target.rollback(env={"IISGATE_TEST_KILL_AT": str(point)})
        if cut.returncode == 0:
            break
        assert cut.returncode == -signal.SIGABRT, cut.stderr
        again = target.rollback("--to=2")
        assert again.returncode == 0 and target.live() == 2, f"point {point}: {again.stderr}"
        for number in ("1", "2"):
            link = target.path / "releases" / number / "var"
            assert link.resolve() == target.path / "data" / "var", f"point {point}: release {number}"
        target.assert_tidy()
    else:
        raise AssertionError(f"more than {POINTS_MAX} points")
    assert point > 6, point
