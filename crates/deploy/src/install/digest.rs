//! Owns the digest by which an installation that was cut off is known again: of what is in the package, and
//! of the values, which is all that makes a release what it is.
//!
//! Does not own comparing it (`installer`).

use super::Error;
use crate::package::{Package, Resolved};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// SHA-256. Of a zip its bytes count, of a folder what lies in it.
pub(super) fn digest(package: &Package, values: &Resolved) -> Result<String, Error> {
    let mut digest = Hashing(Sha256::new());
    let path = package.path();
    if path.is_file() {
        let copied =
            std::fs::File::open(path).and_then(|mut file| io::copy(&mut file, &mut digest));
        copied.map_err(Error::io("read", path))?;
    } else {
        for entry in package.entries() {
            digest.add(&entry.name);
            if !entry.is_folder {
                digest.0.update(entry.size.to_le_bytes());
                package.copy(entry, &mut digest)?;
            }
        }
    }
    for (name, value) in values.values() {
        digest.add(name);
        digest.add(value);
    }
    Ok(digest.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What is written to it is hashed.
struct Hashing(Sha256);

impl Hashing {
    /// With its length first, so that two texts are never another two.
    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::Content;
    use std::collections::BTreeMap;
    use std::path::Path;

    const PARAMETERS: &str = "<parameters><parameter name='Greeting' defaultValue='a' />\
                              <parameter name='Name' defaultValue='b' /></parameters>";

    fn digest_of(package: &Path, given: &[(&str, &str)]) -> String {
        let package = Package::open(package).unwrap();
        let given: BTreeMap<String, String> =
            given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let values = package.parameters().resolve(&given).unwrap();
        Content::new(&package, &values).unwrap().digest().to_owned()
    }

    #[test]
    fn what_would_become_another_release_has_another_digest() {
        let folder = tempfile::tempdir().unwrap();
        let write = |root: &Path, name: &str, text: &str| {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        for root in [&one, &other] {
            write(root, "Manifest.xml", "<m><iisApp path='Shop' /></m>");
            write(root, "Parameters.xml", PARAMETERS);
            write(root, "Shop/app.py", "app = 1");
        }
        let first = digest_of(&one, &[]);
        assert_eq!(digest_of(&other, &[]), first, "where it lies makes no release");
        let mut seen = vec![first];
        for given in [[("Greeting", "b"), ("Name", "b")], [("Greeting", "a"), ("Name", "bb")]] {
            seen.push(digest_of(&one, &given));
        }
        write(&one, "Shop/app.py", "app = 2");
        seen.push(digest_of(&one, &[]));
        write(&one, "Shop/more.py", "");
        seen.push(digest_of(&one, &[]));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5, "{seen:?}");
    }
}
