//! Owns finding a Python that can do the work: present, new enough, able to make environments.
//!
//! Does not own the environments: see `venv`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest Python that the package supports (`requires-python` in `pyproject.toml`).
const OLDEST: (u32, u32) = (3, 10);

/// Told when a Python is missing or too old.
const ADVICE: &str = "on Debian or Ubuntu: apt-get install python3 python3-venv; \
    or name another with --python";

/// What the found Python is asked.
const QUESTION: &str = "import sys, platform; \
    print(*sys.version_info[:2], platform.python_implementation(), sys.executable)";

/// A Python that was asked who it is.
#[derive(Clone, Debug)]
pub(crate) struct Interpreter {
    pub(crate) path: PathBuf,
    pub(crate) version: (u32, u32),
}

/// Finds the Python named `wanted` and checks that it will do.
pub(crate) fn find(wanted: &str) -> Result<Interpreter> {
    let said = process::output(Command::new(wanted).args(["-c", QUESTION]))
        .with_context(|| format!("no Python was found as `{wanted}`; {ADVICE}"))?;
    let python = understand(&said)?;
    process::output(Command::new(&python.path).args(["-c", "import ensurepip, venv"])).map_err(
        |_| {
            anyhow::anyhow!(
                "{} cannot make virtual environments; run: apt-get install python3-venv",
                python.path.display()
            )
        },
    )?;
    Ok(python)
}

fn understand(said: &str) -> Result<Interpreter> {
    let mut words = said.trim().splitn(4, ' ');
    let mut next = || words.next().with_context(|| format!("Python said only: {said:?}"));
    let version = (next()?.parse()?, next()?.parse()?);
    let implementation = next()?;
    let path = PathBuf::from(next()?);
    if implementation != "CPython" {
        bail!("{} is {implementation}, and CPython is needed; {ADVICE}", path.display());
    }
    if version < OLDEST {
        bail!(
            "{} is Python {}.{}, and {}.{} or newer is needed; {ADVICE}",
            path.display(),
            version.0,
            version.1,
            OLDEST.0,
            OLDEST.1
        );
    }
    Ok(Interpreter { path, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_or_foreign_python_is_refused_with_advice() {
        for (said, complaint) in [
            ("3 9 CPython /usr/bin/python3\n", "is Python 3.9, and 3.10 or newer"),
            ("3 11 PyPy /opt/pypy\n", "is PyPy, and CPython"),
        ] {
            let error = understand(said).expect_err(said).to_string();
            assert!(error.contains(complaint) && error.contains("apt-get"), "{error}");
        }
    }

    #[test]
    fn a_path_may_hold_spaces() {
        let python = understand("3 12 CPython /my programs/python\n").expect("good");
        assert_eq!((python.version, python.path.to_str()), ((3, 12), Some("/my programs/python")));
    }
}
