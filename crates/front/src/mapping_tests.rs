//! Owns the tests of `mapping`, with `site` beneath it: real folders, no processes.
//!
//! Does not test patterns one by one: `pattern` does.

use std::path::Path;

use super::{NotMapped, choose};
use crate::settings::SiteSource;
use crate::site::ServedSite;

const PYTHON: &str =
    r#"<add name="Python" path="*" verb="*" modules="FastCgiModule" scriptProcessor="x" />"#;

fn web_config(handlers: &str) -> String {
    format!("<configuration><system.webServer>{handlers}</system.webServer></configuration>")
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Handler name, script, path info; or the status.
fn chosen(site: &ServedSite, method: &str, path: &str) -> Result<(String, String, String), String> {
    let located = site.locate(path).unwrap();
    let folder = site.folder(path).unwrap();
    match choose(&folder, located, method) {
        Ok(chosen) => {
            let script = path.strip_suffix(&chosen.path_info).unwrap().to_owned();
            Ok((chosen.mapping.name.clone(), script, chosen.path_info))
        }
        Err(NotMapped { status, sub_status, .. }) => Err(format!("{status}.{sub_status}")),
    }
}

#[test]
fn handlers_by_order() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let handlers = format!(
        r#"<handlers><add name="Files" path="*" verb="GET,HEAD" modules="StaticFileModule" resourceType="File" requireAccess="Read" />
        <add name="Posts" path="posts/*" verb="POST" modules="FastCgiModule" scriptProcessor="y" />{PYTHON}</handlers>"#
    );
    write(root, "web.config", &web_config(&handlers));
    write(root, "logo.png", "");
    let removed = "<handlers><remove name='Python' /><remove name='Files' /></handlers>";
    write(root, "static/web.config", &web_config(removed));
    write(root, "static/css/site.css", "");
    let site = ServedSite::load(&SiteSource::Directory(root.to_owned())).unwrap();
    for (method, path, expected) in [
        ("GET", "/logo.png", Ok(("Files", "/logo.png", ""))),
        ("POST", "/logo.png", Ok(("Python", "/logo.png", ""))),
        ("GET", "/", Ok(("Python", "/", ""))),
        ("GET", "/a/b", Ok(("Python", "/a/b", ""))),
        ("POST", "/posts/1", Ok(("Posts", "/posts/1", ""))),
        ("GET", "/static/css/site.css", Ok(("StaticFile", "/static/css/site.css", ""))),
        ("GET", "/static/css/no.css", Err("404.0")),
    ] {
        let found = chosen(&site, method, path);
        let found = found.as_ref().map(|(n, s, p)| (n.as_str(), s.as_str(), p.as_str()));
        assert_eq!(found.map_err(String::as_str), expected, "{method} {path}");
    }
}

#[test]
fn scripts_and_path_info() {
    let folder = tempfile::tempdir().unwrap();
    let handlers = r#"<handlers><clear /><add name="CGI" path="*.php" verb="GET" modules="FastCgiModule"
        scriptProcessor="x" resourceType="File" /></handlers>"#;
    write(folder.path(), "web.config", &web_config(handlers));
    write(folder.path(), "sub/index.php", "");
    let site = ServedSite::load(&SiteSource::Directory(folder.path().to_owned())).unwrap();
    let found = chosen(&site, "GET", "/sub/index.php/a/b").unwrap();
    assert_eq!((found.1.as_str(), found.2.as_str()), ("/sub/index.php", "/a/b"));
    assert_eq!(chosen(&site, "GET", "/no.php").unwrap_err(), "404.0");
    assert_eq!(chosen(&site, "GET", "/x.html").unwrap_err(), "404.4");
    assert_eq!(chosen(&site, "PUT", "/sub/index.php").unwrap_err(), "405.0");
}

#[test]
fn access_policy() {
    let folder = tempfile::tempdir().unwrap();
    let handlers = format!("<handlers accessPolicy='Read'>{PYTHON}</handlers>");
    write(folder.path(), "web.config", &web_config(&handlers));
    let site = ServedSite::load(&SiteSource::Directory(folder.path().to_owned())).unwrap();
    assert_eq!(chosen(&site, "GET", "/").unwrap_err(), "403.1");
}

#[test]
fn applications_and_virtual_directories() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "main/web.config", &web_config(&format!("<handlers>{PYTHON}</handlers>")));
    write(
        root,
        "api/web.config",
        &web_config(&format!(
            "<handlers><remove name='Python'/>{}</handlers>",
            PYTHON.replace("Python", "Api")
        )),
    );
    write(root, "media/a.png", "");
    let host = format!(
        r#"<configuration><system.applicationHost><sites><site name="Shop" id="3">
        <application path="/"><virtualDirectory path="/" physicalPath="{0}/main" />
        <virtualDirectory path="/media" physicalPath="{0}/media" /></application>
        <application path="/api" applicationPool="Api"><virtualDirectory path="/" physicalPath="{0}/api" /></application>
        <bindings><binding protocol="http" bindingInformation="*:8081:" /></bindings>
        </site></sites></system.applicationHost></configuration>"#,
        root.display()
    );
    write(root, "applicationHost.config", &host);
    let source = |site: Option<&str>| SiteSource::ApplicationHost {
        file: root.join("applicationHost.config"),
        site: site.map(str::to_owned),
    };
    let site = ServedSite::load(&source(Some("shop"))).unwrap();
    assert_eq!(site.binding, Some(("127.0.0.1".to_owned(), 8081)));
    for (path, application, rest, handler) in [
        ("/media/a.png", "/", "a.png", "Python"),
        ("/API/x", "/api", "x", "Api"),
        ("/apix", "/", "apix", "Python"),
    ] {
        let located = site.locate(path).unwrap();
        assert_eq!((located.application.path.as_str(), located.rest), (application, rest));
        assert_eq!(chosen(&site, "GET", path).unwrap().0, handler, "{path}");
    }
    let message = ServedSite::load(&source(Some("x"))).unwrap_err().to_string();
    assert!(message.ends_with("has no site: x (it has Shop)"), "{message}");
}
