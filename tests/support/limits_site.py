"""Owns the site ``fixtures/sites/limits`` behind the stand-in: an ``applicationHost.config`` with attributes, and
words with its application.

Does not own what the attributes do.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from support.serve_site import Latch, Serve, ServeSite, handler, lives, program_of, shown
from support.waiting import until

HOST = """<configuration>
<system.applicationHost><sites><site name="It" id="1">
 <application path="/"><virtualDirectory path="/" physicalPath="{folder}" /></application>
</site></sites></system.applicationHost>
<system.webServer>
 <fastCgi>
 <application fullPath="{program}" arguments="{arguments}" {attributes}>
  <environmentVariables>{variables}</environmentVariables>
 </application></fastCgi>
 <handlers accessPolicy="Read, Script" />
</system.webServer>
</configuration>
"""


class LimitsSite:
    """A site whose only FastCGI application has these attributes, one instance if they do not say how many."""

    def __init__(self, site: ServeSite, attributes: str = "", **environment: str | Path) -> None:
        self.site = site
        if "maxInstances" not in attributes:
            attributes += ' maxInstances="1"'
        self.program, arguments = program_of(site.path / "app.py")
        program = shown(self.program)
        site.write("web.config", handler(f"{program}|{arguments}" if arguments else program))
        texts = {name: shown(value) if isinstance(value, Path) else value for name, value in environment.items()}
        pairs = (f'<environmentVariable name="{name}" value="{value}" />' for name, value in texts.items())
        self.file = site.folder / "applicationHost.config"
        self.file.write_text(HOST.format(folder=shown(site.path), program=program, arguments=arguments,
                                         variables="".join(pairs), attributes=attributes))

    def serve(self) -> Serve:
        return self.site.serve(f"--config={self.file}", dir=False)


def pid_of(serve: Serve) -> int:
    return int(serve.get("/").json()["pid"])


def until_gone(pid: int) -> None:
    until(f"process {pid} has ended", lambda: not lives(pid))


def with_latches(told: Latch, wait: Latch, path: str) -> str:
    return f"{path}?told={quote(shown(told.path))}&wait={quote(shown(wait.path))}"
