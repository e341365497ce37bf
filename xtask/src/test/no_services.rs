//! Owns keeping Debian from starting services while packages are installed.
//!
//! Does not own the installing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What Debian's packages ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Its answer: "action forbidden by policy".
const FORBID: &str = "#!/bin/sh\nexit 101\n";

/// While it lives, installed packages start no service.
#[derive(Debug)]
pub(crate) struct NoServices {
    made: Option<PathBuf>,
}

impl NoServices {
    /// Declares the policy, unless the machine has one of its own.
    pub(crate) fn declare() -> Result<Self> {
        Self::declare_at(Path::new(POLICY))
    }

    fn declare_at(path: &Path) -> Result<Self> {
        if path.exists() {
            return Ok(NoServices { made: None });
        }
        fs::write(path, FORBID).with_context(|| format!("cannot write {}", path.display()))?;
        let this = NoServices { made: Some(path.to_owned()) };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        }
        Ok(this)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(path) = &self.made
            && let Err(error) = fs::remove_file(path)
        {
            eprintln!("!! please remove {}: {error}", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_policy_goes_away_and_the_machine_s_own_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("policy-rc.d");
        {
            let _ours = NoServices::declare_at(&path).expect("declared");
            assert_eq!(fs::read_to_string(&path).expect("there"), FORBID);
        }
        assert!(!path.exists());
        fs::write(&path, "its own").expect("written");
        drop(NoServices::declare_at(&path).expect("declared"));
        assert_eq!(fs::read_to_string(&path).expect("kept"), "its own");
    }
}
