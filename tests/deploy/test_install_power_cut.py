"""Owns that an installation may be cut off anywhere: what was served is served on, and the same command completes it.

Does not own what the steps are.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from support.handmade import shop
from support.installing import SERVER, Target

#: More points than an installation has: that some are left shows that all were tried.
POINTS_MAX = 80


def cut_off(target: Target, file: Path, point: int, *words: str) -> bool:
    """Installs until that point; tells whether there was one."""
    cut = target.install(file, *words, env={"IISGATE_TEST_KILL_AT": str(point)})
    assert cut.returncode in (0, -signal.SIGABRT), cut.stderr
    return cut.returncode != 0


def test_an_upgrade_is_cut_off_at_every_point(target: Target, tmp_path: Path) -> None:
    """Each point begins with two releases and ends with the new one live, the one before kept, the oldest gone."""
    config = target.folder / "applicationHost.config"
    spot = ("--site=Shop", f"--apphostconfig={config}", "--keep=2")
    saved = tmp_path / "saved"

    def restore() -> None:
        shutil.rmtree(target.path)
        for file in target.folder.glob("applicationHost.*"):
            file.unlink()
        shutil.copytree(saved / "target", target.path, symlinks=True)
        for file in saved.glob("applicationHost.*"):
            shutil.copy(file, target.folder)

    config.write_text(SERVER.replace("FOLDER", str(target.folder / "site")).replace("PORT", "80"))
    for version in ("oldest", "old"):
        done = target.install(shop(tmp_path, version), *spot)
        assert done.returncode == 0, done.stderr
    shutil.copytree(target.path, saved / "target", symlinks=True)
    for file in target.folder.glob("applicationHost.*"):
        shutil.copy(file, saved)
    serve = target.site.serve(str(target.path), dir=False)
    assert serve.get("/").text.startswith("old hello")
    file = shop(tmp_path, "new")
    switched = 0
    for point in range(1, POINTS_MAX):
        restore()
        if not cut_off(target, file, point, *spot):
            break
        # What runs, what `serve DIR` starts now, and what IIS starts: one of the two whole releases.
        assert serve.get("/").text.startswith("old hello")
        live = target.path / "releases" / str(target.live())
        code = (live / "app.py").read_text()
        assert '"old ' in code or '"new ' in code, f"point {point}: {live} is neither"
        switched += '"new ' in code
        leads = config.read_text().partition('physicalPath="')[2].partition('"')[0]
        assert Path(leads, "app.py").is_file() and Path(leads).name in ("2", "3"), f"point {point}: {leads}"
        if "unfinished" in target.state() or live.name == "2":
            again = target.install(file, *spot)
            assert again.returncode == 0, f"point {point}: {again.stderr}"
        target.assert_tidy()
        releases = target.releases()
        assert len(releases) == 2 and releases[0] == 2 and target.live() == releases[1], f"point {point}: {releases}"
        assert f'releases/{releases[1]}"' in config.read_text()
        assert config.read_text().count("<application fullPath") == 2, f"point {point}"
        assert len(list(target.folder.glob("applicationHost.backup-*"))) == 1, f"point {point}"
    else:
        raise AssertionError(f"more than {POINTS_MAX} points")
    assert point > 12 and switched > 3, f"{point} points, {switched} of them after the switch"
    assert target.get().startswith("new hello seed of oldest")


def test_a_first_installation_is_cut_off_at_every_point(target: Target, tmp_path: Path) -> None:
    """Its seed is whole in the end, whether it was being copied or not."""
    notes = "".join(f"line {number}\n" for number in range(1000))
    file = shop(tmp_path, "new", var__notes_dot_txt=notes, var__more__blob="x" * 100_000)
    for point in range(1, POINTS_MAX):
        shutil.rmtree(target.path, ignore_errors=True)
        if not cut_off(target, file, point):
            break
        if target.live() is None or "unfinished" in target.state():
            again = target.install(file)
            assert again.returncode == 0, f"point {point}: {again.stderr}"
        target.assert_tidy()
        assert len(target.releases()) == 1, f"point {point}"
        assert (target.path / "data" / "var" / "notes.txt").read_text() == notes
        assert (target.path / "data" / "var" / "more" / "blob").stat().st_size == 100_000
    else:
        raise AssertionError(f"more than {POINTS_MAX} points")
    assert point > 12, point
    assert target.get().startswith("new hello line 0")


@pytest.mark.parametrize(("words", "number", "answer"), [
    ([], 2, "two hello"),
    (["--set=Greeting=good day"], 3, "two good day"),
])
def test_what_was_cut_off_after_the_switch_is_completed_by_the_same_values_alone(
        words: list[str], number: int, answer: str, target: Target, tmp_path: Path) -> None:
    file = shop(tmp_path, "two")
    for each in (shop(tmp_path, "one"), file):
        assert target.install(each).returncode == 0
    release = target.state()["release"][1]
    with (target.path / "releases.toml").open("a") as state:
        state.write('[unfinished]\nstep = "tidy"\nkeep = 3\n[unfinished.release]\nnumber = 2\n')
        state.write(f'package = "{release["package"]}"\ndigest = "{release["digest"]}"\n')
    done = target.install(file, *words)
    assert done.returncode == 0 and ("What was cut off is completed" in done.stderr) == (number == 2), done.stderr
    assert target.live() == number and target.get().startswith(answer)
    target.assert_tidy()
