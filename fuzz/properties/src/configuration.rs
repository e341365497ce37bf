//! Owns the invariant: whatever stands in a `web.config`, an `applicationHost.config` or a
//! `pyproject.toml`, reading it ends with values or with an error that names a place, and every mending
//! that a finding offers can be made.
//!
//! Does not own what the values mean (`iis` does).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iis::checks::{Files, RawFile, check, mended};
use iis::inherit::FolderDocument;
use iis::{Inheritance, Source, document, project};

/// The first byte tells which of the three files the rest is.
pub(crate) fn hold(bytes: &[u8]) {
    let (&choice, bytes) = bytes.split_first().unwrap_or((&0, bytes));
    let file = |name: &str| Some(RawFile { path: PathBuf::from(name), bytes: bytes.to_vec() });
    let mut files = Files { folder: PathBuf::from("site"), ..Files::default() };
    files.listing = ["web.config", "app.py", "static/", "static/a.css"].map(str::to_owned).into();
    match choice % 3 {
        0 => files.web_config = file("site/web.config"),
        1 => files.server = file("applicationHost.config"),
        _ => files.pyproject = file("site/pyproject.toml"),
    }
    let web_config = Path::new("site/web.config");
    for finding in check(&files) {
        assert!(!finding.message.is_empty() && !finding.hint.is_empty(), "{finding:?}");
        let Some(edit) = finding.edit.filter(|edit| choice % 3 == 0 && edit.is_in(web_config))
        else {
            continue;
        };
        let mended = mended(web_config, bytes, [&edit]).expect("a mending that can be made");
        document::decode(web_config, &mended).expect("mended, it is well-formed");
    }
    if choice % 3 == 2 {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let read = project::parse(&Source::new(Path::new("pyproject.toml"), text));
            assert!(read.is_ok() || !read.is_err_and(|error| error.to_string().is_empty()));
        }
        return;
    }
    if let Ok(root) = document::decode(Path::new("web.config"), bytes) {
        sections(&Arc::new(root), choice % 3 == 1, bytes);
    }
}

thread_local! {
    /// Read once: it is long.
    static DEFAULTS: Inheritance = Inheritance::defaults();
}

/// Reads every section that we know.
fn sections(root: &Arc<iis::Element>, is_server: bool, bytes: &[u8]) {
    let chain = if is_server {
        let sites = iis::sites::read(root).unwrap_or_default();
        let site = sites.first().map_or("", |site| site.name.as_str());
        Inheritance::server(root, site, "/a/b")
    } else {
        let document = FolderDocument { depth: 0, root: Arc::clone(root) };
        DEFAULTS.with(|defaults| defaults.at(None, &[document], &[], 0))
    };
    let _ = chain.handlers();
    let _ = chain.fastcgi();
    // Some hundreds of types are merged with each other.
    if bytes.windows(7).any(|seven| seven == b"mimeMap") {
        let _ = chain.static_content();
    }
    let _ = chain.client_cache();
    let _ = chain.http_errors();
    let _ = chain.default_documents();
    let _ = chain.directory_browse();
    let _ = chain.http_protocol();
    let _ = chain.http_redirect();
    let _ = chain.rewriting();
    let _ = iis::authentication::read(&chain);
    let _ = iis::authorization::read(&chain.sections("system.webServer/security/authorization"));
    if let Ok(filtering) = chain.request_filtering() {
        let _ = (filtering.hides("bin"), filtering.denies("a.py"), filtering.allows_verb("GET"));
        let _ = filtering.always_allows_url("/a");
    }
    for section in ["system.webServer/handlers", "system.webServer/rewrite/rules", "appSettings"] {
        let _ = chain.effective(section, true);
    }
}
