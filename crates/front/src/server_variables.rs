//! Owns the server variables of a request, as IIS names, fills and orders them.
//!
//! Does not correct what IIS gets wrong: `SCRIPT_NAME` and `PATH_INFO` overlap, unknown values are
//! empty instead of missing, and an application's mount point is found in `APPL_MD_PATH` alone.
//! Paths are this system's own; characters are sent as UTF-8 unless the ANSI code page, IIS's
//! default, is asked for.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::{MAIN_SEPARATOR, Path};

use crate::{ansi, url};

/// What IIS calls itself.
const SERVER_SOFTWARE: &str = "Microsoft-IIS/10.0";

/// What IIS holds as Unicode and converts for the application: URL paths after decoding, paths of
/// files, names. Everything else is passed on as the client sent it, or is plain ASCII.
const DECODED: [&str; 12] = [
    "APPL_MD_PATH",
    "APPL_PHYSICAL_PATH",
    "AUTH_USER",
    "DOCUMENT_ROOT",
    "INSTANCE_NAME",
    "LOGON_USER",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "REMOTE_USER",
    "SCRIPT_FILENAME",
    "SCRIPT_NAME",
    "URL",
];

/// How many there are beside those of headers.
const FIXED_VARIABLES: usize = 41;

/// What the variables are made of.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) site_name: &'a str,
    pub(crate) site_id: u32,
    /// `/` or `/app`.
    pub(crate) application_path: &'a str,
    pub(crate) application_root: &'a Path,
    pub(crate) method: &'a str,
    /// Path and query as the client sent them.
    pub(crate) request_uri: &'a str,
    pub(crate) query: &'a str,
    /// The whole decoded path.
    pub(crate) path: &'a [u8],
    /// How many bytes of the path come after the script.
    pub(crate) path_info_len: usize,
    pub(crate) allow_path_info: bool,
    /// Decoded text is sent in code page 1252.
    pub(crate) is_ansi: bool,
    /// Where the script would lie.
    pub(crate) physical_path: &'a Path,
    /// `HTTP/1.1`.
    pub(crate) protocol: &'a str,
    /// Lower-case names with raw values, in the order of arrival.
    pub(crate) headers: &'a [(&'a str, &'a [u8])],
    /// Host name from the request, without a port.
    pub(crate) server_name: &'a str,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    /// `None` for plain HTTP.
    pub(crate) secure: Option<Secure<'a>>,
    /// Who signed on with Windows; empty when nobody did.
    pub(crate) user: &'a str,
}

/// What is known of a secure connection and of the certificate that it showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secure<'a> {
    pub(crate) cipher_bits: u16,
    /// Subject, and for a certificate that vouches for itself the issuer; empty if we do not know.
    pub(crate) subject: &'a str,
}

/// The bits of a certificate's key, as IIS tells them: it means RSA's, whatever the key is.
const CERTIFICATE_KEY_BITS: &str = "2048";

impl Inputs<'_> {
    fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding").is_some()
    }

    /// The length as the client told it; 0 without a body; empty when the body is chunked, since
    /// its length is not known before its end.
    fn content_length(&self) -> Vec<u8> {
        match self.header("content-length") {
            Some(length) => length.to_vec(),
            None if self.is_chunked() => Vec::new(),
            None => b"0".to_vec(),
        }
    }
}

/// A variable's name and value.
pub(crate) type Variable = (Cow<'static, str>, Vec<u8>);

/// The variables in the order in which IIS sends them: headers first, then the fixed set.
pub(crate) fn build(inputs: &Inputs<'_>) -> Vec<Variable> {
    let mut variables = header_variables(inputs.headers);
    let script_len = inputs.path.len() - inputs.path_info_len.min(inputs.path.len());
    let (script, after_script) = inputs.path.split_at(script_len);
    let path_info = if inputs.allow_path_info { after_script } else { inputs.path };
    let root = text(inputs.application_root);
    let root = root.trim_end_matches(std::path::is_separator);
    let script_file = text(inputs.physical_path);
    let translated = if inputs.allow_path_info {
        text(&url::below(inputs.application_root, &String::from_utf8_lossy(after_script)))
    } else {
        script_file.clone()
    };
    let site_path = format!("/LM/W3SVC/{}", inputs.site_id);
    let mount = inputs.application_path.trim_end_matches('/');
    let remote = inputs.remote.ip().to_string();
    let bytes = |text: &str| text.as_bytes().to_vec();
    let nothing = Vec::new;
    let secure = inputs.secure;
    let if_secure = |text: &str| if secure.is_some() { bytes(text) } else { Vec::new() };
    let cipher_bits = secure.map(|secure| secure.cipher_bits.to_string()).unwrap_or_default();
    let certificate = secure.map(|secure| secure.subject).unwrap_or_default();
    let auth_type = if inputs.user.is_empty() { "" } else { "Negotiate" };
    variables.extend(
        [
            ("APPL_MD_PATH", format!("{site_path}/ROOT{mount}").into_bytes()),
            ("APPL_PHYSICAL_PATH", format!("{root}{MAIN_SEPARATOR}").into_bytes()),
            ("AUTH_TYPE", bytes(auth_type)),
            ("AUTH_PASSWORD", nothing()),
            ("AUTH_USER", bytes(inputs.user)),
            ("CERT_COOKIE", nothing()),
            ("CERT_FLAGS", nothing()),
            ("CERT_ISSUER", nothing()),
            ("CERT_SERIALNUMBER", nothing()),
            ("CERT_SUBJECT", nothing()),
            ("CONTENT_LENGTH", inputs.content_length()),
            ("CONTENT_TYPE", inputs.header("content-type").unwrap_or_default().to_vec()),
            ("DOCUMENT_ROOT", bytes(root)),
            ("GATEWAY_INTERFACE", bytes("CGI/1.1")),
            ("HTTPS", bytes(if secure.is_some() { "on" } else { "off" })),
            ("HTTPS_KEYSIZE", bytes(&cipher_bits)),
            ("HTTPS_SECRETKEYSIZE", if_secure(CERTIFICATE_KEY_BITS)),
            ("HTTPS_SERVER_ISSUER", bytes(certificate)),
            ("HTTPS_SERVER_SUBJECT", bytes(certificate)),
            ("INSTANCE_ID", inputs.site_id.to_string().into_bytes()),
            ("INSTANCE_NAME", inputs.site_name.to_uppercase().into_bytes()),
            ("INSTANCE_META_PATH", site_path.into_bytes()),
            ("LOCAL_ADDR", inputs.local.ip().to_string().into_bytes()),
            ("LOGON_USER", bytes(inputs.user)),
            ("PATH_INFO", path_info.to_vec()),
            ("PATH_TRANSLATED", translated.into_bytes()),
            ("QUERY_STRING", bytes(inputs.query)),
            ("REMOTE_ADDR", bytes(&remote)),
            ("REMOTE_HOST", bytes(&remote)),
            ("REMOTE_PORT", inputs.remote.port().to_string().into_bytes()),
            ("REMOTE_USER", bytes(inputs.user)),
            ("REQUEST_METHOD", bytes(inputs.method)),
            ("REQUEST_URI", bytes(inputs.request_uri)),
            ("SCRIPT_FILENAME", script_file.into_bytes()),
            ("SCRIPT_NAME", script.to_vec()),
            ("SERVER_NAME", bytes(inputs.server_name)),
            ("SERVER_PORT", inputs.local.port().to_string().into_bytes()),
            ("SERVER_PORT_SECURE", bytes(if secure.is_some() { "1" } else { "0" })),
            ("SERVER_PROTOCOL", bytes(inputs.protocol)),
            ("SERVER_SOFTWARE", bytes(SERVER_SOFTWARE)),
            ("URL", script.to_vec()),
        ]
        .map(|(name, value)| (Cow::Borrowed(name), value)),
    );
    if inputs.is_ansi {
        for (_, value) in variables.iter_mut().filter(|(name, _)| DECODED.contains(&&**name)) {
            *value = ansi::encode(value);
        }
    }
    variables
}

/// One `HTTP_*` per header name; repeated headers are folded as HTTP.sys does it.
fn header_variables(headers: &[(&str, &[u8])]) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::with_capacity(headers.len() + FIXED_VARIABLES);
    for (name, value) in headers {
        let mut variable = String::with_capacity("HTTP_".len() + name.len());
        variable.push_str("HTTP_");
        let upper = name.bytes().map(|byte| match byte {
            b'-' => '_',
            byte => char::from(byte.to_ascii_uppercase()),
        });
        variable.extend(upper);
        match variables.iter_mut().find(|(other, _)| *other == variable) {
            Some((_, folded)) => {
                folded.extend_from_slice(if *name == "cookie" { b"; " } else { b", " });
                folded.extend_from_slice(value);
            }
            None => variables.push((Cow::Owned(variable), value.to_vec())),
        }
    }
    variables
}

/// A path as text. Paths that are no UTF-8 lose what is not; IIS has the same trouble with ANSI.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The host name of a `Host` header, without its port; an IPv6 address keeps its brackets.
pub(crate) fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
#[path = "server_variables_tests.rs"]
mod tests;
