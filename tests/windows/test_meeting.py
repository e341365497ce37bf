"""Gates and their worker meet where nobody else comes in, and what stands there in their place gets nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from instance_support.instances import HERE, NOT_STARTED, Site, facts, page, shared
from support.launch import Conversation, run_program
from support.places import ON_WINDOWS, base_python
from support.waiting import until

pytest_plugins = ["instance_support.fixtures"]

Converse = Callable[..., Conversation]

NAME = re.compile(r"\\\\\.\\pipe\\iisgate-[0-9a-f]{32}")

#: BUILTIN\Administrators: that somebody belongs to them makes them nobody's user.
ADMINISTRATORS = "S-1-5-32-544"


def private_folder(site: Site) -> Path:
    (folder,) = site.temporary.glob("iisgate-*")
    return folder


def name_file(site: Site) -> Path:
    (file,) = private_folder(site).glob("*.sock")
    return file


def user(site: Site) -> str:
    return private_folder(site).name.partition("-")[2]


def test_the_meeting_place_is_this_user_s_alone(site: Site) -> None:
    gate = site.instance()
    worker = gate.worker()
    name = name_file(site).read_text()
    assert NAME.fullmatch(name)
    told = json.loads(run_program(base_python(), HERE / "descriptors.py", private_folder(site), name))
    owner = re.escape(told["user"])
    assert told["user"] == user(site)
    for what in ("pipe", "job"):
        assert re.fullmatch(rf"O:{owner}D:P\(A;;[^;()]+;;;{owner}\)", told[what]), what
    if ON_WINDOWS:
        assert re.fullmatch(rf"O:{owner}D:P\(A;OICI;FA;;;{owner}\)", told["folder"])
    else:
        # Wine keeps a file's mode, not its access list.
        assert told["folder"].startswith(f"O:{told['user']}D:")
        assert private_folder(site).stat().st_mode & 0o007 == 0
    assert told["server"] == worker
    # It was connected to for a moment, and does not mind.
    assert gate.worker() == worker


def test_each_worker_has_a_name_of_its_own_and_takes_it_away(site: Site) -> None:
    gate, names = site.instance(), set()
    for _ in range(2):
        worker = gate.worker()
        names.add(name_file(site).read_text())
        site.web.kill(worker)
    gate.worker()
    names.add(name_file(site).read_text())
    assert len(names) == 3
    gate.hang_up()
    site.until_gone()
    assert [file.suffix for file in private_folder(site).iterdir()] == [".lock"]


def test_gates_that_come_at_once_meet_one_worker(site: Site) -> None:
    gates, seen = [site.instance() for _ in range(8)], set()
    for _ in range(4):
        worker = shared(gates)
        seen.add(worker)
        site.web.kill(worker)
    assert len(seen) == 4
    assert "ERROR" not in site.log()


def test_a_file_that_names_no_worker(site: Site, tmp_path: Path) -> None:
    """Another worker is started; the one whose name is lost goes on for those who have found it."""
    plain = tmp_path / "plain"
    plain.write_text("nothing of interest")
    first = site.instance()
    workers = [first.worker()]
    file = name_file(site)
    wrong = [
        b"",
        b"garbage",
        b"\xff\xfe\x00",
        b"\\\\.\\pipe\\",
        b"\\\\.\\pipe\\iisgate-" + b"0" * 32,
        b"\\\\.\\pipe\\iisgate-\0",
        b"\\\\nobody.invalid\\pipe\\x"[:1] * 300,
        ("Z:" + str(plain).replace("/", "\\") if not ON_WINDOWS else str(plain)).encode(),
    ]
    for content in wrong:
        file.write_bytes(content)
        workers.append(site.instance().worker())
        assert NAME.fullmatch(file.read_text())
    assert len(set(workers)) == len(wrong) + 1
    assert first.worker() == workers[0]
    assert plain.read_text() == "nothing of interest"
    # Whoever ends takes away no other's name.
    first.hang_up()
    until("the first worker to end", lambda: len(site.workers()) == len(wrong))
    assert site.instance().worker() == workers[-1]


def test_somebody_else_s_pipe_is_not_spoken_to(site: Site, converse: Converse) -> None:
    worker = site.instance().worker()
    pipe = rf"\\.\pipe\{site.folder.parent.name}"
    squatter = converse(base_python(), HERE / "squatter.py", pipe, ADMINISTRATORS, "heard")
    squatter.until_told("here")
    name_file(site).write_text(pipe)
    assert site.instance().worker() != worker
    assert "taken" in squatter.told() and "heard" not in squatter.told()


@pytest.mark.parametrize("manner", ["garbage", "closed"])
def test_a_pipe_of_this_user_s_that_is_no_worker_s(site: Site, converse: Converse, manner: str) -> None:
    """It may hold a gate up for a while, but there is an answer: from another worker, or why there is none."""
    worker = site.instance().worker()
    pipe = rf"\\.\pipe\{site.folder.parent.name}"
    squatter = converse(base_python(), HERE / "squatter.py", pipe, user(site), manner)
    squatter.until_told("here")
    name_file(site).write_text(pipe)
    gate = site.instance()
    try:
        answer = gate.ask()
    finally:
        squatter.kill()
    if answer.status == 200:
        assert facts(answer)["pid"] != worker
    else:
        page(answer, NOT_STARTED)
        until("another worker to answer", lambda: gate.ask().status == 200, pause=0.1)


def test_a_worker_minds_no_strangers(site: Site, converse: Converse) -> None:
    gate = site.instance()
    worker = gate.worker()
    stranger = converse(base_python(), HERE / "stranger.py", name_file(site).read_text())
    stranger.until_told("said")
    assert gate.worker() == site.instance().worker() == worker
    site.until_logged("a gate cannot be served")
    assert stranger.end() == 0
    site.close()
    site.until_gone()


@pytest.mark.parametrize("site", ["--debug"], indirect=True)
def test_no_private_folder_is_explained(site: Site) -> None:
    """Something else has its name."""
    gate = site.instance()
    gate.worker()
    folder = private_folder(site)
    gate.hang_up()
    site.until_gone()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("in the way")
    gate = site.instance()
    assert folder.name in page(gate.ask(), NOT_STARTED)
    assert folder.name in site.log()
    folder.unlink()
    assert gate.worker()
