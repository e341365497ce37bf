//! Owns the development certificate: one per user, made when it is missing, renewed before it expires
//! and when a name is new.
//!
//! Does not serve it (`tls` does), nor make anyone trust it: that is the user's choice.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::Error;

/// How long it is good for. Browsers refuse more than 398 days.
const LIFETIME: Duration = Duration::from_secs(397 * 24 * 3600);
/// What must be left of that when a server starts, so that none runs into its end.
const LEFT_MIN: Duration = Duration::from_secs(30 * 24 * 3600);
/// Clocks of other machines on a developer's desk may be behind.
const CLOCK_GRACE: Duration = Duration::from_secs(24 * 3600);

/// Whom it names always.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What the subject and the issuer of our own certificate are, as IIS writes them.
pub(crate) const SUBJECT: &str = "CN=localhost";

/// A certificate and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, and those that lead from it to a root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The user's development certificate for these host names beside the usual ones.
///
/// # Errors
/// When the folder or a file cannot be read or written, or a host name can be none.
pub(crate) fn development(hosts: &[String]) -> Result<CertificateFiles, Error> {
    let folder = folder().map_err(io_error)?;
    in_folder(&folder, hosts, SystemTime::now())
}

fn io_error(source: io::Error) -> Error {
    Error::Io { what: "the development certificate cannot be kept", source }
}

/// Where it is kept: what a user trusts must outlive the session, so not among the run's files.
fn folder() -> io::Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let of_windows = || set("LOCALAPPDATA");
    let of_others =
        || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local").join("share")));
    let found = if cfg!(windows) { of_windows() } else { of_others() };
    let Some(data) = found else { return platform::private::folder() };
    let folder = data.join("iisgate").join("https");
    std::fs::create_dir_all(&folder)?;
    // On Windows the profile's own permissions hold.
    match platform::private::set_mode(&folder, 0o700) {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(folder),
    }
}

/// What is known of the certificate that is there, without reading certificates.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    expires: Duration,
    names: Vec<String>,
}

impl Known {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let expires = Duration::from_secs(words.next()?.parse().ok()?);
        Some(Known { expires, names: words.map(str::to_owned).collect() })
    }
}

fn in_folder(folder: &Path, hosts: &[String], now: SystemTime) -> Result<CertificateFiles, Error> {
    let files = CertificateFiles {
        certificate: folder.join("development.pem"),
        key: folder.join("development.key"),
    };
    // Two servers that start at once must not mix each other's files.
    let _alone = platform::lock::lock(&folder.join("development.lock")).map_err(io_error)?;
    let known_file = folder.join("development.txt");
    let known = std::fs::read_to_string(&known_file).ok().and_then(|text| Known::parse(&text));
    let are_there = files.certificate.is_file() && files.key.is_file();
    let known = known.filter(|_| are_there);
    let mut names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    let old = known.iter().flat_map(|known| known.names.iter());
    for name in hosts.iter().chain(old).filter(|name| !name.is_empty()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let since_epoch = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let is_good = |known: &Known| {
        known.expires > since_epoch(now) + LEFT_MIN
            && names.iter().all(|name| known.names.contains(name))
    };
    if known.as_ref().is_some_and(is_good) {
        return Ok(files);
    }
    let expires = now + LIFETIME;
    let (certificate, key) = make(&names, now, expires)?;
    let note = format!("{}\n{}\n", since_epoch(expires).as_secs(), names.join("\n"));
    // What is known goes first and comes last: a set that is not whole is made anew.
    let _ = std::fs::remove_file(&known_file);
    write(&files.key, &key).map_err(io_error)?;
    write(&files.certificate, &certificate).map_err(io_error)?;
    write(&known_file, &note).map_err(io_error)?;
    log::info!("made {} for {}", files.certificate.display(), names.join(", "));
    Ok(files)
}

/// Certificate and key, as PEM.
fn make(names: &[String], now: SystemTime, expires: SystemTime) -> Result<(String, String), Error> {
    let refused = |error: rcgen::Error| Error::Certificate(error.to_string());
    let mut params = rcgen::CertificateParams::new(names).map_err(refused)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    params.not_before = (now - CLOCK_GRACE).into();
    params.not_after = expires.into();
    // It vouches for itself alone: who trusts it trusts no other that its key might sign.
    params.is_ca = rcgen::IsCa::ExplicitNoCa;
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate().map_err(refused)?;
    let certificate = params.self_signed(&key).map_err(refused)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let _ = std::fs::remove_file(&fresh);
    let mut file = platform::private_file::create_new(&fresh)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    platform::private_file::replace(&fresh, path)
}

/// The command by which this user trusts a certificate.
pub(crate) fn how_to_trust(certificate: &Path) -> String {
    let file = certificate.display();
    if cfg!(windows) {
        format!("certutil -user -addstore Root \"{file}\"")
    } else if cfg!(target_os = "macos") {
        format!("security add-trusted-cert -k ~/Library/Keychains/login.keychain-db \"{file}\"")
    } else {
        format!(
            "sudo cp '{file}' /usr/local/share/ca-certificates/iisgate.crt && \
             sudo update-ca-certificates (a browser: import it under Authorities)"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{LIFETIME, in_folder};

    #[test]
    fn it_is_kept_until_it_must_be_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let start = SystemTime::now();
        let at = |hosts: &[&str], days: u64| {
            let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            let now = start + Duration::from_secs(days * 24 * 3600);
            let files = in_folder(folder.path(), &hosts, now).unwrap();
            let key = std::fs::read_to_string(&files.key).unwrap();
            let pem = std::fs::read_to_string(&files.certificate).unwrap();
            assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
            (pem, key)
        };
        let first = at(&[], 0);
        assert_eq!(at(&[], 300), first);
        let named = at(&["shop.example", "*.shop.example"], 300);
        assert_ne!(named, first, "a name is new");
        assert_eq!(at(&[], 300), named, "names are kept for other sites");
        assert_eq!(at(&["shop.example"], 600), named);
        let renewed = at(&[], 300 + LIFETIME.as_secs() / (24 * 3600) - 29);
        assert_ne!(renewed, named, "it is about to expire");
        std::fs::remove_file(folder.path().join("development.key")).unwrap();
        assert_ne!(at(&[], 700), renewed);
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_reads_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let files = in_folder(folder.path(), &[], SystemTime::now()).unwrap();
        assert_eq!(std::fs::metadata(files.key).unwrap().permissions().mode() & 0o077, 0);
    }
}
