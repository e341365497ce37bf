//! Owns which pages of the documentation are made of the code, and writing them.
//!
//! Does not own what they say: that stands in the crate that they are of.

use anyhow::{Context, Result};

use crate::repo;

/// A page: its file, and what makes it.
pub(crate) struct Page {
    pub(crate) file: &'static str,
    pub(crate) make: fn() -> String,
}

/// All of them.
pub(crate) const PAGES: &[Page] = &[
    Page { file: "docs/reference/attributes.md", make: iis::attributes::markdown },
    Page { file: "docs/reference/codes.md", make: gate::codes::markdown },
    Page { file: "docs/reference/findings.md", make: iis::checks::markdown },
    Page { file: "docs/reference/machine-findings.md", make: iis::doctor::markdown },
    Page { file: "docs/reference/package-findings.md", make: deploy::package::verify::markdown },
    Page { file: "docs/reference/feed-findings.md", make: deploy::feed::verify::markdown },
    Page { file: "docs/reference/statuses.md", make: iis::codes::markdown },
];

/// `cargo xtask docs`.
pub(crate) fn run() -> Result<bool> {
    for page in PAGES {
        let path = repo::root().join(page.file);
        let folder = path.parent().context("a page lies in a folder")?;
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, (page.make)()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", page.file);
    }
    Ok(true)
}
