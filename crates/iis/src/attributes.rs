//! Owns the table of IIS attributes that we know: one row each, with type, default, range and source.
//! Here are those that typed views read; the modules below hold the others.
//!
//! Does not own what they do, nor how elements are merged (`collections`). Typed views (`fastcgi`,
//! `handlers`, …) state no default of their own.
//!
//! Two sources disagree about some ranges (`idleTimeout` goes to 604 800 seconds in the published
//! reference of `fastCgi/application` and to 2 592 000 in the schema since IIS 7.5): we take the
//! schema, `IIS_schema.xml`, because IIS does. Defaults depend on the version as well, so a row
//! lists them all, oldest first; the last one counts.

mod hosting;
mod modules;
mod paths;
mod security;
mod text;
mod web_server;

pub(crate) use paths::*;
pub use text::markdown;

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
    /// A span of time: `[days.]hours:minutes:seconds`.
    TimeSpan,
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
    /// The IIS version that first knew the attribute, as far as a page tells; 7.0 where none does.
    pub since: &'static str,
    /// Where this is written.
    pub source: &'static str,
}

impl Row {
    /// The default of the newest IIS; `None` when the attribute is required.
    pub fn default(&self) -> Option<&'static str> {
        self.defaults.last().map(|(_, value)| *value)
    }

    /// The default of an IIS version, written like `"7.5"`; `None` when the attribute is required
    /// or the version did not know it.
    pub fn default_in(&self, version: &str) -> Option<&'static str> {
        let is_known = |(since, _): &&(&str, &str)| order(since) <= order(version);
        self.defaults.iter().rev().find(is_known).map(|(_, value)| *value)
    }
}

/// What versions are compared by: 10.0 comes after 7.5.
fn order(version: &str) -> (u32, u32) {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}

/// Every row: first those that typed views read.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [ROWS, web_server::ROWS, security::ROWS, modules::ROWS, hosting::ROWS].into_iter().flatten()
}

/// Finds a row.
pub fn row(element: &str, name: &str) -> Option<&'static Row> {
    all().find(|row| row.element == element && row.name == name)
}

/// Lists an element's rows, those that typed views read first.
pub fn rows(element: &str) -> impl Iterator<Item = &'static Row> {
    all().filter(move |row| row.element == element)
}

const SCHEMA: &str = "IIS_schema.xml";
const TEXT: Kind = Kind::Text { expanded: false };
const PATH: Kind = Kind::Text { expanded: true };
const ANY: Kind = Kind::Number { min: 0, max: u32::MAX };
const REQUIRED: &[(&str, &str)] = &[];
const EMPTY: &[(&str, &str)] = &[("7.0", "")];
const FALSE: &[(&str, &str)] = &[("7.0", "false")];
const TRUE: &[(&str, &str)] = &[("7.0", "true")];

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

/// What the URL Rewrite module brings along.
const fn rewrite(element: &'static str, name: &'static str, kind: Kind, defaults: Defaults) -> Row {
    Row { source: "rewrite_schema.xml", ..at(element, name, kind, defaults) }
}

/// What HttpPlatformHandler brings along.
const fn platform(
    element: &'static str,
    name: &'static str,
    kind: Kind,
    defaults: Defaults,
) -> Row {
    Row { source: "httpplatform_schema.xml", ..at(element, name, kind, defaults) }
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

const CACHE_MODES: &[&str] = &["NoControl", "DisableCache", "UseMaxAge", "UseExpires"];
const RESPONSE_MODES: &[&str] = &["File", "ExecuteURL", "Redirect"];
const SHOW_FLAGS: &[&str] = &["None", "Date", "Time", "Size", "Extension", "LongDate"];
const REWRITE_ACTIONS: &[&str] = &["None", "Rewrite", "Redirect", "CustomResponse", "AbortRequest"];
const REDIRECT_STATUSES: &[&str] = &["Permanent", "Found", "Temporary", "PermRedirect"];

/// Every attribute that a typed view reads, element by element, in schema order.
#[rustfmt::skip]
const ROWS: &[Row] = &[
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
    at(CLIENT_CACHE, "cacheControlMode", Kind::Choice(CACHE_MODES), &[("7.0", "NoControl")]),
    at(CLIENT_CACHE, "cacheControlMaxAge", Kind::TimeSpan, &[("7.0", "1.00:00:00")]),
    at(CLIENT_CACHE, "httpExpires", TEXT, EMPTY),
    at(CLIENT_CACHE, "cacheControlCustom", TEXT, EMPTY),
    at(CLIENT_CACHE, "setEtag", Kind::Flag, TRUE),

    at(FILTERING, "allowDoubleEscaping", Kind::Flag, FALSE),
    at(FILTERING, "allowHighBitCharacters", Kind::Flag, TRUE),
    since("7.5", at(FILTERING, "unescapeQueryString", Kind::Flag, &[("7.5", "true")])),
    // The schema of IIS 10 writes `defaultvalue`, which says nothing; false all the same.
    since("10.0", at(FILTERING, "removeServerHeader", Kind::Flag, &[("10.0", "false")])),
    at(FILE_EXTENSIONS, "allowUnlisted", Kind::Flag, TRUE),
    at(FILE_EXTENSION, "fileExtension", TEXT, REQUIRED),
    at(FILE_EXTENSION, "allowed", Kind::Flag, TRUE),
    limit(at(REQUEST_LIMITS, "maxAllowedContentLength", ANY, &[("7.0", "30000000")])),
    limit(at(REQUEST_LIMITS, "maxUrl", ANY, &[("7.0", "4096")])),
    limit(at(REQUEST_LIMITS, "maxQueryString", ANY, &[("7.0", "2048")])),
    at(HEADER_LIMIT, "header", TEXT, REQUIRED),
    limit(at(HEADER_LIMIT, "sizeLimit", ANY, REQUIRED)),
    at(VERBS, "allowUnlisted", Kind::Flag, TRUE),
    at(VERB, "verb", TEXT, REQUIRED),
    at(VERB, "allowed", Kind::Flag, REQUIRED),
    at(HIDDEN_SEGMENT, "segment", TEXT, REQUIRED),
    since("7.5", at(ALWAYS_ALLOWED_URL, "url", TEXT, REQUIRED)),
    since("7.5", at(ALWAYS_ALLOWED_QUERY, "queryString", TEXT, REQUIRED)),
    at(DENIED_URL_SEQUENCE, "sequence", TEXT, REQUIRED),
    since("7.5", at(DENIED_QUERY_SEQUENCE, "sequence", TEXT, REQUIRED)),

    at(HTTP_ERRORS, "errorMode", Kind::Choice(&["DetailedLocalOnly", "Custom", "Detailed"]), &[("7.0", "DetailedLocalOnly")]),
    at(HTTP_ERRORS, "existingResponse", Kind::Choice(&["Auto", "Replace", "PassThrough"]), &[("7.0", "Auto")]),
    at(HTTP_ERRORS, "defaultPath", PATH, EMPTY),
    at(HTTP_ERRORS, "defaultResponseMode", Kind::Choice(RESPONSE_MODES), &[("7.0", "File")]),
    since("7.5", at(HTTP_ERRORS, "allowAbsolutePathsWhenDelegated", Kind::Flag, &[("7.5", "false")])),
    at(HTTP_ERROR, "statusCode", Kind::Number { min: 400, max: 999 }, REQUIRED),
    // -1 is any; otherwise 0 to 999.
    at(HTTP_ERROR, "subStatusCode", TEXT, &[("7.0", "-1")]),
    at(HTTP_ERROR, "prefixLanguageFilePath", PATH, EMPTY),
    at(HTTP_ERROR, "path", PATH, REQUIRED),
    at(HTTP_ERROR, "responseMode", Kind::Choice(RESPONSE_MODES), &[("7.0", "File")]),

    at(ANONYMOUS, "enabled", Kind::Flag, TRUE),
    at(WINDOWS, "enabled", Kind::Flag, FALSE),
    at(OTHER_AUTHENTICATION, "enabled", Kind::Flag, FALSE),
    at(AUTHORIZATION_ADD, "accessType", Kind::Choice(&["Allow", "Deny"]), REQUIRED),
    at(AUTHORIZATION_ADD, "users", TEXT, EMPTY),
    at(AUTHORIZATION_ADD, "roles", TEXT, EMPTY),
    at(AUTHORIZATION_ADD, "verbs", TEXT, EMPTY),

    at(DEFAULT_DOCUMENT, "enabled", Kind::Flag, TRUE),
    at(DEFAULT_DOCUMENT_FILE, "value", TEXT, EMPTY),
    at(DIRECTORY_BROWSE, "enabled", Kind::Flag, FALSE),
    at(DIRECTORY_BROWSE, "showFlags", Kind::Choices(SHOW_FLAGS), &[("7.0", "Date, Time, Size, Extension")]),
    at(HTTP_PROTOCOL, "allowKeepAlive", Kind::Flag, TRUE),
    at(CUSTOM_HEADER, "name", TEXT, EMPTY),
    at(CUSTOM_HEADER, "value", TEXT, EMPTY),
    at(REDIRECT_HEADER, "name", TEXT, EMPTY),
    at(REDIRECT_HEADER, "value", TEXT, EMPTY),
    at(HTTP_REDIRECT, "enabled", Kind::Flag, FALSE),
    at(HTTP_REDIRECT, "destination", TEXT, EMPTY),
    at(HTTP_REDIRECT, "exactDestination", Kind::Flag, FALSE),
    at(HTTP_REDIRECT, "childOnly", Kind::Flag, FALSE),
    at(HTTP_REDIRECT, "httpResponseStatus", Kind::Choice(REDIRECT_STATUSES), &[("7.0", "Found")]),
    at(HTTP_REDIRECT_ADD, "wildcard", TEXT, REQUIRED),
    at(HTTP_REDIRECT_ADD, "destination", TEXT, REQUIRED),

    rewrite(REWRITE_RULE, "name", TEXT, REQUIRED),
    rewrite(REWRITE_RULE, "enabled", Kind::Flag, TRUE),
    rewrite(REWRITE_RULE, "patternSyntax", Kind::Choice(&["ECMAScript", "Wildcard", "ExactMatch"]), &[("7.0", "ECMAScript")]),
    rewrite(REWRITE_RULE, "stopProcessing", Kind::Flag, FALSE),
    rewrite(REWRITE_MATCH, "url", TEXT, EMPTY),
    rewrite(REWRITE_MATCH, "ignoreCase", Kind::Flag, TRUE),
    rewrite(REWRITE_MATCH, "negate", Kind::Flag, FALSE),
    rewrite(REWRITE_CONDITIONS, "logicalGrouping", Kind::Choice(&["MatchAll", "MatchAny"]), &[("7.0", "MatchAll")]),
    rewrite(REWRITE_CONDITIONS, "trackAllCaptures", Kind::Flag, FALSE),
    rewrite(REWRITE_CONDITION, "input", TEXT, EMPTY),
    rewrite(REWRITE_CONDITION, "matchType", Kind::Choice(&["Pattern", "IsFile", "IsDirectory"]), &[("7.0", "Pattern")]),
    rewrite(REWRITE_CONDITION, "pattern", TEXT, EMPTY),
    rewrite(REWRITE_CONDITION, "ignoreCase", Kind::Flag, TRUE),
    rewrite(REWRITE_CONDITION, "negate", Kind::Flag, FALSE),
    rewrite(REWRITE_VARIABLE, "name", TEXT, REQUIRED),
    rewrite(REWRITE_VARIABLE, "value", TEXT, EMPTY),
    rewrite(REWRITE_VARIABLE, "replace", Kind::Flag, TRUE),
    rewrite(REWRITE_ACTION, "type", Kind::Choice(REWRITE_ACTIONS), &[("7.0", "None")]),
    rewrite(REWRITE_ACTION, "url", TEXT, EMPTY),
    rewrite(REWRITE_ACTION, "appendQueryString", Kind::Flag, TRUE),
    rewrite(REWRITE_ACTION, "redirectType", Kind::Choice(&["Permanent", "Found", "SeeOther", "Temporary"]), &[("7.0", "Permanent")]),
    rewrite(REWRITE_ACTION, "statusCode", Kind::Number { min: 200, max: 999 }, REQUIRED),
    rewrite(REWRITE_ACTION, "subStatusCode", Kind::Number { min: 0, max: 999 }, &[("7.0", "0")]),
    rewrite(REWRITE_ACTION, "statusReason", TEXT, EMPTY),
    rewrite(REWRITE_ACTION, "statusDescription", TEXT, EMPTY),
    rewrite(REWRITE_MAP, "name", TEXT, REQUIRED),
    rewrite(REWRITE_MAP, "defaultValue", TEXT, EMPTY),
    rewrite(REWRITE_MAP, "ignoreCase", Kind::Flag, TRUE),
    rewrite(REWRITE_MAP_ADD, "key", TEXT, REQUIRED),
    rewrite(REWRITE_MAP_ADD, "value", TEXT, EMPTY),

    at(SITE, "name", TEXT, REQUIRED),
    at(SITE, "id", ANY, REQUIRED),
    at(BINDING, "protocol", TEXT, REQUIRED),
    at(BINDING, "bindingInformation", TEXT, REQUIRED),
    at(APPLICATION, "path", TEXT, REQUIRED),
    at(APPLICATION, "applicationPool", TEXT, EMPTY),
    at(VIRTUAL_DIRECTORY, "path", TEXT, REQUIRED),
    at(VIRTUAL_DIRECTORY, "physicalPath", PATH, REQUIRED),
    at(VIRTUAL_DIRECTORY, "allowSubDirConfig", Kind::Flag, TRUE),
];

#[cfg(test)]
mod tests {
    use super::{Kind, all};
    use crate::read;

    #[test]
    fn defaults_are_values_of_their_type() {
        for row in all() {
            for (version, default) in row.defaults {
                let name = format!("{} {} in {version}", row.element, row.name);
                assert_eq!(read::check(row.kind, default), Ok(()), "{name}");
            }
            assert!(row.since == "7.0" || row.defaults.iter().all(|(v, _)| *v >= row.since));
        }
    }

    #[test]
    fn rows_are_unique_and_sound() {
        for row in all() {
            let same = |other: &&super::Row| (other.element, other.name) == (row.element, row.name);
            assert_eq!(all().filter(same).count(), 1, "{} {}", row.element, row.name);
            if let Kind::Number { min, max } = row.kind {
                assert!(min < max);
            }
        }
    }
}
