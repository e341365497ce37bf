//! Owns the Windows Python under Wine: put together from a package and this system's Python.
//!
//! Does not own what is installed into it: see `environments`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{PYTHON_MINOR, mingw, places, stamps, wine};
use crate::interpreter::{self, Interpreter};
use crate::{process, venv};

/// The package that carries python.org's libraries for Windows, below [`LIBRARIES`].
const CARRIER: &str = "panda3d==1.10.16";

const LIBRARIES: &str = "deploy_libs";

/// Unpacks the carrier's libraries: `python -c … DOWNLOADS FOLDER`.
const UNPACK: &str = "\
import pathlib, sys, zipfile
downloads, folder = map(pathlib.Path, sys.argv[1:3])
[wheel] = downloads.glob('panda3d-*.whl')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith('deploy_libs/') and not name.endswith('/'):
            (folder / name.rpartition('/')[2]).write_bytes(archive.read(name))
";

/// The libraries that lie beside `python.exe`, by the starts of their names in small letters; the
/// others lie in `DLLs`, as python.org's installer lays them.
const BESIDE: &[&str] = &["api-ms-win-", "python3", "ucrtbase", "vcruntime"];

/// Folders of the standard library that are for this system alone, or that nothing here needs.
const LEFT_OUT: &[&str] =
    &["__pycache__", "dist-packages", "idlelib", "lib-dynload", "site-packages", "test", "tests"];

/// Says in one line whether the Windows Python is whole.
const PROBE: &str = "\
import asyncio, ctypes, decimal, lzma, multiprocessing, sqlite3, ssl, sys, zoneinfo
print(sys.platform, sys.version.split()[0], ssl.OPENSSL_VERSION)";

/// A Python of this system whose standard library fits the Windows Python.
pub(super) fn like_it(wanted: &str) -> Result<Interpreter> {
    for name in [wanted, &format!("python3.{PYTHON_MINOR}")] {
        if let Ok(python) = interpreter::find(name)
            && python.version == (3, PYTHON_MINOR)
        {
            return Ok(python);
        }
    }
    bail!(
        "the Windows Python needs the standard library of a CPython 3.{PYTHON_MINOR}, and none is \
         here; name one with --python"
    )
}

/// The executable.
pub(super) fn executable() -> PathBuf {
    places::python().join("python.exe")
}

/// Puts the Python together, unless it is there. `fetcher` is a Python with pip.
pub(super) fn prepare(like_it: &Interpreter, fetcher: &Path) -> Result<()> {
    let sources = [include_str!("c/python.c"), include_str!("c/venv_launcher.c")].concat();
    let state = format!("{CARRIER} {} {BESIDE:?} {LEFT_OUT:?} {sources}", like_it.path.display());
    stamps::once(&places::stamps(), "python", &state, || {
        let home = places::python();
        if home.exists() {
            fs::remove_dir_all(&home)
                .with_context(|| format!("cannot remove {}", home.display()))?;
        }
        fetch(fetcher)?;
        lay_libraries(&home)?;
        lay_standard_library(like_it, &home.join("Lib"))?;
        lay_programs(&home)?;
        let told = wine::output(&executable(), &["-c", PROBE])?;
        eprintln!("   the Windows Python says: {}", told.trim());
        Ok(())
    })
}

fn fetch(fetcher: &Path) -> Result<()> {
    let unpacked = places::downloads().join(LIBRARIES);
    fs::create_dir_all(&unpacked).with_context(|| format!("cannot make {}", unpacked.display()))?;
    let mut pip = Command::new(fetcher);
    pip.args(["-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--only-binary", ":all:", "--platform", "win_amd64", "--python-version"]);
    pip.arg(format!("3.{PYTHON_MINOR}")).arg("--dest").arg(places::downloads()).arg(CARRIER);
    process::quiet(&mut pip, &format!("fetching {CARRIER}"), &venv::log("windows", "fetch"))?;
    let mut unpack = Command::new(fetcher);
    unpack.args(["-c", UNPACK]).arg(places::downloads()).arg(unpacked);
    process::output(&mut unpack).map(drop)
}

fn lay_libraries(home: &Path) -> Result<()> {
    fs::create_dir_all(home.join("DLLs"))
        .with_context(|| format!("cannot make {}", home.display()))?;
    for entry in fs::read_dir(places::downloads().join(LIBRARIES))? {
        let entry = entry?;
        let name = entry.file_name();
        let small = name.to_string_lossy().to_lowercase();
        let is_beside = BESIDE.iter().any(|start| small.starts_with(start));
        let folder = if is_beside { home.to_owned() } else { home.join("DLLs") };
        super::build::copy(&entry.path(), &folder.join(name))?;
    }
    Ok(())
}

fn lay_standard_library(like_it: &Interpreter, lib: &Path) -> Result<()> {
    let mut question = Command::new(&like_it.path);
    question.args(["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]);
    let from = PathBuf::from(process::output(&mut question)?.trim());
    copy_folder(&from, lib)?;
    fs::create_dir_all(lib.join("site-packages"))?;
    compile(like_it, lib)
}

/// Compiles a folder's Python files, but for tests: under Wine that takes many times as long.
pub(super) fn compile(like_it: &Interpreter, folder: &Path) -> Result<()> {
    let mut compile = Command::new(&like_it.path);
    compile.args(["-W", "ignore", "-m", "compileall", "-qq", "-j", "0", "-x", r"[\\/]tests?[\\/]"]);
    // Its status is of no interest: some packages carry files that no Python of today can read.
    compile.arg(folder).status().with_context(|| format!("cannot start {:?}", like_it.path))?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A distribution's own additions are links to elsewhere.
        if is_left_out(&name) || entry.file_type()?.is_symlink() {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to.join(&name))?;
        } else {
            super::build::copy(&entry.path(), &to.join(&name))?;
        }
    }
    Ok(())
}

fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
        || name.starts_with("config-")
        || name == "EXTERNALLY-MANAGED"
        || name.ends_with(".so")
}

fn lay_programs(home: &Path) -> Result<()> {
    let library = home.join(format!("python3{PYTHON_MINOR}.dll"));
    let options = [Path::new("-municode"), &library];
    mingw::compile(include_str!("c/python.c"), &home.join("python.exe"), options)?;
    mingw::forward(&library, &home.join("python3.dll"))?;
    // From where `python -m venv` takes a virtual environment's executables.
    let venv = home.join("Lib/venv/scripts/nt");
    fs::create_dir_all(&venv).with_context(|| format!("cannot make {}", venv.display()))?;
    let launcher = venv.join("python.exe");
    mingw::compile(include_str!("c/venv_launcher.c"), &launcher, ["-municode"])?;
    super::build::copy(&launcher, &venv.join("pythonw.exe"))
}
