//! Owns rules about what can be imported: the app, and the compiled modules of its packages.
//!
//! Does not import anything.

use super::super::Topic;
use super::super::machine::{Imports, Trial};
use super::super::rule::{Hit, Rule, error};
use super::super::subject::Subject;

const PAGE: &str = "https://docs.python.org/3/library/os.html#os.add_dll_directory";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(Topic::Imports, ["machine-app-fails", "The app cannot be imported",
        "What fails at a console fails under IIS as well. (What goes well here may fail there, as another user with other variables: iisgate debug compare tells the differences.)",
        "iisgate explain CODE tells what the code means.", "https://peps.python.org/pep-3333/"], app),
    error(Topic::Imports, ["machine-module-broken", "A compiled module cannot be loaded",
        "A .pyd is a DLL, and needs others: those of its package, the Visual C++ runtime, conda's Library\\bin. Windows says that one is missing, and not which.",
        "Install what brings the DLLs that are named (mostly the Visual C++ runtime), or the package anew.", PAGE], broken),
    error(Topic::Imports, ["machine-module-crashes", "The interpreter dies while a module is loaded",
        "A compiled module is for another processor or Python, or one of its DLLs is of another version.",
        "Install the package anew for this Python: python -m pip install --force-reinstall PACKAGE", PAGE], crashes),
];

fn imports<'a>(subject: &'a Subject<'_>) -> Option<&'a Imports> {
    subject.machine.imports.as_ref()
}

fn app(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(Imports { target: Trial::Failed { code, message, hint }, .. }) = imports(subject)
    else {
        return Vec::new();
    };
    let folder = &subject.machine.files.folder;
    let hit = Hit::about(folder, format!("{code}: {message}"));
    let more = format!("iisgate explain {code}");
    vec![match hint.is_empty() {
        true => hit.hint(more),
        false => hit.hint(format!("{hint}; {more}")),
    }]
}

fn broken(subject: &Subject<'_>) -> Vec<Hit> {
    let broken = imports(subject).into_iter().flat_map(|imports| &imports.broken);
    broken
        .map(|library| {
            let missing = match library.missing.as_slice() {
                [] => String::new(),
                names => format!("; missing: {}", names.join(", ")),
            };
            let message = format!("{}: {}{missing}", library.module, library.message);
            Hit::about(&library.file, message)
        })
        .collect()
}

fn crashes(subject: &Subject<'_>) -> Vec<Hit> {
    let stopped = imports(subject).and_then(|imports| imports.stopped.as_ref());
    stopped
        .map(|(module, how)| {
            let folder = &subject.machine.files.folder;
            Hit::about(folder, format!("while {module} was loaded, Python {how}"))
        })
        .into_iter()
        .collect()
}
