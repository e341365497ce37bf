//! Owns requests that fail: what the client gets, and that the next request is served.
//!
//! Does not test the protocol core's own complaints.

use crate::client::{get, post, send};
use crate::server::{Meeting, Server, folder, with_attributes};

#[test]
fn failures_before_the_head_are_pages() {
    let server = Server::start(folder());
    for (path, status, expected) in [
        ("/exit", 500, "500.0 – The FastCGI process exited unexpectedly"),
        ("/no-head", 500, "500.0 – The FastCGI process sent no valid response"),
        ("/bad-head", 500, "response head, line 1: no colon: what is this"),
        ("/garbage", 500, "version is not 1"),
        ("/stderr", 500, "Traceback <first>\n  second"),
    ] {
        let reply = get(server.address, path);
        assert_eq!((reply.status, reply.is_truncated), (status, false), "{path}");
        assert!(reply.text().contains(expected), "{path}: {}", reply.text());
        assert_eq!(get(server.address, "/hello").text(), "hello", "after {path}");
    }
    let reply = get(server.address, "/exit");
    assert!(reply.text().contains("exit status: 3"), "{}", reply.text());
    let html = send(server.address, "GET", "/exit", "Accept: text/html\r\n", b"");
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(html.text().starts_with("<!doctype html>"));
}

#[test]
fn failures_after_the_head_break_the_connection() {
    let mut server = Server::start(folder());
    let reply = get(server.address, "/half");
    assert_eq!((reply.status, reply.is_truncated), (200, true));
    let meeting = Meeting::new();
    let path = format!("/fails-late?{}", meeting.address());
    let mut stream = crate::client::begin(server.address, "GET", &path, "");
    let held = meeting.next();
    let mut start = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut start).unwrap();
    drop(held);
    let reply = crate::client::read(&mut stream, "GET");
    assert!(reply.is_truncated, "{reply:?}");
    assert_eq!(get(server.address, "/hello").text(), "hello");
    server.stop();
    let accesses = server.accesses.lock().unwrap();
    let complete: Vec<_> = accesses.iter().map(|access| access.is_complete).collect();
    assert_eq!(complete, [false, false, true]);
}

#[test]
fn stderr_modes() {
    for (mode, status, body) in [
        ("ReturnStdErrIn500", 500, "Traceback"),
        ("ReturnGeneric500", 500, "The FastCGI process reported an error"),
        ("TerminateProcess", 500, "The FastCGI process reported an error"),
        ("IgnoreAndReturn200", 500, ""),
    ] {
        let (folder, settings) =
            with_attributes(&format!("maxInstances=\"1\" stderrMode=\"{mode}\""));
        let server = Server::with(folder, settings);
        let reply = get(server.address, "/stderr");
        assert_eq!(reply.status, status, "{mode}");
        assert!(reply.text().contains(body), "{mode}: {}", reply.text());
        assert_eq!(reply.text().contains("Traceback"), mode == "ReturnStdErrIn500");
        let oops = reply.reason == "Oops";
        assert_eq!(oops, mode == "IgnoreAndReturn200", "the application's own head is passed on");
        let requests = if mode == "TerminateProcess" { " 1" } else { " 2" };
        assert!(get(server.address, "/pid").text().ends_with(requests), "{mode}");
    }
}

#[test]
fn programs_that_cannot_be_started() {
    let folder = folder();
    let config = |script_processor: &str| {
        format!(
            "<configuration><system.webServer><handlers><add name='A' path='*' verb='*' \
             modules='FastCgiModule' scriptProcessor='{script_processor}' /></handlers></system.webServer></configuration>"
        )
    };
    let missing = config(r"C:\php\php-cgi.exe|-c x");
    crate::server::write(folder.path(), "web.config", &missing);
    let not_executable = config(&folder.path().join("text").display().to_string());
    crate::server::write(folder.path(), "text", "no program");
    crate::server::write(
        folder.path(),
        "sub/web.config",
        not_executable.replace("<add", "<clear /><add"),
    );
    crate::server::write(folder.path(), "broken/web.config", "<configuration>\n<oops");
    let server = Server::start(folder);
    for (path, expected) in [
        ("/", r"There is no such file on this machine: C:\php\php-cgi.exe"),
        ("/sub/x", "cannot start "),
        ("/broken/x", "broken/web.config:2:1: not well-formed XML"),
    ] {
        let reply = post(server.address, path, b"x");
        assert_eq!(reply.status, 500);
        assert!(reply.text().contains(expected), "{}", reply.text());
    }
}

#[test]
fn scripts_that_no_application_knows() {
    let (folder, settings) = with_attributes("");
    let text = std::fs::read_to_string(folder.path().join("web.config")).unwrap();
    crate::server::write(folder.path(), "web.config", text.replace(" --quiet", " --quiet  "));
    let server = Server::with(folder, settings);
    let reply = get(server.address, "/hello");
    assert_eq!(reply.status, 500);
    let title =
        "<handler> scriptProcessor could not be found in <fastCGI> application configuration";
    assert!(reply.text().contains(title), "{}", reply.text());
}

#[test]
fn paths_that_lead_nowhere() {
    let server = Server::start(folder());
    assert_eq!(get(server.address, "/%2e%2e/etc/passwd").status, 400);
    assert_eq!(get(server.address, "/a/%00").status, 400);
    let reply = get(server.address, "/bin/x");
    assert_eq!(reply.status, 404);
    assert!(reply.text().starts_with("404.8"), "{}", reply.text());
}
