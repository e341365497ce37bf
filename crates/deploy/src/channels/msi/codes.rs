//! Owns the numbers by which Windows Installer knows a product: codes, and versions as it reads them.
//!
//! Does not own the tables that hold them.

use uuid::Uuid;

use crate::channels::Error;

/// From which our codes are derived (RFC 9562, §5.5): the same site has the same ones everywhere.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0c_5c2e_93b1_4f0e_8a54_2d1b_7c90_11e6);

/// The greatest numbers of a product's version.
const MOST: [u32; 3] = [255, 255, 65_535];

/// Where calendars' years begin, as versions write them: 2026.1 becomes 26.1.
const CENTURY: u32 = 2000;

/// The codes of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// Of this version.
    pub product: Uuid,
    /// Of all versions: by it a new one finds the old one.
    pub upgrade: Uuid,
    /// Of this very file.
    pub package: Uuid,
}

impl Codes {
    /// Those of a site: other contents are another product, which takes the place of the old one.
    pub(super) fn of(name: &str, version: &str, digest: &[u8]) -> Self {
        let upgrade = Uuid::new_v5(&NAMESPACE, name.trim().to_lowercase().as_bytes());
        let product = Uuid::new_v5(&upgrade, &[version.as_bytes(), digest].concat());
        Codes { product, upgrade, package: Uuid::new_v5(&product, b"package") }
    }

    /// The code of a component.
    pub(super) fn component(&self, key: &str) -> Uuid {
        Uuid::new_v5(&self.upgrade, key.as_bytes())
    }
}

/// A code as Windows Installer writes it.
pub(super) fn braced(code: Uuid) -> String {
    format!("{{{}}}", code.to_string().to_uppercase())
}

/// A version as Windows Installer compares them: three numbers.
///
/// # Errors
/// When the version does not begin with numbers that it takes.
pub fn product_version(version: &str) -> Result<String, Error> {
    let refused = |message: String| Error::refused("version", message);
    let release = version.trim().trim_start_matches('v');
    let release = release.split_once('!').map_or(release, |(_, release)| release);
    let end = release.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(release.len());
    let mut numbers = Vec::new();
    for part in release[..end].split('.').filter(|part| !part.is_empty()).take(MOST.len()) {
        let number: u32 = part
            .parse()
            .map_err(|_| refused(format!("{version}: {part} is too great a number")))?;
        numbers.push(number);
    }
    if numbers.is_empty() {
        return Err(refused(format!("{version} does not begin with a number")));
    }
    numbers.resize(MOST.len(), 0);
    if (CENTURY..=CENTURY + MOST[0]).contains(&numbers[0]) {
        numbers[0] -= CENTURY;
    }
    for (number, most) in numbers.iter().zip(MOST) {
        if *number > most {
            let message = format!(
                "{version}: {number} is too great a number for Windows Installer, which counts to \
                 255.255.65535"
            );
            return Err(refused(message));
        }
    }
    Ok(numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_python_become_those_of_windows_installer() {
        for (version, expected) in [
            ("1.2.3", Some("1.2.3")),
            ("1", Some("1.0.0")),
            ("1.2rc1", Some("1.2.0")),
            ("1.2.3.4", Some("1.2.3")),
            ("2026.11", Some("26.11.0")),
            ("1!2.0.dev3", Some("2.0.0")),
            ("v1.0+local", Some("1.0.0")),
            ("20260101", None),
            ("1.300", None),
            ("dev", None),
            ("", None),
        ] {
            assert_eq!(product_version(version).ok().as_deref(), expected, "{version}");
        }
    }

    #[test]
    fn what_is_the_same_has_the_same_codes() {
        let codes = Codes::of("Shop", "1.0.0", b"a");
        assert_eq!(codes, Codes::of(" shop", "1.0.0", b"a"));
        let other = Codes::of("Shop", "1.0.0", b"b");
        assert_eq!(codes.upgrade, other.upgrade);
        assert!(codes.product != other.product && codes.package != other.package);
        assert_eq!(braced(codes.upgrade).len(), 38);
    }
}
