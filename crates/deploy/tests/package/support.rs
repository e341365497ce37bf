//! Owns making packages in memory, sound ones and broken ones.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The folder of what was taken from elsewhere.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/packages")
}

pub(crate) const MANIFEST: &str = r#"<MSDeploy.iisApp><iisApp path="shop" /></MSDeploy.iisApp>"#;

pub(crate) const PARAMETERS: &str = r#"<parameters>
  <parameter name="Application Path" defaultValue="Default Web Site/shop" tags="iisApp">
    <parameterEntry kind="ProviderPath" scope="iisApp" match="^shop$" />
  </parameter>
</parameters>"#;

/// The files of a package that breaks no rule.
pub(crate) fn sound() -> Vec<(String, Vec<u8>)> {
    let web_config = std::fs::read(fixtures().join("../checks/clean/web.config"));
    [
        ("Manifest.xml", MANIFEST.as_bytes().to_vec()),
        ("Parameters.xml", PARAMETERS.as_bytes().to_vec()),
        ("shop/app.py", b"app = 1\n".to_vec()),
        ("shop/web.config", web_config.expect("the clean site is there")),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .to_vec()
}

/// The same with one file more, or another one in its place.
pub(crate) fn with(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = sound();
    files.retain(|(known, _)| known != name);
    files.push((name.to_owned(), bytes.to_vec()));
    files
}

/// The same without one.
pub(crate) fn without(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = sound();
    files.retain(|(known, _)| known != name);
    files
}

pub(crate) fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    zipped_as(files, SimpleFileOptions::default())
}

pub(crate) fn zipped_as(files: &[(String, Vec<u8>)], options: SimpleFileOptions) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, options).expect("the name is new");
        zip.write_all(bytes).expect("memory can be written");
    }
    zip.finish().expect("memory can be written").into_inner()
}

/// Puts one text in another's place in bytes, everywhere; both are of one length.
pub(crate) fn replaced(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let found: Vec<usize> = (0..bytes.len().saturating_sub(old.len()))
        .filter(|at| bytes[*at..].starts_with(old))
        .collect();
    assert!(!found.is_empty(), "{old:?} is there");
    for at in found {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    bytes
}
