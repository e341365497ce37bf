//! Owns a winget manifest: three YAML files that tell of an MSI, in version 1.10 of the format.
//!
//! Does not own the MSI (`msi`). The schemas are Microsoft's
//! (`schemas/JSON/manifests/v1.10.0` of `winget-cli`); their bounds stand here.

use std::fmt::Write as _;

use super::Error;
use super::msi::Codes;

/// The version of the format.
const FORMAT: &str = "1.10.0";

/// The language that the texts are in.
const LOCALE: &str = "en-US";

/// The longest of each text, in characters.
const NAME_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 10_000;
const LICENCE_MAX: usize = 512;
const VERSION_MAX: usize = 128;
const IDENTIFIER_MAX: usize = 128;
const PART_MAX: usize = 32;
const URL_MAX: usize = 2048;

/// What a manifest tells.
#[derive(Debug, Clone)]
pub struct Manifest<'a> {
    /// `Publisher.Name`: between two and eight parts.
    pub identifier: &'a str,
    /// The version.
    pub version: &'a str,
    /// Who publishes it.
    pub publisher: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// Its licence.
    pub licence: &'a str,
    /// One sentence.
    pub summary: &'a str,
    /// All that is to be said.
    pub description: Option<&'a str>,
    /// A page about it.
    pub homepage: Option<&'a str>,
    /// Where the MSI is downloaded from.
    pub url: &'a str,
    /// The MSI's SHA-256.
    pub sha256: &'a str,
    /// What Windows Installer knows it by.
    pub codes: &'a Codes,
    /// Features of Windows that it needs.
    pub features: &'a [&'a str],
    /// Packages of winget that it needs.
    pub needs: &'a [&'a str],
}

/// A file of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The identifier that a publisher and a name make.
pub fn identifier(publisher: &str, name: &str) -> String {
    let part = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(PART_MAX).collect()
    };
    format!("{}.{}", part(publisher), part(name))
}

/// Writes the three files.
///
/// # Errors
/// When a value is not what winget takes.
pub fn write(manifest: &Manifest<'_>) -> Result<[ManifestFile; 3], Error> {
    check(manifest)?;
    let id = manifest.identifier;
    Ok([
        ManifestFile { name: format!("{id}.yaml"), text: version(manifest) },
        ManifestFile { name: format!("{id}.installer.yaml"), text: installer(manifest) },
        ManifestFile { name: format!("{id}.locale.{LOCALE}.yaml"), text: locale(manifest) },
    ])
}

fn check(manifest: &Manifest<'_>) -> Result<(), Error> {
    let parts: Vec<&str> = manifest.identifier.split('.').collect();
    let is_part = |part: &&str| {
        let count = part.chars().count();
        (1..=PART_MAX).contains(&count) && part.chars().all(is_plain)
    };
    let is_identifier = (2..=8).contains(&parts.len())
        && parts.iter().all(is_part)
        && manifest.identifier.len() <= IDENTIFIER_MAX;
    if !is_identifier {
        let message = format!(
            "{:?} is no winget identifier: it is Publisher.Name, two to eight parts of at most \
             {PART_MAX} characters, without blanks",
            manifest.identifier
        );
        return Err(Error::refused("winget", message));
    }
    if !manifest.version.chars().all(is_plain) {
        let message = format!("{:?} is no version that winget takes", manifest.version);
        return Err(Error::refused("winget", message));
    }
    for (what, text, least, most) in [
        ("version", manifest.version, 1, VERSION_MAX),
        ("publisher", manifest.publisher, 2, NAME_MAX),
        ("name", manifest.name, 2, NAME_MAX),
        ("licence", manifest.licence, 3, LICENCE_MAX),
        ("summary", manifest.summary, 3, NAME_MAX),
        ("description", manifest.description.unwrap_or("---"), 3, DESCRIPTION_MAX),
    ] {
        let count = text.chars().count();
        if !(least..=most).contains(&count) {
            let message = format!(
                "the {what} has {count} characters, and winget takes {least} to {most}: tell it in \
                 pyproject.toml"
            );
            return Err(Error::refused("winget", message));
        }
    }
    // The schema would take http, but the store of manifests does not.
    let is_secure = |url: &str| url.starts_with("https://") && url.len() <= URL_MAX;
    if !is_secure(manifest.url) {
        let message = format!("{:?}: winget downloads from https:// addresses alone", manifest.url);
        return Err(Error::refused("winget", message));
    }
    if !crate::feed::digest::is_sha256(manifest.sha256) {
        let message = format!("{:?} is no SHA-256", manifest.sha256);
        return Err(Error::refused("winget", message));
    }
    Ok(())
}

/// What may stand in identifiers and versions: what may stand in a file's name.
fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"\\/:*?\"<>|".contains(c)
}

fn version(manifest: &Manifest<'_>) -> String {
    let mut out = begin("version", manifest);
    line(&mut out, "DefaultLocale", LOCALE);
    end(out, "version")
}

fn installer(manifest: &Manifest<'_>) -> String {
    let mut out = begin("installer", manifest);
    let codes = manifest.codes;
    let braced = |code: uuid::Uuid| format!("{{{}}}", code.to_string().to_uppercase());
    line(&mut out, "InstallerType", "msi");
    line(&mut out, "Scope", "machine");
    out.push_str("InstallModes:\n- silent\n- silentWithProgress\n");
    line(&mut out, "UpgradeBehavior", "install");
    line(&mut out, "ElevationRequirement", "elevationRequired");
    line(&mut out, "ProductCode", &braced(codes.product));
    if !manifest.features.is_empty() || !manifest.needs.is_empty() {
        out.push_str("Dependencies:\n");
    }
    if !manifest.features.is_empty() {
        out.push_str("  WindowsFeatures:\n");
        for feature in manifest.features {
            let _ = writeln!(out, "  - {}", quoted(feature));
        }
    }
    if !manifest.needs.is_empty() {
        out.push_str("  PackageDependencies:\n");
        for package in manifest.needs {
            let _ = writeln!(out, "  - PackageIdentifier: {}", quoted(package));
        }
    }
    out.push_str("AppsAndFeaturesEntries:\n");
    let _ = writeln!(out, "- UpgradeCode: {}", quoted(&braced(codes.upgrade)));
    out.push_str("Installers:\n- Architecture: x64\n");
    let _ = writeln!(out, "  InstallerUrl: {}", quoted(manifest.url));
    let _ = writeln!(out, "  InstallerSha256: {}", manifest.sha256.to_uppercase());
    end(out, "installer")
}

fn locale(manifest: &Manifest<'_>) -> String {
    let mut out = begin("defaultLocale", manifest);
    line(&mut out, "PackageLocale", LOCALE);
    line(&mut out, "Publisher", manifest.publisher);
    line(&mut out, "PackageName", manifest.name);
    if let Some(url) = manifest.homepage {
        line(&mut out, "PackageUrl", url);
    }
    line(&mut out, "License", manifest.licence);
    line(&mut out, "ShortDescription", manifest.summary);
    if let Some(text) = manifest.description {
        line(&mut out, "Description", text);
    }
    end(out, "defaultLocale")
}

fn begin(kind: &str, manifest: &Manifest<'_>) -> String {
    let kind = kind.to_lowercase();
    let mut out = format!(
        "# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{FORMAT}.schema.json\n"
    );
    line(&mut out, "PackageIdentifier", manifest.identifier);
    line(&mut out, "PackageVersion", manifest.version);
    out
}

fn end(mut out: String, kind: &str) -> String {
    line(&mut out, "ManifestType", kind);
    line(&mut out, "ManifestVersion", FORMAT);
    out
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key}: {}", quoted(value));
}

/// A double-quoted scalar (YAML 1.2, §7.3.1): a version such as 1.10 must not become a number.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() || c == '\u{feff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Codes {
        let one = uuid::Uuid::from_u128(1);
        Codes { product: one, upgrade: uuid::Uuid::from_u128(0xab), package: one }
    }

    fn manifest(codes: &Codes) -> Manifest<'_> {
        Manifest {
            identifier: "ExampleOrg.Shop",
            version: "1.10",
            publisher: "Example Org",
            name: "Shop",
            licence: "MIT",
            summary: "Sells \"things\".",
            description: Some("First.\nSecond: a\\b"),
            homepage: None,
            url: "https://example.org/shop.msi",
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            codes,
            features: &["IIS-CGI"],
            needs: &["Python.Python.3.13"],
        }
    }

    #[test]
    fn texts_are_quoted_and_codes_are_those_of_the_msi() {
        let codes = codes();
        let [version, installer, locale] = write(&manifest(&codes)).unwrap();
        assert_eq!(version.name, "ExampleOrg.Shop.yaml");
        assert!(version.text.contains("PackageVersion: \"1.10\"\n"), "{}", version.text);
        assert!(installer.text.contains("UpgradeCode: \"{00000000-0000-0000-0000-0000000000AB}\""));
        assert!(installer.text.contains("  InstallerSha256: BA7816BF"), "{}", installer.text);
        assert!(locale.text.contains("ShortDescription: \"Sells \\\"things\\\".\""));
        assert!(locale.text.contains("Description: \"First.\\nSecond: a\\\\b\""));
    }

    #[test]
    fn what_winget_refuses_is_told_before() {
        let codes = codes();
        let good = manifest(&codes);
        for (bad, expected) in [
            (Manifest { identifier: "Shop", ..good.clone() }, "is no winget identifier"),
            (Manifest { identifier: "A B.Shop", ..good.clone() }, "is no winget identifier"),
            (Manifest { version: "1/2", ..good.clone() }, "is no version"),
            (Manifest { url: "http://a/b.msi", ..good.clone() }, "https:// addresses alone"),
            (Manifest { licence: "", ..good.clone() }, "the licence has 0 characters"),
            (Manifest { sha256: "ab", ..good.clone() }, "is no SHA-256"),
        ] {
            let told = write(&bad).unwrap_err().to_string();
            assert!(told.contains(expected), "{told}");
        }
        assert_eq!(identifier("Example Org, Ltd.", "My shop!"), "ExampleOrgLtd.Myshop");
    }
}
