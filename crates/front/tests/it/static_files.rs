//! Owns static files as a browser sees them.
//!
//! Does not test ranges one by one: `range` does.

use crate::client::{get, send};
use crate::server::{Server, folder, web_config, write};

fn site() -> Server {
    let folder = folder();
    let root = folder.path();
    let more =
        r#"<staticContent><mimeMap fileExtension=".ini" mimeType="text/plain" /></staticContent>"#;
    write(root, "web.config", web_config(more));
    write(
        root,
        "static/web.config",
        "<configuration><system.webServer><handlers><remove name='App' /></handlers></system.webServer></configuration>",
    );
    for (name, text) in [
        ("static/a.css", "0123456789"),
        ("static/a b é.txt", "odd name"),
        ("static/x.unknown", ""),
        ("static/noext", ""),
        ("app.py", "SECRET"),
        ("site.ini", "SECRET"),
        ("pyproject.toml", "SECRET"),
        ("static/sub/empty.txt", ""),
        ("static/App_Data/x.txt", ""),
    ] {
        write(root, name, text);
    }
    std::os::unix::fs::symlink("/etc/hostname", root.join("static/out.txt")).unwrap();
    std::os::unix::fs::symlink(root.join("static/a.css"), root.join("static/in.css")).unwrap();
    Server::start(folder)
}

#[test]
fn what_is_served_and_what_is_not() {
    let server = site();
    for (path, status, begins) in [
        ("/static/a.css", 200, "0123456789"),
        ("/static/a%20b%20%C3%A9.txt", 200, "odd name"),
        ("/static/sub/empty.txt", 200, ""),
        ("/static/in.css", 200, "0123456789"),
        ("/static/out.txt", 404, "404.0"),
        ("/static/x.unknown", 404, "404.3"),
        ("/static/noext", 404, "404.3"),
        ("/static/missing.css", 404, "404.0"),
        ("/static/", 403, "403.14"),
        ("/static/App_Data/x.txt", 404, "404.8"),
        ("/static/WEB.config", 404, "404.8"),
        ("/app.py", 404, "404.7"),
        ("/site.ini", 404, "404.7"),
        ("/pyproject.toml", 404, "404.7"),
        ("/static/../app.py", 404, "404.7"),
        ("/hello", 200, "hello"),
    ] {
        let reply = get(server.address, path);
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
        assert!(reply.text().starts_with(begins), "{path}: {}", reply.text());
        assert!(!reply.text().contains("SECRET"));
    }
    assert_eq!(
        send(server.address, "POST", "/static/a.css", "Content-Length: 0\r\n", b"").status,
        405
    );
}

#[test]
fn conditions_ranges_and_head() {
    let server = site();
    let whole = get(server.address, "/static/a.css");
    assert_eq!(whole.header("content-type"), Some("text/css"));
    assert_eq!(whole.header("content-length"), Some("10"));
    let modified = whole.header("last-modified").unwrap();
    let ask = |headers: &str| send(server.address, "GET", "/static/a.css", headers, b"");
    let reply = ask(&format!("If-Modified-Since: {modified}\r\n"));
    assert_eq!((reply.status, reply.body.len()), (304, 0));
    let reply = ask("If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n");
    assert_eq!((reply.status, reply.body.len()), (200, 10));
    let reply = ask("Range: bytes=2-4\r\n");
    assert_eq!((reply.status, reply.text().as_str()), (206, "234"));
    assert_eq!(reply.header("content-range"), Some("bytes 2-4/10"));
    let reply = ask("Range: bytes=99-\r\n");
    assert_eq!((reply.status, reply.header("content-range")), (416, Some("bytes */10")));
    let reply = ask(&format!("Range: bytes=2-4\r\nIf-Range: {modified}\r\n"));
    assert_eq!(reply.status, 206);
    let reply = ask("Range: bytes=2-4\r\nIf-Range: Mon, 01 Jan 2001 00:00:00 GMT\r\n");
    assert_eq!((reply.status, reply.body.len()), (200, 10));
    let reply = send(server.address, "HEAD", "/static/a.css", "", b"");
    assert_eq!(
        (reply.status, reply.header("content-length"), reply.body.len()),
        (200, Some("10"), 0)
    );
}

#[test]
fn options_and_trace() {
    let server = site();
    // The application's mapping comes first and takes all verbs; below static it is removed.
    assert_eq!(send(server.address, "OPTIONS", "/hello", "", b"").text(), "hello");
    let reply = send(server.address, "OPTIONS", "/static/x", "", b"");
    assert_eq!(
        (reply.status, reply.header("allow")),
        (200, Some("OPTIONS, TRACE, GET, HEAD, POST"))
    );
    assert_eq!(send(server.address, "TRACE", "/static/x", "", b"").status, 501);
}
