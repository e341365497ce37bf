//! Owns which params become environ entries, which are dropped and which are treated apart.
//!
//! Does not own what the deciding ones mean together: see `paths`.

/// What a param's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Goes into the environ as it is.
    Plain,
    /// Goes into the environ; from IIS it may be in the system's ANSI code page.
    Text,
    /// Goes into the environ and is remembered: for it decides something, or is not to be empty.
    Special(Special),
    /// Must not reach the app.
    Dropped,
}

impl Name {
    /// Whether IIS makes the value from a name or path that is Unicode to it, so that it may arrive
    /// in the system's ANSI code page (see `ansi`). Headers and queries are the client's bytes.
    pub const fn is_text(self) -> bool {
        use Special::{
            ApplMdPath, ApplPhysicalPath, PathInfo, RequestUri, ScriptFilename, ScriptName,
        };
        match self {
            Self::Text => true,
            Self::Special(special) => matches!(
                special,
                ApplMdPath | ApplPhysicalPath | PathInfo | RequestUri | ScriptFilename | ScriptName
            ),
            Self::Plain | Self::Dropped => false,
        }
    }
}

/// Params that decide something, or that PEP 3333 treats apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// `REQUEST_METHOD`.
    RequestMethod,
    /// `SCRIPT_NAME`.
    ScriptName,
    /// `PATH_INFO`.
    PathInfo,
    /// `QUERY_STRING`.
    QueryString,
    /// `REQUEST_URI`.
    RequestUri,
    /// `CONTENT_LENGTH`: omitted when empty.
    ContentLength,
    /// `CONTENT_TYPE`: omitted when empty.
    ContentType,
    /// `HTTPS`.
    Https,
    /// `SERVER_PORT_SECURE`, IIS's.
    ServerPortSecure,
    /// `REQUEST_SCHEME`, nginx's and Apache's.
    RequestScheme,
    /// `SERVER_SOFTWARE`.
    ServerSoftware,
    /// `APPL_MD_PATH`, IIS's metabase path of the site application.
    ApplMdPath,
    /// `APPL_PHYSICAL_PATH`, IIS's folder of the site application.
    ApplPhysicalPath,
    /// `IIS_WasUrlRewritten`, set by URL Rewrite.
    WasUrlRewritten,
    /// `HTTP_X_ORIGINAL_URL`, set by URL Rewrite, or forged by a client.
    OriginalUrl,
    /// `UNENCODED_URL`, the URL as the client sent it, where the site has IIS send it.
    UnencodedUrl,
    /// `SCRIPT_FILENAME`, by which Apache's mod_proxy_fcgi is known.
    ScriptFilename,
    /// `SERVER_NAME`.
    ServerName,
    /// `SERVER_PORT`.
    ServerPort,
    /// `SERVER_PROTOCOL`.
    ServerProtocol,
}

impl Special {
    /// How many there are.
    pub const COUNT: usize = 20;

    /// What PEP 3333 requires in every environ, by its name and with what stands there when a sparing
    /// web server sends nothing.
    pub const REQUIRED: [(&str, &str); 7] = [
        ("REQUEST_METHOD", "GET"),
        ("SCRIPT_NAME", ""),
        ("PATH_INFO", ""),
        ("QUERY_STRING", ""),
        ("SERVER_NAME", "localhost"),
        ("SERVER_PORT", "80"),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
    ];

    /// Whether an empty value is as good as none: PEP 3333 lets some be omitted, and wants a value for
    /// others.
    pub const fn is_nothing_when_empty(self) -> bool {
        matches!(
            self,
            Self::ContentLength
                | Self::ContentType
                | Self::RequestMethod
                | Self::QueryString
                | Self::ServerName
                | Self::ServerPort
                | Self::ServerProtocol
        )
    }

    /// Position in a table of [`Self::COUNT`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Classifies a param by its name.
///
/// Dropped are: `AUTH_PASSWORD`, a password in clear that IIS sends with Basic authentication;
/// `HTTP_PROXY`, with which a client could redirect the app's own requests (httpoxy, CVE-2016-5385);
/// `HTTP_CONTENT_LENGTH`, `HTTP_CONTENT_TYPE` and `HTTP_TRANSFER_ENCODING`, which speak of a framing
/// that ended at the web server; and nameless params.
pub fn classify(name: &[u8]) -> Name {
    let special = match name {
        b"REQUEST_METHOD" => Special::RequestMethod,
        b"SCRIPT_NAME" => Special::ScriptName,
        b"PATH_INFO" => Special::PathInfo,
        b"QUERY_STRING" => Special::QueryString,
        b"REQUEST_URI" => Special::RequestUri,
        b"CONTENT_LENGTH" => Special::ContentLength,
        b"CONTENT_TYPE" => Special::ContentType,
        b"HTTPS" => Special::Https,
        b"SERVER_PORT_SECURE" => Special::ServerPortSecure,
        b"REQUEST_SCHEME" => Special::RequestScheme,
        b"SERVER_SOFTWARE" => Special::ServerSoftware,
        b"APPL_MD_PATH" => Special::ApplMdPath,
        b"APPL_PHYSICAL_PATH" => Special::ApplPhysicalPath,
        b"IIS_WasUrlRewritten" => Special::WasUrlRewritten,
        b"HTTP_X_ORIGINAL_URL" => Special::OriginalUrl,
        b"UNENCODED_URL" => Special::UnencodedUrl,
        b"SCRIPT_FILENAME" => Special::ScriptFilename,
        b"SERVER_NAME" => Special::ServerName,
        b"SERVER_PORT" => Special::ServerPort,
        b"SERVER_PROTOCOL" => Special::ServerProtocol,
        b""
        | b"AUTH_PASSWORD"
        | b"HTTP_PROXY"
        | b"HTTP_CONTENT_LENGTH"
        | b"HTTP_CONTENT_TYPE"
        | b"HTTP_TRANSFER_ENCODING" => return Name::Dropped,
        b"AUTH_USER"
        | b"CERT_ISSUER"
        | b"CERT_SUBJECT"
        | b"DOCUMENT_ROOT"
        | b"HTTPS_SERVER_ISSUER"
        | b"HTTPS_SERVER_SUBJECT"
        | b"INSTANCE_NAME"
        | b"LOGON_USER"
        | b"PATH_TRANSLATED"
        | b"REMOTE_USER"
        | b"URL" => return Name::Text,
        _ => return Name::Plain,
    };
    Name::Special(special)
}
