//! Owns rules about the interpreter: whether there is one, runs, and suits a web server.
//!
//! Does not own what can be imported under it (`imports`).

use std::path::Path;

use super::super::Topic;
use super::super::machine::{Python, PythonFailure};
use super::super::rule::{Hit, Rule, error, note, warning};
use super::super::subject::Subject;

const WINDOWS: &str = "https://docs.python.org/3/using/windows.html";
const VENV: &str = "https://docs.python.org/3/library/venv.html";
const CONDA: &str =
    "https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/activation.html";
const UV: &str = "https://docs.astral.sh/uv/concepts/python-versions/";
const OURS: &str = "https://docs.python.org/3/using/cmdline.html";

/// The oldest Python that our package is for.
const OLDEST: (u32, u32) = (3, 10);

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(Topic::Python, ["machine-no-python", "No Python is found for the site",
        "The gate looks at --python, IISGATE_PYTHON, [tool.iisgate] python, a virtual environment in the site's folder, VIRTUAL_ENV, its own folder and PATH, in this order. Under IIS there is no VIRTUAL_ENV, and PATH is the system's.",
        "Make a virtual environment in the site's folder: py -m venv .venv", OURS], absent),
    error(Topic::Python, ["machine-venv-broken", "The Python behind the virtual environment is gone",
        "A virtual environment is a few files that lead to a Python elsewhere (home in pyvenv.cfg). When that is updated, moved or removed, or the folder was copied from another machine, it leads nowhere.",
        "Make it anew: py -m venv --clear .venv, then install the packages again.", VENV], venv),
    error(Topic::Python, ["machine-python-fails", "Python does not run",
        "It was found, started, and ended with an error or did not end: a DLL that is missing, PYTHONHOME of another Python, files that were removed.",
        "Run it at a console and read what it says; repair or reinstall it.", OURS], fails),
    error(Topic::Python, ["machine-python-old", "Python is too old",
        "iisgate's package runs under Python 3.10 and newer.",
        "Install a newer one, and make the virtual environment anew with it.", WINDOWS], old),
    error(Topic::Python, ["machine-python-store", "Python is that of the Microsoft Store",
        "What lies in WindowsApps are links for the user who installed it. No other user, and no service, can start them.",
        "Install Python from its own installer, for all users, and make the virtual environment anew with it.", WINDOWS], store),
    warning(Topic::Python, ["machine-python-per-user", "Python is installed for one user",
        "The IIS app pool's identity may not enter C:\\Users\\NAME: a virtual environment that looks right leads to a Python that cannot be started.",
        "Install Python for all users (py install, or the installer's \"Install for all users\"), and make the virtual environment anew.", WINDOWS], per_user),
    note(Topic::Python, ["machine-python-32-bit", "Python is 32-bit",
        "A 32-bit Python has 2 GiB of memory at most, and many packages come as 64-bit alone.",
        "Install a 64-bit Python.", WINDOWS], small),
    warning(Topic::Python, ["machine-conda-path", "conda's folders are not in PATH",
        "\"conda activate\" puts Library\\bin and others into PATH, and packages with DLLs need them. IIS activates nothing.",
        "Name them in the server's entry: iisgate iis install --env PATH=…, or use a virtual environment with packages from pip.", CONDA], conda),
    note(Topic::Python, ["machine-python-uv", "uv manages the Python behind the virtual environment",
        "uv keeps its Pythons in the profile of the user who ran it, unless UV_PYTHON_INSTALL_DIR says otherwise; another user may not enter it.",
        "Set UV_PYTHON_INSTALL_DIR to a folder for all, such as C:\\Python, and make the virtual environment anew: uv venv --clear.", UV], uv),
    error(Topic::Python, ["machine-package-missing", "iisgate is not installed for this Python",
        "The gate starts python -m iisgate worker: the package must be in the same environment as the app.",
        "Install it there: python -m pip install iisgate", OURS], package),
    warning(Topic::Python, ["machine-package-other-version", "Program and package are of different versions",
        "The gate and the worker talk to each other; versions that differ may not understand one another.",
        "Install the same version of both: python -m pip install --upgrade iisgate", OURS], other_package),
    note(Topic::Registry, ["machine-registered-python-gone", "A registered Python is not there",
        "The registry names a Python (PEP 514) whose program is gone. The py launcher offers it and fails.",
        "Uninstall it in Windows' settings, or delete its key.", "https://peps.python.org/pep-0514/"], gone),
];

fn found<'a>(subject: &'a Subject<'_>) -> Option<&'a Python> {
    subject.machine.python.as_ref()?.as_ref().ok()
}

fn failure<'a>(subject: &'a Subject<'_>) -> Option<&'a PythonFailure> {
    subject.machine.python.as_ref()?.as_ref().err()
}

/// What went wrong, if it is one of these codes of the gate; `None` for one without a code.
fn failed(subject: &Subject<'_>, is_it: impl Fn(Option<&str>) -> bool) -> Vec<Hit> {
    let found = failure(subject).filter(|failure| is_it(failure.code));
    let hits = found.map(|failure| {
        let told = failure.code.map_or(String::new(), |code| format!(" ({code})"));
        let hit = Hit::about(&failure.path, format!("{}{told}", failure.message));
        if failure.hint.is_empty() { hit } else { hit.hint(&failure.hint) }
    });
    hits.into_iter().collect()
}

const ABSENT: [&str; 2] = ["IG020", "IG021"];
const MOVED: &str = "IG022";

fn absent(subject: &Subject<'_>) -> Vec<Hit> {
    failed(subject, |code| code.is_some_and(|code| ABSENT.contains(&code)))
}

fn venv(subject: &Subject<'_>) -> Vec<Hit> {
    failed(subject, |code| code == Some(MOVED))
}

fn fails(subject: &Subject<'_>) -> Vec<Hit> {
    failed(subject, |code| code.is_none_or(|code| code != MOVED && !ABSENT.contains(&code)))
}

/// One finding about an interpreter that is so.
fn about(
    subject: &Subject<'_>,
    is_so: impl Fn(&Python) -> bool,
    message: impl Fn(&Python) -> String,
) -> Vec<Hit> {
    let python = found(subject).filter(|python| is_so(python));
    python.map(|python| Hit::about(&python.path, message(python))).into_iter().collect()
}

fn old(subject: &Subject<'_>) -> Vec<Hit> {
    let is_old = |python: &Python| {
        let mut numbers = python.version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        version < OLDEST
    };
    about(subject, is_old, |python| format!("this is Python {}", python.version))
}

/// In small letters, with one kind of slash, and one at the end.
fn lower(path: &Path) -> String {
    format!("{}\\", path.to_string_lossy().to_lowercase().replace('/', "\\"))
}

fn is_store(python: &Python) -> bool {
    [&python.base, &python.path].into_iter().any(|path| {
        let path = lower(path);
        path.contains("\\windowsapps\\") || path.contains("pythonsoftwarefoundation.python.")
    })
}

fn store(subject: &Subject<'_>) -> Vec<Hit> {
    about(subject, is_store, |python| format!("it lies in {}", python.base.display()))
}

fn is_per_user(python: &Python) -> bool {
    [&python.base, &python.path].into_iter().any(|path| {
        let path = lower(path);
        path.contains(":\\users\\") && !path.contains(":\\users\\public\\")
    })
}

fn per_user(subject: &Subject<'_>) -> Vec<Hit> {
    let is_so = |python: &Python| is_per_user(python) && !is_store(python) && !python.is_uv;
    about(subject, is_so, |python| format!("it lies in {}", python.base.display()))
}

fn small(subject: &Subject<'_>) -> Vec<Hit> {
    about(subject, |python| python.bits == 32, |_| "this is a 32-bit Python".to_owned())
}

fn conda(subject: &Subject<'_>) -> Vec<Hit> {
    if !subject.machine.is_windows {
        return Vec::new();
    }
    let folder = |python: &Python| python.base.join("Library").join("bin").display().to_string();
    let is_so = |python: &Python| python.is_conda && !python.has_conda_path;
    about(subject, is_so, |python| format!("{} is not in PATH", folder(python)))
}

fn uv(subject: &Subject<'_>) -> Vec<Hit> {
    let is_so = |python: &Python| {
        let base = lower(&python.base);
        let is_home = base.starts_with("\\home\\") || base.starts_with("\\root\\");
        python.is_uv && (is_per_user(python) || is_home)
    };
    about(subject, is_so, |python| format!("it lies in {}", python.base.display()))
}

fn package(subject: &Subject<'_>) -> Vec<Hit> {
    let hits = about(
        subject,
        |python| python.iisgate.is_none(),
        |_| "it has no package iisgate".to_owned(),
    );
    let path = found(subject).map_or_else(String::new, |it| it.path.display().to_string());
    hits.into_iter()
        .map(|hit| hit.hint(format!("Install it: \"{path}\" -m pip install iisgate")))
        .collect()
}

fn other_package(subject: &Subject<'_>) -> Vec<Hit> {
    let own = &subject.machine.versions.own;
    let is_so = |python: &Python| python.iisgate.as_ref().is_some_and(|version| version != own);
    about(subject, is_so, |python| {
        let version = python.iisgate.as_deref().unwrap_or_default();
        format!("this program is {own}, the package is {version}")
    })
}

fn gone(subject: &Subject<'_>) -> Vec<Hit> {
    let gone = subject.machine.registered.iter().filter(|it| !it.is_there);
    gone.map(|it| {
        let of = if it.is_per_user { "this user's registry" } else { "the registry" };
        Hit::about(&it.program, format!("{of} names it as {}\\{}", it.company, it.tag))
    })
    .collect()
}
