"""The Windows Python is whole, what was built is importable and runs, and the harness tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support import iis, living, places
from support.launch import Conversation, run_program
from support.paths import from_windows, to_windows
from support.places import base_python, venv_python
from support.venvs import make_venv

WAITS = "import sys; print('here', flush=True); sys.stdin.read()"


@pytest.mark.parametrize("module", ["asyncio", "ctypes", "multiprocessing", "socket", "sqlite3", "ssl", "winreg"])
def test_the_windows_python_has_its_standard_library(module: str) -> None:
    told = run_program(base_python(), "-c", f"import sys, {module}; print(sys.platform)")
    assert told == "win32\n"


def test_stable_abi_modules_find_their_library() -> None:
    told = run_program(
        base_python(), "-c", "import ctypes; print(ctypes.PyDLL('python3.dll').PyLong_AsLong(ctypes.py_object(42)))"
    )
    assert told == "42\n"


def test_the_environment_has_its_packages_and_ours() -> None:
    modules = "django, flask, paste.deploy, pyramid, wfastcgi, iisgate._native"
    told = run_program(venv_python(), "-c", f"import sys, {modules}; print(sys.prefix)")
    assert from_windows(told.strip()) == places.VENV


def test_plone_is_importable() -> None:
    modules = "Products.CMFPlone, plone.restapi, iisgate._native"
    run_program(venv_python(places.PLONE), "-c", f"import {modules}", seconds=300)


def test_the_executable_runs() -> None:
    told = run_program(places.IISGATE, "--version")
    assert told.startswith("iisgate ")


def test_the_exit_status_and_the_streams_pass() -> None:
    program = "import sys; print(sys.stdin.read().upper()); sys.exit(7)"
    assert run_program(base_python(), "-c", program, input=b"hello", status=7) == "HELLO\n"


def test_paths_and_arguments_keep_spaces_and_other_letters(tmp_path: Path) -> None:
    folder = tmp_path / "Straße nach Łódź"
    folder.mkdir()
    script = folder / "büro.py"
    script.write_text("import os, sys; print(ascii([os.getcwd(), __file__, *sys.argv[1:]]))", encoding="utf-8")
    told = run_program(base_python(), script, "ü b", "", '"', folder, cwd=folder)
    expected = [to_windows(folder), to_windows(script), "ü b", "", '"', to_windows(folder)]
    assert told.strip() == ascii(expected)


def test_an_environment_of_one_s_own_starts_by_a_launcher(
    tmp_path: Path, converse: Callable[..., Conversation]
) -> None:
    python = make_venv(tmp_path / "an env", places.VENV / "Lib" / "site-packages")
    program = "import flask, iisgate, sys; print(sys.prefix, flush=True); sys.stdin.read()"
    running = converse(python, "-c", program)
    assert running.until_told("an env") == to_windows(tmp_path / "an env")
    # As on Windows: the environment's python.exe waits for the base Python, which does the work.
    assert len(living.alive("python.exe", "import flask")) == 2
    assert running.end() == 0
    living.until_gone(lambda: living.alive("python.exe", "import flask"))


def test_who_lives_is_told_and_can_be_killed(converse: Callable[..., Conversation]) -> None:
    running = converse(base_python(), "-c", WAITS, "the one")
    running.until_told("here")
    living.one_alive("python.exe", "the one").kill()
    running.process.wait(60)
    living.until_gone(lambda: living.alive("python.exe", "the one"))


def test_a_path_is_the_same_there_and_back() -> None:
    for path in [Path(places.REPOSITORY, "my site", "ä.py"), Path(places.REPOSITORY.anchor)]:
        assert from_windows(to_windows(path)) == path
    if not places.ON_WINDOWS:
        assert to_windows("/srv/my site/ä.py") == r"Z:\srv\my site\ä.py"
        assert from_windows(r"c:\users\x", Path("/prefix/drive_c")) == Path("/prefix/drive_c/users/x")
        with pytest.raises(ValueError):
            from_windows("relative")


def test_what_iis_is_told_names_the_same_program_in_both_places() -> None:
    program, arguments = r"C:\it's here\iisgate.exe", "fcgi app:app"
    assert iis.fastcgi_entry(program, arguments, maxInstances="4") == (
        r"fullPath='C:\it''s here\iisgate.exe',arguments='fcgi app:app',maxInstances='4'"
    )
    text = (places.EXAMPLES / "flask" / "web.config").read_text(encoding="utf-8")
    assert f'scriptProcessor="{program}|{arguments}" resourceType' in iis.web_config(text, program, arguments)
