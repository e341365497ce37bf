//! Owns the tests with broken packages: each is refused under its code, and nothing is written outside.

use crate::support::{replaced, sound, with, without, zipped};
use deploy::package::verify::{find, verify_bytes};
use deploy::package::{Package, limits};
use std::path::Path;

/// Each with the code under which it is refused.
fn packages() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let whole = zipped(&sound());
    let renamed = |from: &[u8], to: &[u8]| replaced(zipped(&sound()), from, to);
    let encrypted = {
        // Bit 0 of the flags, in the header before the file and in the list at the end.
        let mut bytes = whole.clone();
        bytes[6] |= 1;
        let list = bytes.windows(4).position(|w| w == b"PK\x01\x02").expect("it has a list");
        bytes[list + 8] |= 1;
        bytes
    };
    let link = {
        let options = zip::write::SimpleFileOptions::default();
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.add_symlink("shop/app", "/etc", options).expect("the name is new");
        zip.finish().expect("memory can be written").into_inner()
    };
    let lying = {
        // 8 bytes that tell that they were 4: the length stands in both headers.
        let length = 8_u32.to_le_bytes();
        let mut bytes = zipped(&with("shop/app.py", b"12345678"));
        let names: Vec<usize> =
            (0..bytes.len() - 11).filter(|at| bytes[*at..].starts_with(b"shop/app.py")).collect();
        for (at, back) in names.into_iter().zip([8, 24]) {
            // The real length precedes the name in the file's header, and further in the list.
            let field = if back == 8 { at - 8 } else { at - 22 };
            assert_eq!(bytes[field..field + 4], length, "the field is there");
            bytes[field..field + 4].copy_from_slice(&4_u32.to_le_bytes());
        }
        bytes
    };
    let zeros = vec![0; (limits::RATIO_FREE_BYTES + 1) as usize];
    vec![
        ("truncated", "package-unreadable", whole[..whole.len() - 30].to_vec()),
        ("no zip", "package-unreadable", b"<html>not found</html>".to_vec()),
        ("empty file", "package-unreadable", Vec::new()),
        ("encrypted", "package-encrypted", encrypted),
        ("link", "package-link", link),
        ("traversal", "package-name-escapes", renamed(b"shop/app.py", b"../../ap.py")),
        (
            "backslashes",
            "package-name-escapes",
            renamed(b"shop/app.py", b"..\\..\\ap.py".first_chunk::<11>().expect("it is as long")),
        ),
        ("absolute", "package-name-escapes", renamed(b"shop/app.py", b"/etc/app.py")),
        ("drive", "package-name-escapes", renamed(b"shop/app.py", b"C:/x/app.py")),
        ("share", "package-name-escapes", renamed(b"shop/app.py", b"\\\\host\\c$\\x")),
        ("device", "package-name-refused", renamed(b"shop/app.py", b"shop/aux.py")),
        ("stream", "package-name-refused", renamed(b"shop/app.py", b"shop/a:p.py")),
        ("trailing dot", "package-name-refused", renamed(b"shop/app.py", b"shop/app.p.")),
        ("control character", "package-name-refused", renamed(b"shop/app.py", b"shop/app\n.y")),
        ("deep", "package-name-refused", zipped(&with(&format!("shop/{}x", "a/".repeat(64)), b""))),
        ("case", "package-name-collides", zipped(&with("shop/APP.py", b""))),
        ("file and folder", "package-name-collides", zipped(&with("shop/app.py/x", b""))),
        ("twice", "package-name-collides", {
            replaced(zipped(&with("shop/apq.py", b"")), b"shop/apq.py", b"shop/app.py")
        }),
        ("bomb", "package-too-large", zipped(&with("shop/zeros.bin", &zeros))),
        ("lying about its size", "package-unreadable", lying),
        ("no manifest", "package-without-manifest", zipped(&without("Manifest.xml"))),
        ("folder around all", "package-without-manifest", {
            let files = sound();
            let within = files.into_iter().map(|(name, bytes)| (format!("all/{name}"), bytes));
            zipped(&within.collect::<Vec<_>>())
        }),
        ("broken manifest", "package-xml", zipped(&with("Manifest.xml", b"<a><b></a>"))),
        (
            "entities",
            "package-xml",
            zipped(&with("Manifest.xml", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>")),
        ),
        ("parameter twice", "package-xml", {
            let twice = b"<parameters><parameter name='a'/><parameter name='a'/></parameters>";
            zipped(&with("Parameters.xml", twice))
        }),
        ("large manifest", "package-too-large", {
            zipped(&with("Manifest.xml", &vec![b' '; limits::XML_BYTES_MAX as usize + 1]))
        }),
    ]
}

#[test]
fn each_is_refused_under_its_code_and_nothing_is_written() {
    for (name, code, bytes) in packages() {
        assert!(find(code).is_some(), "{code} is explained");
        let folder = tempfile::tempdir().expect("there is room");
        let (file, to) = (folder.path().join("in/x.zip"), folder.path().join("in/out"));
        std::fs::create_dir(folder.path().join("in")).expect("there is room");
        std::fs::write(&file, &bytes).expect("there is room");
        let error =
            Package::open(&file).and_then(|package| package.extract_to(&to)).expect_err(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        for folder in [folder.path(), &folder.path().join("in")] {
            let names: Vec<_> = std::fs::read_dir(folder)
                .expect("it is there")
                .map(|item| item.expect("it is readable").file_name())
                .filter(|name| *name != "in" && *name != "x.zip" && *name != "out")
                .collect();
            assert!(names.is_empty(), "{name}: {names:?}");
        }
        if name != "lying about its size" {
            assert!(!to.exists(), "{name}: nothing is unpacked");
            let findings = verify_bytes(Path::new("x.zip"), bytes).expect("it can be read");
            let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
            assert!(
                !codes.is_empty() && codes.iter().all(|found| *found == code),
                "{name}: {codes:?}"
            );
        }
    }
}

#[test]
fn no_link_is_followed_that_is_in_the_way() {
    #[cfg(unix)]
    {
        let folder = tempfile::tempdir().expect("there is room");
        let (to, outside) = (folder.path().join("to"), folder.path().join("outside"));
        std::fs::create_dir(&to).expect("there is room");
        std::fs::create_dir(&outside).expect("there is room");
        std::os::unix::fs::symlink(&outside, to.join("shop")).expect("links can be made");
        let package = Package::read_from(zipped(&sound())).expect("it is sound");
        let error = package.extract_to(&to).expect_err("a link is in the way");
        assert!(error.to_string().contains("no folder"), "{error}");
        assert_eq!(std::fs::read_dir(&outside).expect("it is there").count(), 0);
    }
}

#[test]
fn no_bytes_are_too_much_for_reading() {
    use proptest::prelude::*;
    let whole = zipped(&sound());
    proptest!(ProptestConfig::with_cases(256), |(at in 0..whole.len(), value in any::<u8>(), end in 0..whole.len())| {
        let mut bytes = whole.clone();
        bytes[at] = value;
        let _ = Package::read_from(bytes.clone()).map(|package| {
            for entry in package.entries() {
                let mut out = Vec::new();
                let _ = package.copy(entry, &mut out);
                prop_assert!(out.len() as u64 <= entry.size + 1);
            }
            Ok(())
        });
        bytes.truncate(end);
        let _ = Package::read_from(bytes);
    });
}
