//! Owns what does not belong into a package by its name: version control, environments of this machine,
//! caches, secrets.
//!
//! Does not own what the site's author says (`files`).

use std::path::Path;

use super::files::Why;

/// Why something does not belong into a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Never {
    /// Whatever anybody says.
    Always(Why),
    /// Unless it is included by name.
    Unless(Why),
}

const VERSION_CONTROL: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".bzr",
    "CVS",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".hgignore",
];

const CACHES: &[&str] = &[
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    ".hypothesis",
    ".cache",
    ".eggs",
    "node_modules",
    ".idea",
    ".vs",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
];

/// At the root only: deeper they may be anything.
const MADE_AT_ROOT: &[&str] = &["dist", "build"];

/// Ends of names.
const MADE_ENDS: &[&str] =
    &[".pyc", ".pyo", ".egg-info", ".swp", "~", ".log", ".pid", ".lock-info"];

/// Names of files that hold secrets by custom.
const SECRETS: &[&str] = &[
    ".env",
    ".envrc",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".aws",
    ".ssh",
    ".azure",
    ".docker",
    ".kube",
    "inituser",
    "secrets.toml",
    "secrets.json",
    "secrets.yaml",
    "secrets.yml",
    "credentials.json",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
];

const SECRET_ENDS: &[&str] =
    &[".pfx", ".p12", ".key", ".jks", ".keystore", ".kdbx", ".publishsettings"];

/// `.env.production` is one, `.env.example` is none.
const HARMLESS_ENDS: &[&str] = &[".example", ".sample", ".template", ".dist", ".in"];

/// How much of a file is looked at for a private key: such files begin with it.
const KEY_BYTES: usize = 64 * 1024;

/// Judges a file or folder; `name` is its path below what is packaged.
pub(super) fn of(path: &Path, name: &str, is_folder: bool) -> Option<Never> {
    let (is_root, file) = match name.rsplit_once('/') {
        Some((_, file)) => (false, file),
        None => (true, name),
    };
    let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(file));
    if is_one_of(VERSION_CONTROL) {
        return Some(Never::Always(Why::VersionControl));
    }
    if is_folder && (path.join("pyvenv.cfg").is_file() || path.join("conda-meta").is_dir()) {
        return Some(Never::Always(Why::Environment));
    }
    if is_secret_name(file) || !is_folder && is_key_file(path, file) {
        return Some(Never::Always(Why::Secret));
    }
    if is_one_of(CACHES) {
        return Some(Never::Always(Why::Made));
    }
    let ends = MADE_ENDS.iter().any(|end| file.ends_with(end));
    (ends || is_root && is_folder && is_one_of(MADE_AT_ROOT)).then_some(Never::Unless(Why::Made))
}

/// Whether a file or folder of that name holds secrets by custom.
pub(crate) fn is_secret_name(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    let is_variant =
        file.starts_with(".env.") && !HARMLESS_ENDS.iter().any(|end| file.ends_with(end));
    SECRETS.contains(&&*file) || is_variant || SECRET_ENDS.iter().any(|end| file.ends_with(end))
}

/// Whether bytes begin, within the first lines, with a private key.
pub(crate) fn is_private_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(KEY_BYTES)]);
    let mut lines = text.lines().map(str::trim);
    lines.any(|line| line.starts_with("-----BEGIN ") && line.ends_with("PRIVATE KEY-----"))
}

/// Kinds of files that keys are kept in. Tests and documentation of others may show one.
pub(crate) fn may_be_key(file: &str) -> bool {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["pem", "crt", "cer", "txt", ""].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

fn is_key_file(path: &Path, file: &str) -> bool {
    use std::io::Read as _;
    if !may_be_key(file) {
        return false;
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).map(|f| f.take(KEY_BYTES as u64).read_to_end(&mut bytes));
    read.is_ok() && is_private_key(&bytes)
}
