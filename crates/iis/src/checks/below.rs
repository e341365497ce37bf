//! Owns running the rules for the `web.config`s of folders below a site's: each is seen with what it
//! inherits, and told what is wrong in it alone.
//!
//! Does not mend them: `--fix` changes the site's own file.

use super::finding::Finding;
use super::found;
use super::subject::{BelowFile, Files, Subject};
use crate::inherit::FolderDocument;

/// What is to be said about the files below; `site` is the site's own.
pub(super) fn check(files: &Files, site: &[FolderDocument]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // One that was looked at is above others: folders come before what is in them.
    let mut looked_at: Vec<(Vec<String>, FolderDocument)> = Vec::new();
    for below in &files.below {
        let segments: Vec<String> =
            below.folder.trim_end_matches('/').split('/').map(str::to_owned).collect();
        let inner = of_folder(files, below);
        let above = looked_at.iter().filter(|(other, _)| segments.starts_with(other));
        let above = above.map(|(_, document)| document.clone());
        let above: Vec<FolderDocument> = site.iter().cloned().chain(above).collect();
        let subject = Subject::at(&inner, &above, &segments);
        let own = found(&subject).into_iter().filter(|finding| {
            // What is about no line is about the site: that it has no handler, a file that it serves.
            let is_here = finding.place.is_some() || is_about_bytes(finding);
            is_here && subject.owns(&finding.path)
        });
        findings.extend(own.map(|finding| Finding { edit: None, ..finding }));
        if let Some(own) = subject.documents.last().filter(|own| own.depth == segments.len()) {
            looked_at.push((segments, own.clone()));
        }
    }
    findings
}

/// Whether it is about a file as such.
fn is_about_bytes(finding: &Finding) -> bool {
    super::rules::reading::RULES.iter().any(|rule| rule.code == finding.code)
}

fn of_folder(files: &Files, below: &BelowFile) -> Files {
    let names = files.listing.iter().filter_map(|name| name.strip_prefix(&below.folder));
    Files {
        folder: files.folder.join(&below.folder),
        web_config: Some(below.file.clone()),
        server: files.server.clone(),
        site: files.site.clone(),
        pyproject: None,
        listing: names.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        sources: files.sources.clone(),
        below: Vec::new(),
        neighbours: Vec::new(),
    }
}
