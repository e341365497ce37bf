"""Owns ``iisgate package post-install``: what msdeploy has unpacked becomes a site in its own place.

Does not own finding applications in detail (tests beside the code).
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from support import processes
from support.handmade import shop
from support.installing import SERVER, Target


def unpacked(target: Target, file: Path) -> tuple[Path, Path]:
    """The site as msdeploy leaves it, and the server's configuration that has it."""
    root = target.folder / "wwwroot"
    with zipfile.ZipFile(file) as package:
        for name in package.namelist():
            if name.startswith("Shop/"):
                path = root / name.removeprefix("Shop/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(package.read(name))
    config = target.folder / "applicationHost.config"
    config.write_text(SERVER.replace("FOLDER", str(root)).replace("PORT", str(processes.free_port())))
    return root, config


def test_what_was_unpacked_becomes_a_site(target: Target, tmp_path: Path) -> None:
    root, config = unpacked(target, shop(tmp_path, "one"))
    words = ("package", "post-install", "--app=Shop", f"--apphostconfig={config}", f"--environment={target.borrowed}")
    done = target.run(*words)
    assert done.returncode == 0, done.stderr
    assert "GET /: 200" in (root / "logs" / "post-install.log").read_text()
    serve = target.site.serve(f"--config={config}", "--site=Shop", dir=False, port=None)
    assert serve.get("/").text.startswith("one @GREETING@ seed of one")
    processes.stop(serve.process)
    before = config.read_text()
    # Imported once more, over itself, it is as it was.
    again = target.run(*words)
    assert again.returncode == 0 and config.read_text() == before, again.stderr


def test_the_stamp_of_2012_names_the_application(target: Target, tmp_path: Path) -> None:
    root, config = unpacked(target, shop(tmp_path, "one"))
    words = ("package", "post-install", f"--apphostconfig={config}", f"--environment={target.borrowed}")
    absent = target.run(*words)
    assert absent.returncode == 1 and "iis_install.stamp" in absent.stderr and "--app" in absent.stderr
    (root / "iis_install.stamp").write_text("")
    done = target.run(*words)
    assert done.returncode == 0, done.stderr
    assert not (root / "iis_install.stamp").exists() and "<application fullPath" in config.read_text()


def test_why_it_fails_is_where_the_admin_looks(target: Target, tmp_path: Path) -> None:
    root, config = unpacked(target, shop(tmp_path, "one", app_dot_py="1 / 0\n"))
    (root / "iis_install.stamp").write_text("")
    failed = target.run("package", "post-install", "--stamp", f"--apphostconfig={config}",
                        f"--environment={target.borrowed}")
    assert failed.returncode == 2 and "ZeroDivisionError" in failed.stderr
    assert "ZeroDivisionError" in (root / "logs" / "post-install.log").read_text()
    assert not (root / "iis_install.stamp").exists(), "nobody takes it for new again"


def test_a_folder_is_enough(target: Target, tmp_path: Path) -> None:
    root, config = unpacked(target, shop(tmp_path, "one"))
    before = config.read_text()
    words = ("package", "post-install", f"--environment={target.borrowed}")
    done = target.run(*words, env={"APPL_PHYSICAL_PATH": str(root)})
    assert done.returncode == 0 and config.read_text() == before, done.stderr
    nowhere = target.run(*words, "--dir", target.folder / "nowhere")
    assert nowhere.returncode == 1 and "nowhere" in nowhere.stderr
