"""Owns descriptors 0, 1 and 2 of a worker: children, ``input`` and C libraries find them whatever came in.

IIS gives instances no standard output and error at all, and its pipe as standard input.
Does not own what becomes of text in ``sys.stdout``: see ``test_wsgi_log``.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import processes, programs
from support.fcgi_client import Client
from support.logs import Log
from support.sites import write
from support.waiting import until

APP = """\
    import faulthandler, logging, multiprocessing, os, stat, subprocess, sys

    def child():
        script = "import sys; print('child read', repr(sys.stdin.read())); print('child erred', file=sys.stderr)"
        return subprocess.run([sys.executable, "-c", script]).returncode

    def captured():
        script = "import sys; print(sys.stdin.read() == '')"
        return subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE).stdout.decode().strip()

    def asked():
        try:
            return input("a question? ")
        except EOFError:
            return "nobody answers"

    def process():
        one = multiprocessing.get_context("spawn").Process(target=print, args=("another process",))
        one.start()
        one.join()
        return one.exitcode

    def dumped():
        faulthandler.dump_traceback()
        faulthandler.enable()
        faulthandler.disable()

    def logged():
        for stream in (sys.stderr, sys.__stderr__, sys.__stdout__):
            logging.StreamHandler(stream).emit(logging.makeLogRecord({"msg": "logged by a handler"}))
            stream.flush()

    def descriptors():
        kinds = [stat.S_IFMT(os.fstat(number).st_mode) for number in range(3)]
        null = os.stat(os.devnull).st_rdev
        is_null = [os.fstat(number).st_rdev == null for number in range(3)]
        return kinds[1] == kinds[2], is_null, [os.get_inheritable(number) for number in range(3)]

    def streams():
        return [stream.fileno() for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__)]

    def app(environ, start_response):
        told = repr(globals()[environ["PATH_INFO"].strip("/")]())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [told.encode()]
    """


class Started:
    """A worker whose descriptors are made by a shell, as no Python could start it."""

    def __init__(self, redirections: str, *, log: bool, is_stdin: bool) -> None:
        # Short, for a socket's path has 107 bytes at most.
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        write(self.folder, {"app.py": APP})
        self.log = Log(self.folder / "deep" / "worker.log")
        address = self.folder / "s"
        endpoint = "stdin" if is_stdin else f"unix:{address}"
        command = [*programs.worker_command(), "app:app", f"--site={self.folder}", f"--endpoint={endpoint}",
                   f"--log={self.log.path if log else '-'}"]
        shell = ["sh", "-c", f'exec "$@" {redirections}', "sh", *command]
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = processes.start(shell, env=programs.environment(), **({"stdin": theirs} if is_stdin else {}))
        if is_stdin:
            self.client = Client(ours)
            return
        ours.close()

        def connected() -> Client | None:
            try:
                return Client.connect(address)
            except OSError:
                return None

        self.client = until("it accepts connections", connected)

    def ask(self, path: str) -> str:
        response = self.client.ask(path=path)
        assert (response.status, response.stderr) == (200, b""), f"{response.stdout!r} {self.log.text()}"
        return response.text

    def close(self) -> None:
        self.client.close()
        processes.stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


CASES = {
    "IIS": (">&- 2>&-", True),
    "IIS, one output": (">&-", True),
    "IIS, one error": ("2>&-", True),
    "whole": ("", True),
    "nothing at all": ("<&- >&- 2>&-", False),
    "no input": ("<&-", False),
    "null": ("</dev/null >/dev/null 2>/dev/null", False),
}


@pytest.fixture(scope="module", params=CASES)
def logging_to_a_file(request: pytest.FixtureRequest) -> Iterator[Started]:
    redirections, is_stdin = CASES[request.param]
    worker = Started(redirections, log=True, is_stdin=is_stdin)
    yield worker
    worker.close()


@pytest.fixture(scope="module", params=[name for name in CASES if "output" not in name])
def logging_to_stderr(request: pytest.FixtureRequest) -> Iterator[Started]:
    redirections, is_stdin = CASES[request.param]
    worker = Started(redirections, log=False, is_stdin=is_stdin)
    yield worker
    worker.close()


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("/child", "0", ["child read ''", "child erred"]),
        ("/captured", "'True'", []),
        ("/asked", "'nobody answers'", ["a question?"]),
        ("/process", "0", ["another process"]),
        ("/dumped", "None", ["in dumped"]),
        ("/logged", "None", ["logged by a handler"]),
        ("/descriptors", "(True, [True, False, False], [True, True, True])", []),
        ("/streams", "[0, 1, 2, 0, 1]", []),
    ],
)
def test_what_apps_do_with_them_works_and_is_logged(
    logging_to_a_file: Started, path: str, answer: str, told: list[str]
) -> None:
    assert logging_to_a_file.ask(path) == answer
    for text in told:
        logging_to_a_file.log.wait(text)


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/child", "0"), ("/captured", "'True'"), ("/asked", "'nobody answers'"), ("/process", "0"), ("/dumped", "None"),
     ("/logged", "None"), ("/streams", "[0, 1, 2, 0, 1]")],
)
def test_without_a_log_file_it_works_as_well(logging_to_stderr: Started, path: str, answer: str) -> None:
    assert logging_to_stderr.ask(path) == answer


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    said = tmp_path / "said"
    (tmp_path / "file").touch()
    with said.open("wb") as out:
        worker = processes.start([sys.executable, "-m", "iisgate", "worker", "app:app", f"--log={tmp_path}/file/log"],
                                 env=programs.environment(), stderr=out)
    assert worker.wait(20) == 2
    assert f"the log cannot be written: {tmp_path}/file/log: " in said.read_text()
    processes.stop(worker)
