//! Owns the table of IIS attributes that we read: one row each, with type, default and range.
//!
//! Does not own what they do. Typed views (`fastcgi`, `handlers`, …) state no default of their own.
//!
//! Two sources disagree about some ranges (`idleTimeout` goes to 604 800 seconds in the published
//! reference of `fastCgi/application` and to 2 592 000 in the schema since IIS 7.5): we take the
//! schema, `IIS_schema.xml`, because IIS does. Defaults depend on the version as well, so a row
//! lists them all, oldest first; the last one counts.

/// The type of an attribute, with the range that its schema declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; `expanded` says whether IIS replaces `%VAR%` in it.
    Text {
        /// `%VAR%` is replaced.
        expanded: bool,
    },
    /// `true` or `false`.
    Flag,
    /// A whole number between both ends, inclusive.
    Number {
        /// The least value.
        min: u32,
        /// The greatest value.
        max: u32,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any of these words, comma-separated.
    Choices(&'static [&'static str]),
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A plain value.
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The element's path below `<configuration>`.
    pub element: &'static str,
    /// The attribute.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What its numbers count.
    pub unit: Unit,
    /// IIS version and default, oldest first. Empty: the attribute is required.
    pub defaults: &'static [(&'static str, &'static str)],
    /// The IIS version that first knew the attribute.
    pub since: &'static str,
    /// Where this is written.
    pub source: &'static str,
}

impl Row {
    /// The default of the newest IIS; `None` when the attribute is required.
    pub fn default(&self) -> Option<&'static str> {
        self.defaults.last().map(|(_, value)| *value)
    }
}

/// Finds a row.
pub fn row(element: &str, name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.element == element && row.name == name)
}

/// Lists an element's rows in schema order.
pub fn rows(element: &str) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.element == element)
}

pub(crate) const HANDLERS: &str = "system.webServer/handlers";
pub(crate) const HANDLERS_ADD: &str = "system.webServer/handlers/add";
pub(crate) const FASTCGI: &str = "system.webServer/fastCgi/application";
pub(crate) const FASTCGI_VARIABLE: &str =
    "system.webServer/fastCgi/application/environmentVariables/environmentVariable";
pub(crate) const MIME_MAP: &str = "system.webServer/staticContent/mimeMap";
pub(crate) const HIDDEN_SEGMENT: &str =
    "system.webServer/security/requestFiltering/hiddenSegments/add";
pub(crate) const FILE_EXTENSION: &str =
    "system.webServer/security/requestFiltering/fileExtensions/add";
pub(crate) const SITE: &str = "system.applicationHost/sites/site";
pub(crate) const BINDING: &str = "system.applicationHost/sites/site/bindings/binding";
pub(crate) const APPLICATION: &str = "system.applicationHost/sites/site/application";
pub(crate) const VIRTUAL_DIRECTORY: &str =
    "system.applicationHost/sites/site/application/virtualDirectory";

const SCHEMA: &str = "IIS_schema.xml";
const TEXT: Kind = Kind::Text { expanded: false };
const PATH: Kind = Kind::Text { expanded: true };
const ANY: Kind = Kind::Number { min: 0, max: u32::MAX };
const REQUIRED: &[(&str, &str)] = &[];
const EMPTY: &[(&str, &str)] = &[("7.0", "")];
const FALSE: &[(&str, &str)] = &[("7.0", "false")];

const fn at(element: &'static str, name: &'static str, kind: Kind, defaults: Defaults) -> Row {
    Row { element, name, kind, unit: Unit::None, defaults, since: "7.0", source: SCHEMA }
}
type Defaults = &'static [(&'static str, &'static str)];

const fn seconds(name: &'static str, min: u32, max: u32, defaults: Defaults) -> Row {
    Row { unit: Unit::Seconds, ..at(FASTCGI, name, Kind::Number { min, max }, defaults) }
}

const fn since(version: &'static str, row: Row) -> Row {
    Row { since: version, ..row }
}

const fn limit(row: Row) -> Row {
    Row { unit: Unit::Bytes, ..row }
}

const STDERR_MODES: &[&str] =
    &["ReturnStdErrIn500", "ReturnGeneric500", "IgnoreAndReturn200", "TerminateProcess"];
const ACCESS: &[&str] = &["None", "Read", "Write", "Script", "Execute"];
const ACCESS_FLAGS: &[&str] = &[
    "None",
    "Read",
    "Write",
    "Execute",
    "Source",
    "Script",
    "NoRemoteWrite",
    "NoRemoteRead",
    "NoRemoteExecute",
    "NoRemoteScript",
];

/// Every attribute we read, element by element, in schema order.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    at(FASTCGI, "fullPath", PATH, REQUIRED),
    at(FASTCGI, "arguments", PATH, EMPTY),
    // Not expanded, unlike its neighbours: `%SystemRoot%\php.ini` watches nothing.
    since("7.5", at(FASTCGI, "monitorChangesTo", TEXT, &[("7.5", "")])),
    since("7.5", at(FASTCGI, "stderrMode", Kind::Choice(STDERR_MODES), &[("7.5", "ReturnStdErrIn500")])),
    // 0 (automatic) may be written since 7.5.
    at(FASTCGI, "maxInstances", Kind::Number { min: 0, max: 10_000 }, &[("7.0", "4"), ("7.5", "0")]),
    seconds("idleTimeout", 10, 2_592_000, &[("7.0", "300")]),
    seconds("activityTimeout", 10, 2_592_000, &[("7.0", "30"), ("7.5", "70")]),
    seconds("requestTimeout", 10, 2_592_000, &[("7.0", "90")]),
    at(FASTCGI, "instanceMaxRequests", Kind::Number { min: 1, max: 10_000_000 }, &[("7.0", "200")]),
    since("7.5", seconds("signalBeforeTerminateSeconds", 0, 60, &[("7.5", "0")])),
    at(FASTCGI, "protocol", Kind::Choice(&["NamedPipe", "Tcp"]), &[("7.0", "NamedPipe")]),
    at(FASTCGI, "queueLength", Kind::Number { min: 1, max: 100_000_000 }, &[("7.0", "1000")]),
    at(FASTCGI, "flushNamedPipe", Kind::Flag, FALSE),
    // In the schema, not in the published reference.
    at(FASTCGI, "rapidFailsPerMinute", Kind::Number { min: 0, max: 1000 }, &[("7.0", "10")]),
    at(FASTCGI_VARIABLE, "name", TEXT, REQUIRED),
    at(FASTCGI_VARIABLE, "value", TEXT, EMPTY),

    // The schema says `Read`; the files that IIS ships say `Read, Script`.
    at(HANDLERS, "accessPolicy", Kind::Choices(ACCESS_FLAGS), &[("7.0", "Read")]),
    at(HANDLERS_ADD, "name", TEXT, REQUIRED),
    at(HANDLERS_ADD, "path", TEXT, REQUIRED),
    at(HANDLERS_ADD, "verb", TEXT, REQUIRED),
    at(HANDLERS_ADD, "type", TEXT, EMPTY),
    at(HANDLERS_ADD, "modules", TEXT, &[("7.0", "ManagedPipelineHandler")]),
    at(HANDLERS_ADD, "scriptProcessor", PATH, EMPTY),
    at(HANDLERS_ADD, "resourceType", Kind::Choice(&["File", "Directory", "Either", "Unspecified"]), &[("7.0", "Unspecified")]),
    at(HANDLERS_ADD, "requireAccess", Kind::Choice(ACCESS), &[("7.0", "Script")]),
    at(HANDLERS_ADD, "allowPathInfo", Kind::Flag, FALSE),
    at(HANDLERS_ADD, "preCondition", TEXT, EMPTY),
    limit(at(HANDLERS_ADD, "responseBufferLimit", ANY, &[("7.0", "4194304")])),

    at(MIME_MAP, "fileExtension", TEXT, REQUIRED),
    at(MIME_MAP, "mimeType", TEXT, REQUIRED),
    at(HIDDEN_SEGMENT, "segment", TEXT, REQUIRED),
    at(FILE_EXTENSION, "fileExtension", TEXT, REQUIRED),
    at(FILE_EXTENSION, "allowed", Kind::Flag, &[("7.0", "true")]),

    at(SITE, "name", TEXT, REQUIRED),
    at(SITE, "id", ANY, REQUIRED),
    at(BINDING, "protocol", TEXT, REQUIRED),
    at(BINDING, "bindingInformation", TEXT, REQUIRED),
    at(APPLICATION, "path", TEXT, REQUIRED),
    at(APPLICATION, "applicationPool", TEXT, EMPTY),
    at(VIRTUAL_DIRECTORY, "path", TEXT, REQUIRED),
    at(VIRTUAL_DIRECTORY, "physicalPath", PATH, REQUIRED),
];

#[cfg(test)]
mod tests {
    use super::{Kind, ROWS};
    use crate::read;

    #[test]
    fn defaults_are_values_of_their_type() {
        for row in ROWS {
            for (version, default) in row.defaults {
                assert_eq!(read::check(row.kind, default), Ok(()), "{} in {version}", row.name);
            }
            assert!(row.since == "7.0" || row.defaults.iter().all(|(v, _)| *v >= row.since));
        }
    }

    #[test]
    fn rows_are_unique_and_sound() {
        for (index, row) in ROWS.iter().enumerate() {
            let same = |other: &&super::Row| (other.element, other.name) == (row.element, row.name);
            assert_eq!(ROWS[index..].iter().filter(same).count(), 1, "{}", row.name);
            if let Kind::Number { min, max } = row.kind {
                assert!(min < max);
            }
        }
    }
}
