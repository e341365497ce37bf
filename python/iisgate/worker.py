"""Owns ``python -m iisgate worker``: settings, the app's environment, signals, threads, the end.

Does not own serving (native) nor loading the app (`iisgate.loader`).
"""

from __future__ import annotations

import argparse
import atexit
import os
import platform
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iisgate import (
    _native,
    calls,
    debugging,
    descriptors,
    loader,
    recycling,
    start_times,
    streams,
    target,
    telling,
    warmup,
    zope,
)
from iisgate.debugging import Debugging
from iisgate.errors import IisgateError
from iisgate.limits import Limits
from iisgate.recycling import Recycling

if TYPE_CHECKING:
    from iisgate.asgi import Gateway

#: Seconds that requests in flight have to finish when the worker is told to stop.
GRACEFUL_SECONDS = 30.0

#: Seconds that a worker without an app stays, so that gates that are just connecting are told.
FAILED_SECONDS = 0.3

#: Seconds between two looks at what the worker should not have too much of, at most; with a time limit
#: they come so often that it is exceeded by a quarter at most.
LOOK_SECONDS = 1.0
LOOKS_PER_TIMEOUT = 4


def arguments(argv: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m iisgate worker",
        description="Serves a WSGI or ASGI app over FastCGI, in this process.",
        epilog="example: python -m iisgate worker app:app --endpoint unix:/run/site.sock",
    )
    parser.add_argument("target", nargs="?", help=target.GRAMMAR)
    parser.add_argument("--site", type=Path, help="the site's folder (default: this one)")
    parser.add_argument("--endpoint", default="stdin", help="stdin | gates | unix:PATH | tcp:HOST:PORT")
    parser.add_argument("--threads", type=int, default=16, help="most requests served at once (16)")
    parser.add_argument("--multiprocess", action="store_true", help="other processes serve the app, too")
    parser.add_argument("--debug", action="store_true", help="answer errors with the developer's page")
    parser.add_argument("--debug-for", metavar="WHO", help="who sees it: local (default), an IP address, anyone")
    parser.add_argument("--debug-session", metavar="WORDS", help="the debug mode that is on: see iisgate debug")
    parser.add_argument("--log", default="-", help="the log file, or - for standard error")
    parser.add_argument("--log-format", default="text", choices=["text", "json", "plain"], help="its form (text)")
    parser.add_argument("--script-name", help="the URL path the app is mounted at")
    parser.add_argument("--trust-original-url", action="store_true", help="believe X-Original-URL")
    parser.add_argument("--grace", type=float, default=5.0, help="seconds to stay after the last gate")
    parser.add_argument("--bound-to", metavar="PATH", help="refuse other APPL_PHYSICAL_PATHs")
    parser.add_argument("--reload", action="store_true", help="restart when the code changes")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="the longest a request may take, 0 for any")
    parser.add_argument("--max-requests", type=int, metavar="N", help="requests until the worker is replaced")
    parser.add_argument("--max-memory", type=int, metavar="MIB", help="memory with which it is")
    parser.add_argument("--max-age", type=float, metavar="SECONDS", help="age at which it is")
    parser.add_argument("--working-directory", type=Path, metavar="DIR", help="work here (the site's folder)")
    parser.add_argument("--configured-by", metavar="STAMP", help="what the site's files were for who starts it")
    return parser.parse_args(argv)


class Worker:
    """One run of a worker."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.site: Path = (options.site or Path.cwd()).absolute()
        self.app_settings: dict[str, str] = {}
        self.settings: _native.SiteSettings
        self.begun = time.perf_counter()
        self.server: _native.Server
        self._threads = 0
        #: The app's event loop, if it is an ASGI app.
        self._asgi: Gateway | None = None

    def run(self) -> int:
        """Serves until told to stop; the exit status."""
        options = self.options
        # What Python's launcher of virtual environments told us is not for the app's children.
        os.environ.pop("__PYVENV_LAUNCHER__", None)
        descriptors.lead_output_to(options.log)
        verbose = bool(options.debug or options.debug_session)
        _native.open_log(options.log, verbose=verbose, format=options.log_format, site=self.site)
        descriptors.follow_log()
        errors = streams.install()
        settings = self.settings = self._configure()
        max_requests = options.max_requests or settings["max_requests"]
        if max_requests:
            max_requests = recycling.with_jitter(max_requests)
        script_name = options.script_name or self._setting("SCRIPT_NAME")
        self.server = _native.Server(
            threads=options.threads,
            debug_for=(options.debug_for or "local") if options.debug else None,
            debug_session=options.debug_session,
            script_name=script_name,
            trust_original_url=options.trust_original_url,
            ansi_code_page=settings["ansi_code_page"],
            # An instance of its own, as IIS starts them, is one of several.
            multiprocess=options.multiprocess or options.endpoint == "stdin",
            bound_to=options.bound_to,
            max_requests=max_requests,
            errors=errors,
            spawn=self._spawn,
        )
        self.server.introduce(self.site, f"Python {platform.python_version()}, {sys.executable}")
        may_leave = False
        if options.endpoint == "gates":
            may_leave = self.server.listen_to_gates(options.grace)
        elif options.endpoint == "stdin":
            self.server.inherit()
        else:
            self.server.listen(options.endpoint)
        # Not before: the web server's pipe was there.
        descriptors.empty_input()
        streams.install_input()
        # The last one is Windows' word to a group of processes.
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if number := getattr(signal, name, None):
                signal.signal(number, lambda *_: self.server.stop())
        try:
            # Before the app is read, so that no change is missed.
            mode = Debugging(self.site, options.debug_session)
            care = Recycling(self.server, self.site, self._rules(max_requests), may_leave, mode)
            if options.endpoint == "gates":
                care.watch(options.configured_by)
            if options.debug_session:
                debugging.await_debugger(self.site, options.debug_session)
            app = self._load(script_name or "", errors)
        except BaseException as error:
            return self._fail(error)
        care.begin()
        self.server.ready(app, asgi=self._asgi is not None)
        self._spawn()
        self._care(care)
        self.server.wait()
        mode.replaced()
        has_ended = self.server.join(GRACEFUL_SECONDS)
        if self._asgi:
            self._asgi.close()
        if has_ended:
            _end_within(GRACEFUL_SECONDS, 0)
            return 0
        # A thread is stuck in the app: the interpreter would wait for it for ever.
        stuck = self.server.stuck()
        why = f"did not end within {GRACEFUL_SECONDS:g} s" if not stuck else f"do not end: stuck in the app: {stuck}"
        _native.log("warning", f"requests in flight {why}")
        atexit._run_exitfuncs()
        os._exit(0)

    def _configure(self) -> _native.SiteSettings:
        """Makes the process what the site's files say."""
        settings = _native.site_settings(self.site)
        self.app_settings = settings["app_settings"]
        if self.options.script_name is None:
            self.options.script_name = settings["script_name"]
        os.environ.update(settings["environment"])
        physical = os.path.join(self.site, "")
        os.environ.setdefault("APPL_PHYSICAL_PATH", physical)
        for key, value in self.app_settings.items():
            if key.upper() not in ("PYTHONPATH", "WSGI_LOG"):
                os.environ[key] = value
        folder = self.options.working_directory or Path(settings["working_directory"] or ".")
        self._enter(self.site / folder)
        # Python has seen the environment's own PYTHONPATH.
        python_path = next((v for k, v in self.app_settings.items() if k.upper() == "PYTHONPATH"), "")
        for entry in self._expand(python_path).split(";"):
            if entry and entry not in sys.path:
                sys.path.append(entry)
        return settings

    def _enter(self, folder: Path) -> None:
        """Works in a folder; imports are the site's, wherever that is."""
        # `python -m` puts the folder that it is started in before all others. A gate starts us where the
        # app works, and there nothing but the site is meant to be imported.
        start = os.getcwd()
        is_gates = self.options.working_directory is not None and not os.path.samefile(start, self.site)
        if is_gates and sys.path[:1] == [start]:
            del sys.path[0]
        os.chdir(folder)
        if str(self.site) not in sys.path:
            sys.path.insert(0, str(self.site))

    def _setting(self, name: str) -> str | None:
        """An app setting, whatever its case, else the environment variable of that name."""
        for key, value in self.app_settings.items():
            if key.upper() == name:
                return value
        return os.environ.get(name)

    def _expand(self, text: str) -> str:
        return _native.expand(text, dict(os.environ))

    def _load(self, script_name: str, errors: Any) -> Any:
        text = (
            self.options.target
            or os.environ.get("IISGATE_TARGET")
            or self.settings["target"]
            or self._setting("WSGI_HANDLER")
        )
        if text:
            found = target.parse(text, self.site)
        elif ini := self._setting("WSGI_CONFIG_FILE"):
            # Helicon's way: a Paste file, maybe below %APPL_PHYSICAL_PATH%.
            found = target.parse(self._expand(ini), self.site)
        else:
            found, why = target.detect(self.site)
            _native.log("info", f"no TARGET was given: {why} gives {found}")
        begun = time.perf_counter()
        with start_times.measured() as modules:
            app = self._served(loader.load(found))
        importing, warming_up = time.perf_counter() - begun, 0.0
        told = f"import {importing:.2f} s"
        if paths := self.settings["warm_up"]:
            begun = time.perf_counter()
            options = self.options
            environ = warmup.environment(script_name, errors, options.threads > 1, options.multiprocess)
            warmup.warm_up(app, paths, environ)
            warming_up = time.perf_counter() - begun
            told += f", warm-up {warming_up:.2f} s"
        total = time.perf_counter() - self.begun
        self.server.loaded(str(found), total, importing, warming_up, modules.slowest())
        told = f"in {total:.2f} s: {told}"
        _native.log("info", f"ready: {found} in {self.site} (process {os.getpid()}) {told}")
        return app

    def _served(self, app: Any) -> Any:
        """The app as serving threads call it; an ASGI app has been started."""
        kind = calls.interface(app)
        if kind == "wsgi":
            return zope.at_home(app)
        # asyncio is imported for those who want it alone.
        from iisgate.asgi import Gateway

        is_debugged = bool(self.options.debug or self.options.debug_session)
        self._asgi = Gateway(calls.of_one_call(app) if kind == "asgi2" else app, is_debugged)
        self._asgi.start()
        return self._asgi

    def _fail(self, error: BaseException) -> int:
        _native.flush_text()
        told = telling.why(error)
        _native.log("error", str(told))
        self.server.failed(*told)
        # Gates that are just connecting get their answer, too.
        threading.Event().wait(FAILED_SECONDS)
        self.server.stop()
        _end_within(FAILED_SECONDS, 1)
        return 1

    def _spawn(self) -> None:
        self._threads += 1
        threading.Thread(
            target=self.server.serve, name=f"iisgate-{self._threads}", daemon=True
        ).start()

    def _rules(self, max_requests: int | None) -> recycling.Rules:
        """When the worker is to be replaced."""
        options, settings = self.options, self.settings
        regex = self._setting("WSGI_RESTART_FILE_REGEX")
        include = settings["reload_include"]
        if settings["reload"] is False and not options.reload:
            include = None
        elif include is None and (options.reload or settings["reload"]) and regex is None:
            include = list(recycling.RELOAD_INCLUDE)
        if regex is None and self._setting("WSGI_HANDLER") and include is None and settings["reload"] is None:
            regex = recycling.RESTART_FILE_REGEX
        return recycling.Rules(
            max_requests=max_requests,
            max_memory_mib=options.max_memory or settings["max_memory"],
            max_age=options.max_age or settings["max_age"],
            regex=recycling.regex(regex),
            include=recycling.globs(include or ()),
            exclude=recycling.globs(settings["reload_exclude"]),
        )

    def _care(self, care: Recycling) -> None:
        """Looks after the worker from now on."""
        options = self.options
        timeout = self.settings["timeout"] if options.timeout is None else options.timeout
        if options.debug_session:
            # Who looks at a request in a debugger takes his time.
            timeout = None
        has_gates = options.endpoint == "gates"
        replace = care.replace if has_gates else lambda why: None
        limits = Limits(self.server, options.threads, timeout, replace, self._asgi)
        seconds = min(LOOK_SECONDS, timeout / LOOKS_PER_TIMEOUT) if timeout else LOOK_SECONDS

        # At once: the first request may be the one that holds the interpreter.
        limits.look()

        def run() -> None:
            looks = [limits.look, descriptors.follow_log, *([care.look] if has_gates else [])]
            recycling.care(seconds, self.server.wait_for_news, *looks)
            care.is_over = True
            # Requests in flight have their limits while the worker ends, too.
            while True:
                limits.look()
                threading.Event().wait(seconds)

        threading.Thread(target=run, name="iisgate-care", daemon=True).start()


def _end_within(seconds: float, status: int) -> None:
    """Bounds the interpreter's end, which waits for ever for threads of the app that are no daemons."""
    timer = threading.Timer(seconds, os._exit, (status,))
    timer.daemon = True
    timer.start()


def main(argv: list[str]) -> int:
    """Runs a worker; the exit status: 0 done, 1 the app cannot be loaded, 2 we cannot serve."""
    options = arguments(argv)
    try:
        return Worker(options).run()
    except (IisgateError, OSError, ValueError, RuntimeError) as error:
        message = f"iisgate worker: {error}"
        _native.log("error", message)
        print(message, file=sys.__stderr__)
        return 2
