//! Owns rules about a configuration file as such: bytes, encoding, XML, root.
//!
//! Does not own what its elements mean.

use super::super::finding::Hit;
use super::super::rule::{Rule, error, warning};
use super::super::subject::{RawFile, Subject};
use super::reference;
use crate::document;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["xml-not-well-formed", "The file is no well-formed XML",
        "IIS reads a configuration file whole or not at all: one stray character and every URL of the site answers 500.19 with 0x8007000d or 0x800703ea.",
        "Correct the place; a bare & is written &amp;, a < in a value &lt;.",
        "https://www.w3.org/TR/xml/#sec-well-formed"], not_well_formed),
    error(["xml-declaration-late", "Something stands before the XML declaration",
        "<?xml must be the very first characters of a file; a blank line before it makes the file unreadable for IIS (500.19).",
        "Delete what stands before <?xml.",
        "https://www.w3.org/TR/xml/#sec-prolog-dtd"], declaration_late),
    error(["root-not-configuration", "The root element is not <configuration>",
        "IIS and .NET look for sections below <configuration>, whose name is written in lower case; anything else is 500.19.",
        "Put all sections into one <configuration>.",
        reference!("")], root),
    warning(["encoding-mismatch", "The file is not in the encoding that it declares",
        "A byte order mark says what the bytes are; a declaration that says something else makes some readers refuse the file, and others read names with accents wrongly.",
        "Save the file as UTF-8 and let it declare encoding=\"utf-8\".",
        "https://www.w3.org/TR/xml/#charencoding"], encoding),
    warning(["encoding-one-byte", "The file is in a one-byte encoding",
        "What was saved as windows-1252 or iso-8859-1 can hold no other letters, and appcmd and IIS Manager write UTF-8 when they next change the file.",
        "Save the file as UTF-8 and let it declare encoding=\"utf-8\".",
        "https://www.w3.org/TR/xml/#charencoding"], one_byte),
    error(["web-config-misnamed", "The site's configuration has a name that IIS does not look for",
        "IIS reads web.config alone. Explorer hides known extensions, so a file that looks like web.config may be web.config.txt.",
        "Rename it to web.config.",
        reference!("")], misnamed),
    warning(["web-config-missing", "The site has no web.config",
        "Without handler mappings IIS takes each URL for a file: Python is never asked, and source files may be sent.",
        "Write one: iisgate init",
        reference!("system.webserver/handlers/")], missing),
    error(["config-source-unusable", "configSource names no file with that section",
        "A section may stand in a file of its own, beside the one that names it. Without that file, or with another root element in it, every URL below is 500.19 with 0x80070003 or 0x8007000d.",
        "Write the file, with the section as its root element, or the section itself.",
        "https://learn.microsoft.com/iis/get-started/planning-your-iis-architecture/the-configuration-system-in-iis-7"], source),
];

/// With the files that sections stand in, whose root is another one.
fn all_files<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = &'a RawFile> {
    files(subject).chain(&subject.files.sources)
}

fn source(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (element, path) in subject.own_sources() {
        let place = element.attribute_place("configSource");
        let name = element.attribute("configSource").unwrap_or_default();
        let Some(file) = subject.files.sources.iter().find(|file| file.path == path) else {
            hits.push(Hit::at(place, format!("there is no file {name} beside this one")));
            continue;
        };
        let root = document::decode(&file.path, &file.bytes).ok();
        if let Some(root) = root.filter(|root| root.name() != element.name()) {
            let (found, wanted) = (root.name(), element.name());
            let message = format!("the root element is <{found}>, not <{wanted}>");
            hits.push(Hit::at(root.place(), message));
        }
    }
    hits
}

fn files<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = &'a RawFile> {
    subject.files.web_config.iter().chain(&subject.files.server)
}

/// The first characters of a file, whichever way it is encoded.
fn head(file: &RawFile) -> String {
    file.bytes
        .iter()
        .take(200)
        .filter(|b| b.is_ascii() && **b != 0)
        .map(|&b| char::from(b))
        .collect()
}

fn is_late(file: &RawFile) -> bool {
    let head = head(file);
    let trimmed = head.trim_start();
    trimmed.len() < head.len() && trimmed.starts_with("<?xml ")
}

fn not_well_formed(subject: &Subject<'_>) -> Vec<Hit> {
    let broken = all_files(subject).filter(|file| !is_late(file)).filter_map(|file| {
        let error = document::decode(&file.path, &file.bytes).err()?;
        Some(match &error {
            crate::Error::Content { place, message } => Hit::at((**place).clone(), message),
            crate::Error::Encoding { message, .. } => Hit::file(&file.path, message),
            other => Hit::file(&file.path, other.to_string()),
        })
    });
    broken.collect()
}

fn declaration_late(subject: &Subject<'_>) -> Vec<Hit> {
    let late = all_files(subject).filter(|file| is_late(file));
    late.map(|file| Hit::file(&file.path, "the file does not begin with its <?xml declaration"))
        .collect()
}

fn root(subject: &Subject<'_>) -> Vec<Hit> {
    let roots = files(subject).filter_map(|file| document::decode(&file.path, &file.bytes).ok());
    let wrong = roots.filter(|root| root.name() != "configuration");
    wrong
        .map(|root| Hit::at(root.place(), format!("the root element is <{}>", root.name())))
        .collect()
}

fn declared(file: &RawFile) -> Option<String> {
    let head = head(file);
    let (declaration, _) = head[head.find("<?xml")?..].split_once("?>")?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    Some(value[1..].split_once(quote)?.0.to_ascii_lowercase())
}

fn encoding(subject: &Subject<'_>) -> Vec<Hit> {
    let found = all_files(subject).filter_map(|file| {
        let is = match file.bytes.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => "utf-8",
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..] => "utf-16",
            // A one-byte encoding needs no mark.
            _ if declared(file)?.starts_with("utf-16") => "utf-8",
            _ => return None,
        };
        let told = declared(file)?;
        (!told.starts_with(is)).then(|| {
            Hit::file(&file.path, format!("the bytes are {is}, the declaration says {told}"))
        })
    });
    found.collect()
}

fn one_byte(subject: &Subject<'_>) -> Vec<Hit> {
    let is_one_byte = |told: &String| told.starts_with("windows-") || told.starts_with("iso-8859");
    let found = all_files(subject).filter(|file| !file.bytes.starts_with(&[0xef, 0xbb, 0xbf]));
    let found = found.filter_map(|file| Some((file, declared(file).filter(is_one_byte)?)));
    found
        .map(|(file, told)| Hit::file(&file.path, format!("it declares encoding=\"{told}\"")))
        .collect()
}

fn misnamed(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.files.web_config.is_some() {
        return Vec::new();
    }
    let names = ["web.config.txt", "web.config.xml", "webconfig", "web.conf", "web-config.xml"];
    let found = names.into_iter().filter(|name| subject.has(name));
    found
        .map(|name| Hit::file(subject.in_folder(name), format!("{name} is not read by IIS")))
        .collect()
}

fn missing(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.files.web_config.is_some() || !misnamed(subject).is_empty() {
        return Vec::new();
    }
    vec![Hit::file(&subject.files.folder, "there is no web.config in this folder")]
}
