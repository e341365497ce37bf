"""Owns how a gate that was told no site learns it from IIS's first request, and stays with it.

Does not own what of a path is compared: see the worker's environ tests.
"""

from __future__ import annotations

import shutil

from support.gate_site import GateSite, facts


def test_the_first_request_tells_the_site(site: GateSite) -> None:
    gate = site.gate(site=None, cwd=site.folder / "run")
    told = gate.facts("/env", APPL_PHYSICAL_PATH=f"{site.path}/")
    assert told["environment"]["PWD"] != str(site.path)
    assert told["environment"]["APPL_PHYSICAL_PATH"] == f"{site.path}/"
    assert gate.facts(APPL_PHYSICAL_PATH=f"{site.path}/")["pid"] == told["pid"]


def test_gates_that_learn_the_same_site_share_a_worker(site: GateSite) -> None:
    gates = [site.gate(site=None, cwd=site.run) for _ in range(4)]
    assert len({gate.facts(APPL_PHYSICAL_PATH=f"{site.path}/")["pid"] for gate in gates}) == 1


def test_two_sites_that_share_one_pool_get_their_own_workers(site: GateSite) -> None:
    shutil.copytree(site.path, site.folder / "twin")
    first, second = (site.gate(site=None, cwd=site.run) for _ in range(2))
    assert (first.facts(APPL_PHYSICAL_PATH=f"{site.path}/")["pid"]
            != second.facts(APPL_PHYSICAL_PATH=f"{site.folder}/twin/")["pid"])


def test_a_request_for_another_site_is_refused(site: GateSite) -> None:
    """IIS gives an instance of a pool to any site that names the pool; an app is only ever one's."""
    shutil.copytree(site.path, site.folder / "twin")
    gate = site.gate(site=None, cwd=site.run)
    pid = gate.facts(APPL_PHYSICAL_PATH=f"{site.path}/")["pid"]
    refused = gate.client.ask(APPL_PHYSICAL_PATH=f"{site.folder}/twin/")
    assert refused.is_ended and refused.status == 500
    text = site.log.wait(f"{site.folder}/twin")
    assert str(site.path) in text
    assert str(site.folder) not in refused.text, "a visitor is not told where things lie"
    assert gate.facts(APPL_PHYSICAL_PATH=f"{site.path}/")["pid"] == pid


def test_a_large_first_request_travels_with_the_pipe(site: GateSite) -> None:
    """What the gate had to read is not lost: params beyond a packet, and the body behind them."""
    for size in (0, 10, 40_000, 60_000, 500_000):
        gate = site.gate(site=None, cwd=site.run)
        answer = gate.client.ask("POST", "/digest", body=b"b" * size, APPL_PHYSICAL_PATH=f"{site.path}/",
                                 HTTP_COOKIE="c" * 30_000)
        assert facts(answer)["length"] == size


def test_a_first_request_byte_by_byte(site: GateSite) -> None:
    from support import records

    gate = site.gate(site=None, cwd=site.run)
    data = records.request(records.params(APPL_PHYSICAL_PATH=f"{site.path}/"))
    for at in range(len(data)):
        gate.client.send(data[at : at + 1])
    assert facts(gate.client.response())["version"] == "one"


def test_without_a_path_the_working_directory_is_the_site(site: GateSite) -> None:
    assert site.gate(site=None, cwd=site.path).facts()["version"] == "one"


def test_a_folder_that_is_not_there(site: GateSite) -> None:
    gate = site.gate("--debug", site=None, cwd=site.run)
    answer = gate.client.ask(APPL_PHYSICAL_PATH="/no/such/folder/")
    assert answer.status == 500
    assert "the site's folder cannot be entered: /no/such/folder/" in answer.text
