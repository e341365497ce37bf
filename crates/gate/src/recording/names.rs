//! Owns whose values are secret, by name: params, response headers, names in queries.
//!
//! Does not own what is masked of a value (`values`). Rather too much is masked than too little.

/// How a value is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All of it.
    Whole,
    /// `name=value; name=value`: the values.
    Cookies,
    /// `name=value; Path=/`: the value.
    SetCookie,
    /// What looks like a secret inside, as a query's value.
    Plain,
}

/// Parts of names, without their separators.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "authoriz",
    "authentic",
    "session",
    "signature",
    "assertion",
    "saml",
    "jwt",
    "clientcert",
    "sslclient",
    "principal",
];

/// Whole words in names.
const WORDS: &[&str] = &[
    "auth", "cookie", "csrf", "key", "nonce", "otp", "pass", "pin", "pwd", "sid", "sig", "ticket",
    "xsrf",
];

/// Ends of names, without their separators.
const ENDS: &[&str] = &["key", "pwd"];

/// Ends of names of params and headers that tell who the client is.
const PEOPLE: &[&str] = &["user", "username", "email"];

/// Who the client is, by address.
const ADDRESSES: &[&str] = &[
    "remoteaddr",
    "remotehost",
    "remoteport",
    "remoteip",
    "remoteident",
    "forwardedfor",
    "realip",
    "clientip",
    "clientaddr",
    "connectingip",
];

/// All headers in one value, or a name that says "forwarded" and no more.
const WHOLE: &[&str] = &["allhttp", "allraw", "forwarded", "xforwarded"];

/// Names that only sound like secrets.
const HARMLESS: &[&str] = &[
    "authtype",
    "certflags",
    "certkeysize",
    "certsecretkeysize",
    "httpskeysize",
    "httpssecretkeysize",
];

/// How the value of a param or of a response header is masked.
pub(super) fn kind(name: &[u8]) -> Kind {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix(b"http_").unwrap_or(&name);
    match name {
        b"cookie" => return Kind::Cookies,
        b"set-cookie" | b"set_cookie" => return Kind::SetCookie,
        _ => {}
    }
    let squeezed = squeezed(name);
    if HARMLESS.contains(&&*squeezed) {
        return Kind::Plain;
    }
    let is_address = ADDRESSES.iter().any(|part| squeezed.contains(part));
    let is_person = PEOPLE.iter().any(|end| squeezed.ends_with(end));
    let is_certificate = name.starts_with(b"cert_");
    if is_address
        || is_person
        || is_certificate
        || WHOLE.contains(&&*squeezed)
        || is_secret(name, &squeezed)
    {
        Kind::Whole
    } else {
        Kind::Plain
    }
}

/// Whether a query's value of that name is a secret.
pub(super) fn is_secret_in_query(name: &[u8]) -> bool {
    let (name, squeezed) = (name.to_ascii_lowercase(), squeezed(name).to_ascii_lowercase());
    // `code` is what OAuth calls its one-time password.
    squeezed == "code" || is_secret(&name, &squeezed)
}

fn is_secret(name: &[u8], squeezed: &str) -> bool {
    let is_word = |word: &[u8]| WORDS.iter().any(|known| known.as_bytes() == word);
    PARTS.iter().any(|part| squeezed.contains(part))
        || ENDS.iter().any(|end| squeezed.ends_with(end))
        || name.split(|byte| !byte.is_ascii_alphanumeric()).any(is_word)
}

/// The name's letters and digits.
fn squeezed(name: &[u8]) -> String {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_values_are_secret() {
        for (expected, names) in [
            (
                Kind::Whole,
                "HTTP_AUTHORIZATION AUTH_PASSWORD HTTP_X_API_KEY HTTP_APIKEY HTTP_X_CSRF_TOKEN \
                 HTTP_X_MS_TOKEN_AAD_ID_TOKEN CLIENT_SECRET DB_PASSWORD REMOTE_USER LOGON_USER \
                 AUTH_USER UNMAPPED_REMOTE_USER HTTP_X_FORWARDED_USER REMOTE_ADDR REMOTE_HOST \
                 REMOTE_PORT HTTP_X_FORWARDED_FOR HTTP_X_REAL_IP HTTP_CLIENT_IP HTTP_FORWARDED \
                 HTTP_CF_CONNECTING_IP HTTP_TRUE_CLIENT_IP CERT_SUBJECT CERT_COOKIE \
                 CERT_SERIALNUMBER HTTP_X_ARR_CLIENTCERT SSL_CLIENT_S_DN HTTP_PROXY_AUTHORIZATION \
                 WWW-Authenticate X-Auth-Token Proxy-Authorization ALL_HTTP ALL_RAW \
                 HTTP_X_MS_CLIENT_PRINCIPAL_NAME",
            ),
            (Kind::Cookies, "HTTP_COOKIE http_cookie"),
            (Kind::SetCookie, "Set-Cookie set-cookie HTTP_SET_COOKIE"),
            (
                Kind::Plain,
                "REQUEST_METHOD REQUEST_URI QUERY_STRING PATH_INFO AUTH_TYPE HTTPS HTTPS_KEYSIZE \
                 HTTPS_SECRETKEYSIZE CERT_FLAGS HTTP_HOST HTTP_USER_AGENT HTTP_REFERER \
                 HTTP_X_FORWARDED_PROTO HTTP_X_FORWARDED_HOST HTTP_ACCEPT CONTENT_LENGTH \
                 APPL_PHYSICAL_PATH HTTP_X_ORIGINAL_URL SERVER_NAME LOCAL_ADDR Location \
                 Content-Type Status Cache-Control HTTPS_SERVER_SUBJECT",
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(kind(name.as_bytes()), expected, "{name}");
            }
        }
    }

    #[test]
    fn whose_values_are_secret_in_queries() {
        for name in ["password", "token", "key", "user[password]", "api_key", "code", "PWD", "sid"]
        {
            assert!(is_secret_in_query(name.as_bytes()), "{name}");
        }
        for name in ["q", "page", "author", "monkeys", "design", "x", "user"] {
            assert!(!is_secret_in_query(name.as_bytes()), "{name}");
        }
    }
}
