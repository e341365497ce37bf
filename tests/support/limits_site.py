"""Owns the site ``fixtures/sites/limits`` behind the stand-in: an ``applicationHost.config`` with attributes, and
words with its application.

Does not own what the attributes do.
"""

from __future__ import annotations

import sys
from pathlib import Path

from support.serve_site import Serve, ServeSite, handler
from support.waiting import Latch, until

HOST = """<configuration>
<system.applicationHost><sites><site name="It" id="1">
 <application path="/"><virtualDirectory path="/" physicalPath="{folder}" /></application>
</site></sites></system.applicationHost>
<system.webServer>
 <fastCgi>
 <application fullPath="{program}" {attributes}>
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
        self.program = site.path / "app.py"
        self.program.write_text(f"#!{sys.executable}\n{self.program.read_text()}")
        self.program.chmod(0o755)
        site.write("web.config", handler(str(self.program)))
        pairs = (f'<environmentVariable name="{name}" value="{value}" />' for name, value in environment.items())
        self.file = site.folder / "applicationHost.config"
        self.file.write_text(HOST.format(folder=site.path, program=self.program, variables="".join(pairs),
                                         attributes=attributes))

    def serve(self) -> Serve:
        return self.site.serve(f"--config={self.file}", dir=False)


def pid_of(serve: Serve) -> int:
    return int(serve.get("/").json()["pid"])


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until_gone(pid: int) -> None:
    until(f"process {pid} has ended", lambda: not lives(pid))


def with_latches(told: Latch, wait: Latch, path: str) -> str:
    return f"{path}?told={told.path}&wait={wait.path}"
