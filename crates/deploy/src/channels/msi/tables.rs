//! Owns the tables of the MSI: their columns as Windows Installer's schema has them, and their rows.
//!
//! Does not own writing them. Sources: Microsoft's pages on each table («Windows Installer Database
//! Reference»), and for the order of actions «Suggested InstallExecuteSequence».

use ::msi::{Category, Column, SummaryInfo, Value};

use super::codes::{Codes, braced};
use super::former;
use super::sequences::sequences;
use super::{CABINET, Shipped, Site};

/// English, the language that Windows Installer's own messages are in.
const LANGUAGE: &str = "1033";

/// What the database needs: Windows Installer 5.0, which knows 64 bits on all living systems.
const INSTALLER_VERSION: i32 = 500;

/// Long names, and files within the MSI.
const WORD_COUNT: i32 = 2;

/// A component of 64 bits.
const COMPONENT_64_BIT: i32 = 0x100;

/// A file without which the installation fails.
const FILE_VITAL: i32 = 0x200;

/// A custom action that sets a property.
const SETS_PROPERTY: i32 = 51;

/// A custom action that ends the installation with a message.
const FAILS: i32 = 19;

/// A custom action that runs an installed program (18), when files are there (deferred, 1024), as the
/// system and not as the user (2048).
const RUNS_PROGRAM: i32 = 18 + 1024 + 2048;

/// Rows of the Upgrade table: both ends of the range count; only look.
const BOTH_ENDS: i32 = 0x100 + 0x200;
const ONLY_DETECT: i32 = 0x2;

/// A table to be written.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Value>>,
}

/// What programs show of the MSI without opening it.
pub(super) fn summary(info: &mut SummaryInfo, site: &Site<'_>, codes: &Codes) {
    info.set_title("Installation Database");
    info.set_subject(format!("{} {}", site.name, site.version));
    info.set_author(site.manufacturer);
    info.set_comments(format!("Installs the site {} with iisgate", site.name));
    info.set_creating_application(concat!("iisgate ", env!("CARGO_PKG_VERSION")));
    info.set_arch("x64");
    info.set_languages(&[::msi::LanguageId::from_tag("en-US")]);
    info.set_uuid(codes.package);
    info.set_page_count(INSTALLER_VERSION);
    info.set_word_count(WORD_COUNT);
    info.set_doc_security(2);
}

/// All tables.
pub(super) fn all(
    site: &Site<'_>,
    version: &str,
    codes: &Codes,
    files: &[Shipped<'_>],
) -> Vec<Table> {
    let mut tables = vec![
        properties(site, version, codes),
        directories(site),
        components(codes, files),
        features(site),
        feature_components(files),
        file_table(files),
        media(files),
        custom_actions(site),
        upgrade(version, codes),
    ];
    tables.extend(former::tables(codes));
    tables.extend(sequences());
    tables
}

pub(super) fn text(value: impl Into<String>) -> Value {
    Value::Str(value.into())
}

pub(super) fn number(value: impl Into<i32>) -> Value {
    Value::Int(value.into())
}

pub(super) fn key(name: &str) -> Column {
    Column::build(name).primary_key().id_string(72)
}

fn properties(site: &Site<'_>, version: &str, codes: &Codes) -> Table {
    let rows = [
        ("ProductCode", braced(codes.product)),
        ("ProductLanguage", LANGUAGE.to_owned()),
        ("ProductName", site.name.to_owned()),
        ("ProductVersion", version.to_owned()),
        ("Manufacturer", site.manufacturer.to_owned()),
        ("UpgradeCode", braced(codes.upgrade)),
        // For the machine, not for one user.
        ("ALLUSERS", "1".to_owned()),
        ("ARPNOMODIFY", "1".to_owned()),
        // What a user may say on the command line, and the system's half hears; `sequences` says when.
        ("SecureCustomProperties", "IISGATEARGS;NEWERFOUND;OLDERFOUND;SITE;SITEDIR".to_owned()),
    ];
    Table {
        name: "Property",
        columns: vec![key("Property"), Column::build("Value").localizable().text_string(0)],
        rows: rows.into_iter().map(|(name, value)| vec![text(name), text(value)]).collect(),
    }
}

fn directories(site: &Site<'_>) -> Table {
    let folder = folder_name(site.name);
    let row = |name: &str, parent: Option<&str>, default: &str| {
        vec![text(name), parent.map_or(Value::Null, text), text(default)]
    };
    Table {
        name: "Directory",
        columns: vec![
            key("Directory"),
            Column::build("Directory_Parent").nullable().id_string(72),
            Column::build("DefaultDir").localizable().category(Category::DefaultDir).string(255),
        ],
        rows: vec![
            row("TARGETDIR", None, "SourceDir"),
            row("ProgramFiles64Folder", Some("TARGETDIR"), "."),
            row("INSTALLDIR", Some("ProgramFiles64Folder"), &format!("SITE|{folder}")),
        ],
    }
}

/// A folder's name of a product's: what Windows refuses in names becomes a dash.
fn folder_name(name: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !"\\/:*?\"<>|[]".contains(c);
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "site".to_owned() } else { name.to_owned() }
}

fn components(codes: &Codes, files: &[Shipped<'_>]) -> Table {
    Table {
        name: "Component",
        columns: vec![
            key("Component"),
            Column::build("ComponentId").nullable().category(Category::Guid).string(38),
            Column::build("Directory_").id_string(72),
            Column::build("Attributes").int16(),
            Column::build("Condition").nullable().category(Category::Condition).string(255),
            Column::build("KeyPath").nullable().id_string(72),
        ],
        rows: files
            .iter()
            .map(|file| {
                vec![
                    text(file.key),
                    text(braced(codes.component(file.key))),
                    text("INSTALLDIR"),
                    number(COMPONENT_64_BIT),
                    Value::Null,
                    text(file.key),
                ]
            })
            .collect(),
    }
}

fn features(site: &Site<'_>) -> Table {
    Table {
        name: "Feature",
        columns: vec![
            Column::build("Feature").primary_key().id_string(38),
            Column::build("Feature_Parent").nullable().id_string(38),
            Column::build("Title").nullable().localizable().text_string(64),
            Column::build("Description").nullable().localizable().text_string(255),
            Column::build("Display").nullable().int16(),
            Column::build("Level").int16(),
            Column::build("Directory_").nullable().category(Category::UpperCase).string(72),
            Column::build("Attributes").int16(),
        ],
        rows: vec![vec![
            text("Site"),
            Value::Null,
            text(site.name.chars().take(64).collect::<String>()),
            Value::Null,
            number(1),
            number(1),
            text("INSTALLDIR"),
            number(0),
        ]],
    }
}

fn feature_components(files: &[Shipped<'_>]) -> Table {
    Table {
        name: "FeatureComponents",
        columns: vec![
            Column::build("Feature_").primary_key().id_string(38),
            Column::build("Component_").primary_key().id_string(72),
        ],
        rows: files.iter().map(|file| vec![text("Site"), text(file.key)]).collect(),
    }
}

fn file_table(files: &[Shipped<'_>]) -> Table {
    Table {
        name: "File",
        columns: vec![
            key("File"),
            Column::build("Component_").id_string(72),
            Column::build("FileName").localizable().category(Category::Filename).string(255),
            Column::build("FileSize").int32(),
            Column::build("Version").nullable().category(Category::Version).string(72),
            Column::build("Language").nullable().category(Category::Language).string(20),
            Column::build("Attributes").nullable().int16(),
            Column::build("Sequence").int16(),
        ],
        rows: files
            .iter()
            .zip(1..)
            .map(|(file, sequence)| {
                // Bounded by `FILE_BYTES_MAX`.
                let bytes = i32::try_from(file.bytes).unwrap_or(i32::MAX);
                vec![
                    text(file.key),
                    text(file.key),
                    text(&*file.name),
                    number(bytes),
                    Value::Null,
                    Value::Null,
                    number(FILE_VITAL),
                    number(sequence),
                ]
            })
            .collect(),
    }
}

fn media(files: &[Shipped<'_>]) -> Table {
    let last = i32::try_from(files.len()).unwrap_or(i32::MAX);
    Table {
        name: "Media",
        columns: vec![
            Column::build("DiskId").primary_key().int16(),
            Column::build("LastSequence").int16(),
            Column::build("DiskPrompt").nullable().localizable().text_string(64),
            Column::build("Cabinet").nullable().category(Category::Cabinet).string(255),
            Column::build("VolumeLabel").nullable().text_string(32),
            Column::build("Source").nullable().category(Category::Property).string(72),
        ],
        rows: vec![vec![
            number(1),
            number(last),
            Value::Null,
            // The mark says that the cabinet is within the MSI.
            text(format!("#{CABINET}")),
            Value::Null,
            Value::Null,
        ]],
    }
}

fn custom_actions(site: &Site<'_>) -> Table {
    let folder = folder_name(site.name);
    let install = "package install \"[#site_zip]\" --yes";
    // Whatever the folder ends with, a dot behind a slash keeps a backslash from masking the quote.
    let rows = [
        ("KeepSite", SETS_PROPERTY, "SITE", "[FORMERSITE]".to_owned()),
        ("KeepSiteDir", SETS_PROPERTY, "SITEDIR", "[FORMERSITEDIR]".to_owned()),
        ("SetSiteDir", SETS_PROPERTY, "SITEDIR", format!("[WindowsVolume]inetpub\\{folder}")),
        ("NewerFound", FAILS, "", format!("A newer version of {} is installed.", site.name)),
        (
            "InstallSite",
            RUNS_PROGRAM,
            "iisgate_exe",
            format!("{install} --to \"[SITEDIR]/.\" [IISGATEARGS]"),
        ),
        (
            "InstallSiteInIis",
            RUNS_PROGRAM,
            "iisgate_exe",
            format!("{install} --to \"[SITEDIR]/.\" --site \"[SITE]\" [IISGATEARGS]"),
        ),
    ];
    Table {
        name: "CustomAction",
        columns: vec![
            key("Action"),
            Column::build("Type").int16(),
            Column::build("Source").nullable().category(Category::CustomSource).string(72),
            Column::build("Target").nullable().formatted_string(0),
        ],
        rows: rows
            .into_iter()
            .map(|(name, kind, source, target)| {
                let source = if source.is_empty() { Value::Null } else { text(source) };
                vec![text(name), number(kind), source, text(target)]
            })
            .collect(),
    }
}

fn upgrade(version: &str, codes: &Codes) -> Table {
    let code = braced(codes.upgrade);
    let row = |least: &str, most: Option<&str>, attributes: i32, property: &str| {
        vec![
            text(&*code),
            text(least),
            most.map_or(Value::Null, text),
            Value::Null,
            number(attributes),
            Value::Null,
            text(property),
        ]
    };
    Table {
        name: "Upgrade",
        columns: vec![
            Column::build("UpgradeCode").primary_key().category(Category::Guid).string(38),
            Column::build("VersionMin").primary_key().nullable().text_string(20),
            Column::build("VersionMax").primary_key().nullable().text_string(20),
            Column::build("Language").primary_key().nullable().text_string(255),
            Column::build("Attributes").primary_key().int32(),
            Column::build("Remove").nullable().formatted_string(255),
            Column::build("ActionProperty").category(Category::UpperCase).string(72),
        ],
        rows: vec![
            row("0.0.0", Some(version), BOTH_ENDS, "OLDERFOUND"),
            row(version, None, ONLY_DETECT, "NEWERFOUND"),
        ],
    }
}
