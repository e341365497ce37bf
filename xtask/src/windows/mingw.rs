//! Owns compiling the few lines of C that Wine's Python and prefix need.
//!
//! Does not own what they do: that is told in `c/`.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::{exports, places};
use crate::{process, venv};

/// The C compiler for Windows; it is also the linker of the cross-build.
pub(crate) const GCC: &str = "x86_64-w64-mingw32-gcc";

const OBJDUMP: &str = "x86_64-w64-mingw32-objdump";

/// Compiles `source` to `out`; `options` come after the source, where libraries belong.
pub(super) fn compile(
    source: &str,
    out: &Path,
    options: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<()> {
    let name = out.file_name().expect("a program has a name").to_string_lossy().into_owned();
    let folder = places::downloads();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join(format!("{name}.c"));
    fs::write(&file, source).with_context(|| format!("cannot write {}", file.display()))?;
    let mut gcc = Command::new(GCC);
    gcc.args(["-O2", "-s", "-o"]).arg(out).arg(&file).args(options);
    process::quiet(&mut gcc, &format!("compiling {name}"), &venv::log("windows", &name))
}

/// Makes `out` a library whose every name is found in `library`.
pub(super) fn forward(library: &Path, out: &Path) -> Result<()> {
    let mut objdump = Command::new(OBJDUMP);
    let told = process::output(objdump.arg("--private-headers").arg(library))?;
    let stem = library.file_stem().unwrap_or_default().to_string_lossy();
    let definition = places::downloads().join(format!("{stem}-forwarders.def"));
    fs::write(&definition, exports::forwarders(&exports::names(&told), &stem))
        .with_context(|| format!("cannot write {}", definition.display()))?;
    let options = ["-shared", "-nostdlib", "-Wl,--entry,DllMainCRTStartup"].map(OsStr::new);
    compile(
        include_str!("c/forwarders.c"),
        out,
        options.into_iter().chain([definition.as_os_str()]),
    )
}
