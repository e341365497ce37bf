"""Owns serving from an ``applicationHost.config``: sites, bindings, pools' limits and environment.

Does not own how the file is read (tests beside the code).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import processes
from support.serve_site import Serve, ServeSite
from support.waiting import Latch

#: A grace that no pause between two instances is longer than.
FCGI = "fcgi app:app --grace 20"
WEB_CONFIG = r"""<configuration><system.webServer><handlers>
<add name="it" path="*" verb="*" modules="FastCgiModule" scriptProcessor="C:\iisgate\iisgate.exe|{arguments}"
 resourceType="Unspecified" requireAccess="Script" />
</handlers></system.webServer></configuration>
"""


class Host:
    """An applicationHost.config with a site of ours in it, and another one."""

    def __init__(self, site: ServeSite) -> None:
        self.site = site
        self.port = processes.free_port()
        self.file = site.folder / "applicationHost.config"
        self.other = site.folder / "other"
        shutil.copytree(site.path, self.other)

    def write(self, attributes: str = "", inner: str = "", sub: str = "") -> None:
        self.site.write("web.config", WEB_CONFIG.format(arguments=FCGI))
        (self.other / "web.config").write_text(WEB_CONFIG.format(arguments=FCGI + " --debug"))
        self.file.write_text(rf"""<configuration>
<system.applicationHost><sites>
 <site name="First" id="1">
  <application path="/"><virtualDirectory path="/" physicalPath="{self.other}" /></application>
  <bindings><binding protocol="http" bindingInformation="127.0.0.1:1:" /></bindings>
 </site>
 <site name="In Tra" id="7">
  <application path="/" applicationPool="Intranet">
   <virtualDirectory path="/" physicalPath="{self.site.path}" />
  </application>
  {sub}
  <bindings><binding protocol="http" bindingInformation="127.0.0.1:{self.port}:" /></bindings>
 </site>
</sites></system.applicationHost>
<system.webServer>
 <fastCgi>
  <application fullPath="C:\iisgate\iisgate.exe" arguments="{FCGI}" {attributes}>{inner}</application>
  <application fullPath="C:\iisgate\iisgate.exe" arguments="{FCGI} --debug" />
 </fastCgi>
 <handlers accessPolicy="Read, Script" />
</system.webServer>
</configuration>
""", encoding="utf-8")

    def serve(self, name: str | None = "In Tra", *arguments: str, port: int | None = None) -> Serve:
        which = [f"--site={name}"] if name else []
        return self.site.serve(f"--config={self.file}", *which, *arguments, dir=False, port=port)


@pytest.fixture
def host(site: ServeSite) -> Host:
    return Host(site)


def test_a_site_by_name_at_its_binding(host: Host) -> None:
    host.write()
    serve = host.serve()
    assert serve.port == host.port
    told = serve.get("/environ").json()["environ"]
    assert told["APPL_PHYSICAL_PATH"].rstrip("/") == str(host.site.path)
    assert told["INSTANCE_ID"] == "7"
    assert "In Tra" in serve.text


def test_the_first_site_is_the_default(host: Host) -> None:
    host.write()
    serve = host.serve(None, port=0)
    told = serve.get("/environ").json()["environ"]
    assert told["APPL_PHYSICAL_PATH"].rstrip("/") == str(host.other)


def test_a_site_that_is_not_there(host: Host) -> None:
    host.write()
    serve = host.serve("Nobody")
    assert serve.wait_end() == 2
    assert "Nobody" in serve.text and "In Tra" in serve.text, "it names those that are there"


def test_environment_variables_reach_the_app(host: Host) -> None:
    host.write(inner='<environmentVariables><environmentVariable name="COLOUR" value="blue" />'
                     '<environmentVariable name="EMPTY" value="" /></environmentVariables>')
    told = host.serve().get("/env").json()["environment"]
    assert told["COLOUR"] == "blue"


def test_max_instances_bounds_and_the_rest_waits(host: Host, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    host.write('maxInstances="2"')
    serve = host.serve()
    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(serve.get, f"/hold?told={told.path}&wait={wait.path}") for _ in range(6)]
        inside = 0
        for served in range(6):
            while inside <= served:
                inside += len(told.wait())
            assert inside - served <= 2
            assert len(host.site.gates()) <= 2
            wait.open()
        assert {answer.result().status for answer in answers} == {200}
    assert len(host.site.gates()) == 2


def test_a_full_queue_is_refused(host: Host, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    host.write('maxInstances="1" queueLength="1"')
    serve = host.serve()
    with ThreadPoolExecutor(3) as pool:
        busy = pool.submit(serve.get, f"/hold?told={told.path}&wait={wait.path}")
        told.wait()
        both = [pool.submit(serve.get, "/") for _ in range(2)]
        done, waiting = futures.wait(both, 30, futures.FIRST_COMPLETED)
        statuses = [request.result().status for request in done]
        wait.open()
        assert statuses == [503]
        assert busy.result().status == 200
        assert waiting.pop().result().status == 200
    serve.wait_line("503.4")


def test_an_instance_is_recycled_and_the_worker_stays(host: Host) -> None:
    host.write('maxInstances="1" instanceMaxRequests="3"')
    serve = host.serve()
    pids = {serve.get(f"/?{number}").json()["pid"] for number in range(12)}
    assert len(pids) == 1
    for number in range(12):
        serve.wait_line(f"/?{number} ")
    instances = [line.split(" instance ")[1].split()[0] for line in serve.text.splitlines() if " instance " in line]
    assert len(instances) == 12
    for at in range(0, 12, 3):
        assert len(set(instances[at : at + 3])) == 1
    assert len(set(instances)) == 4


def test_a_sub_application_is_mounted(host: Host) -> None:
    below = host.site.folder / "below"
    shutil.copytree(host.other, below)
    (below / "web.config").unlink(missing_ok=True)
    host.write(sub=f'<application path="/app1"><virtualDirectory path="/" physicalPath="{below}" /></application>')
    (below / "web.config").write_text('<configuration><system.webServer><handlers><clear />'
                                      + WEB_CONFIG.format(arguments=FCGI).split("<handlers>")[1])
    serve = host.serve()
    told = serve.get("/app1/some/where").json()
    assert (told["script_name"], told["path_info"]) == ("/app1", "/some/where")
    root = serve.get("/app2/some").json()
    assert (root["script_name"], root["path_info"]) == ("", "/app2/some")
    assert told["pid"] != root["pid"], "two site applications are two apps"
    assert serve.get("/app1/environ").json()["environ"]["APPL_PHYSICAL_PATH"].rstrip("/") == str(below)


def test_an_inherited_handler_serves_the_sub_application_by_its_own_worker(host: Host) -> None:
    """One pool, two folders: an instance that learnt one refuses the other, as IIS would see it."""
    below = host.site.folder / "below"
    shutil.copytree(host.other, below)
    host.write(sub=f'<application path="/app1"><virtualDirectory path="/" physicalPath="{below}" /></application>')
    (below / "web.config").write_text("<configuration />")
    serve = host.serve()
    assert serve.get("/app1/some").json()["script_name"] == "/app1"


def test_a_handler_without_an_application_is_told(host: Host) -> None:
    host.write()
    host.site.write("web.config", WEB_CONFIG.format(arguments=FCGI + " --other"))
    answer = host.serve().get("/")
    assert answer.status == 500
    assert "could not be found in &lt;fastCGI&gt; application configuration" in answer.text or \
        "could not be found in <fastCGI> application configuration" in answer.text


def test_iis_express_flags(host: Host) -> None:
    host.write()
    serve = host.site.serve(f"/config:{host.file}", "/site:In Tra", "/port:0", dir=False, port=None)
    assert serve.get("/").status == 200
