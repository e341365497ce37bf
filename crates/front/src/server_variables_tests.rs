//! Owns the tests of `server_variables`.
//!
//! Does not test how applications understand them: `bridge` does.

use std::path::{MAIN_SEPARATOR, Path};

use super::{FIXED_VARIABLES, Inputs, Secure, Variable, build, host_name};

fn inputs<'a>(headers: &'a [(&'a str, &'a [u8])]) -> Inputs<'a> {
    Inputs {
        site_name: "Hum",
        site_id: 1,
        application_path: "/",
        application_root: Path::new("/srv/site"),
        method: "GET",
        request_uri: "/fob/oar%20baz?a=%C3%A9",
        query: "a=%C3%A9",
        path: b"/fob/oar baz",
        path_info_len: 0,
        allow_path_info: false,
        is_ansi: false,
        physical_path: Path::new("/srv/site/fob/oar baz"),
        protocol: "HTTP/1.1",
        headers,
        server_name: "localhost",
        local: "[::1]:88".parse().unwrap(),
        remote: "127.0.0.1:29125".parse().unwrap(),
        secure: None,
        user: "",
    }
}

#[test]
fn how_many_are_fixed() {
    assert_eq!(build(&inputs(&[])).len(), FIXED_VARIABLES);
}

fn told(inputs: &Inputs<'_>) -> Vec<String> {
    let tell = |(name, value): Variable| format!("{name}={}", String::from_utf8(value).unwrap());
    build(inputs).into_iter().map(tell).collect()
}

fn value(inputs: &Inputs<'_>, name: &str) -> String {
    let found = build(inputs).into_iter().find(|(other, _)| other == name);
    String::from_utf8(found.unwrap_or_else(|| panic!("{name} is sent")).1).unwrap()
}

#[test]
fn the_fixed_set_in_order() {
    let headers: [(&str, &[u8]); 2] = [("host", b"localhost:88"), ("x-a-b", b"1")];
    let expected = "HTTP_HOST=localhost:88 HTTP_X_A_B=1 APPL_MD_PATH=/LM/W3SVC/1/ROOT \
        APPL_PHYSICAL_PATH=/srv/site/ AUTH_TYPE= AUTH_PASSWORD= AUTH_USER= CERT_COOKIE= CERT_FLAGS= \
        CERT_ISSUER= CERT_SERIALNUMBER= CERT_SUBJECT= CONTENT_LENGTH=0 CONTENT_TYPE= \
        DOCUMENT_ROOT=/srv/site GATEWAY_INTERFACE=CGI/1.1 HTTPS=off HTTPS_KEYSIZE= \
        HTTPS_SECRETKEYSIZE= HTTPS_SERVER_ISSUER= HTTPS_SERVER_SUBJECT= INSTANCE_ID=1 \
        INSTANCE_NAME=HUM INSTANCE_META_PATH=/LM/W3SVC/1 LOCAL_ADDR=::1 LOGON_USER= \
        PATH_INFO=/fob/oar+baz PATH_TRANSLATED=/srv/site/fob/oar+baz QUERY_STRING=a=%C3%A9 \
        REMOTE_ADDR=127.0.0.1 REMOTE_HOST=127.0.0.1 REMOTE_PORT=29125 REMOTE_USER= \
        REQUEST_METHOD=GET REQUEST_URI=/fob/oar%20baz?a=%C3%A9 \
        SCRIPT_FILENAME=/srv/site/fob/oar+baz SCRIPT_NAME=/fob/oar+baz SERVER_NAME=localhost \
        SERVER_PORT=88 SERVER_PORT_SECURE=0 SERVER_PROTOCOL=HTTP/1.1 \
        SERVER_SOFTWARE=Microsoft-IIS/10.0 URL=/fob/oar+baz";
    let root = format!("/srv/site{MAIN_SEPARATOR}");
    let expected: Vec<String> = expected
        .split_whitespace()
        .map(|pair| pair.replace('+', " "))
        .map(|pair| match pair.strip_prefix("APPL_PHYSICAL_PATH=") {
            Some(_) => format!("APPL_PHYSICAL_PATH={root}"),
            None => pair,
        })
        .collect();
    assert_eq!(told(&inputs(&headers)), expected);
    assert_eq!(expected.len(), 41 + headers.len());
}

#[test]
fn path_info_when_allowed() {
    let mut inputs = inputs(&[]);
    (inputs.path, inputs.path_info_len) = (b"/index.php/a/b", 4);
    inputs.physical_path = Path::new("/srv/site/index.php");
    assert_eq!(value(&inputs, "SCRIPT_NAME"), "/index.php");
    assert_eq!(value(&inputs, "PATH_INFO"), "/index.php/a/b");
    inputs.allow_path_info = true;
    assert_eq!(value(&inputs, "PATH_INFO"), "/a/b");
    let translated = format!("/srv/site{MAIN_SEPARATOR}a{MAIN_SEPARATOR}b");
    assert_eq!(value(&inputs, "PATH_TRANSLATED"), translated);
    assert_eq!(value(&inputs, "SCRIPT_FILENAME"), "/srv/site/index.php");
}

#[test]
fn applications_show_in_appl_md_path_alone() {
    let mut inputs = inputs(&[]);
    inputs.application_path = "/app1";
    inputs.application_root = Path::new("/srv/app1/");
    assert_eq!(value(&inputs, "APPL_MD_PATH"), "/LM/W3SVC/1/ROOT/app1");
    assert_eq!(value(&inputs, "APPL_PHYSICAL_PATH"), format!("/srv/app1{MAIN_SEPARATOR}"));
    assert_eq!(value(&inputs, "PATH_INFO"), "/fob/oar baz");
}

#[test]
fn decoded_text_in_the_code_page() {
    let headers: [(&str, &[u8]); 1] = [("x-name", "é".as_bytes())];
    let mut inputs = inputs(&headers);
    inputs.path = "/café/łódź".as_bytes();
    inputs.physical_path = Path::new("/srv/site/café/łódź");
    inputs.application_root = Path::new("/srv/é");
    inputs.site_name = "été";
    inputs.is_ansi = true;
    let built = build(&inputs);
    for (name, expected) in [
        ("PATH_INFO", b"/caf\xe9/?\xf3d?".as_slice()),
        ("SCRIPT_NAME", b"/caf\xe9/?\xf3d?"),
        ("URL", b"/caf\xe9/?\xf3d?"),
        ("PATH_TRANSLATED", b"/srv/site/caf\xe9/?\xf3d?"),
        ("SCRIPT_FILENAME", b"/srv/site/caf\xe9/?\xf3d?"),
        ("INSTANCE_NAME", b"\xc9T\xc9"),
        // As the client sent them.
        ("HTTP_X_NAME", "é".as_bytes()),
        ("QUERY_STRING", b"a=%C3%A9"),
        ("REQUEST_URI", b"/fob/oar%20baz?a=%C3%A9"),
    ] {
        let found = built.iter().find(|(other, _)| other == name).expect(name);
        assert_eq!(found.1, expected, "{name}");
    }
    let root = built.iter().find(|(name, _)| name == "APPL_PHYSICAL_PATH").unwrap();
    assert!(root.1.starts_with(b"/srv/\xe9"), "{root:?}");
    let names: Vec<_> = built.iter().map(|(name, _)| &**name).collect();
    assert!(super::DECODED.iter().all(|name| names.contains(name)));
}

#[test]
fn bodies_and_repeated_headers() {
    let headers: [(&str, &[u8]); 6] = [
        ("content-length", b"12"),
        ("content-type", b"text/plain"),
        ("cookie", b"a=1"),
        ("cookie", b"b=2"),
        ("accept", b"x"),
        ("accept", b"y"),
    ];
    let inputs = inputs(&headers);
    assert_eq!(value(&inputs, "CONTENT_LENGTH"), "12");
    assert_eq!(value(&inputs, "HTTP_CONTENT_TYPE"), "text/plain");
    assert_eq!(value(&inputs, "CONTENT_TYPE"), "text/plain");
    assert_eq!(value(&inputs, "HTTP_COOKIE"), "a=1; b=2");
    assert_eq!(value(&inputs, "HTTP_ACCEPT"), "x, y");
    let chunked: [(&str, &[u8]); 1] = [("transfer-encoding", b"chunked")];
    assert_eq!(value(&self::inputs(&chunked), "CONTENT_LENGTH"), "");
}

#[test]
fn host_names() {
    for (host, name) in [
        ("localhost:8000", "localhost"),
        ("localhost", "localhost"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("", ""),
    ] {
        assert_eq!(host_name(host), name);
    }
}

#[test]
fn a_secure_connection_and_a_user() {
    let secure = Some(Secure { cipher_bits: 128, subject: "CN=localhost" });
    let inputs = Inputs { secure, user: r"CORP\ann", ..inputs(&[]) };
    for (name, expected) in [
        ("HTTPS", "on"),
        ("SERVER_PORT_SECURE", "1"),
        ("HTTPS_KEYSIZE", "128"),
        ("HTTPS_SECRETKEYSIZE", "2048"),
        ("HTTPS_SERVER_ISSUER", "CN=localhost"),
        ("HTTPS_SERVER_SUBJECT", "CN=localhost"),
        ("CERT_SUBJECT", ""),
        ("AUTH_TYPE", "Negotiate"),
        ("AUTH_USER", r"CORP\ann"),
        ("LOGON_USER", r"CORP\ann"),
        ("REMOTE_USER", r"CORP\ann"),
        ("AUTH_PASSWORD", ""),
    ] {
        assert_eq!(value(&inputs, name), expected, "{name}");
    }
}
