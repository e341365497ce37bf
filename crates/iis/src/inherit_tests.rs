//! Owns the tests of `inherit`.
//!
//! Does not test how sections are merged.

use std::path::Path;
use std::sync::Arc;

use super::{FolderDocument, Inheritance, segments};
use crate::document;
use crate::place::Source;

fn names(chain: &Inheritance) -> Vec<String> {
    chain.handlers().unwrap().mappings.into_iter().map(|mapping| mapping.name).collect()
}

fn level(name: &str) -> String {
    format!(
        "<system.webServer><handlers><add name='{name}' path='*' verb='*'/></handlers></system.webServer>"
    )
}

#[test]
fn locations_lie_between_server_and_site() {
    let server = format!(
        "<configuration>{}<location path='Shop'>{}</location><location path='' overrideMode='Allow'>{}</location>\
         <location path='shop/API'>{}</location><location path='Other'>{}</location></configuration>",
        level("server"),
        level("site"),
        level("all"),
        level("api"),
        level("other"),
    );
    let server = Arc::new(document::parse(Source::new("applicationHost.config", server)).unwrap());
    let web = format!(
        "<configuration>{}<location path='.'>{}</location></configuration>",
        level("web"),
        level("here")
    );
    let web = Arc::new(document::parse(Source::new("web.config", web)).unwrap());
    let mut chain = Inheritance::server(&server, "Shop", "/");
    assert_eq!(names(&chain), ["site", "all", "server"]);
    chain.push(&web);
    assert_eq!(names(&chain), ["here", "web", "site", "all", "server"]);
    let chain = Inheritance::server(&server, "Shop", "/api/v1");
    assert_eq!(names(&chain), ["api", "site", "all", "server"]);
}

#[test]
fn the_defaults_read_well() {
    let chain = Inheritance::defaults();
    assert_eq!(names(&chain), ["TRACEVerbHandler", "OPTIONSVerbHandler", "StaticFile"]);
    assert_eq!(chain.handlers().unwrap().access_policy, ["Read", "Script"]);
    assert_eq!(chain.static_content().unwrap().get("a.CSS"), Some("text/css"));
    assert!(chain.request_filtering().unwrap().hides("Web.Config"));
    assert_eq!(chain.fastcgi().unwrap(), []);
}

#[test]
fn real_files_read_well() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config");
    for (name, last) in [
        ("iis10-arr-applicationHost.config", Some("StaticFile")),
        ("iisexpress-applicationhost.config", Some("StaticFile")),
    ] {
        let root = Arc::new(document::load(&fixtures.join(name)).unwrap());
        let chain = Inheritance::server(&root, "Default Web Site", "/");
        assert_eq!(names(&chain).last().map(String::as_str), last, "{name}");
        assert_eq!(chain.static_content().unwrap().get("x.js"), Some("application/javascript"));
        chain.request_filtering().unwrap();
    }
}

fn parsed(name: &str, text: String) -> Arc<document::Element> {
    Arc::new(document::parse(Source::new(name, text)).unwrap())
}

#[test]
fn each_step_down_hears_of_itself_from_above_first() {
    let server = parsed(
        "applicationHost.config",
        format!(
            "<configuration>{}<location path='Shop/a'>{}</location></configuration>",
            level("server"),
            level("server-a")
        ),
    );
    let root = parsed(
        "web.config",
        format!(
            "<configuration>{}<location path='A'>{}</location><location path='a/b.txt'>{}</location>\
             <location path='other'>{}</location></configuration>",
            level("root"),
            level("root-a"),
            level("root-a-b"),
            level("other")
        ),
    );
    let a = parsed("a/web.config", format!("<configuration>{}</configuration>", level("a")));
    let documents =
        [FolderDocument { depth: 0, root }, FolderDocument { depth: 1, root: Arc::clone(&a) }];
    let at = |path: &str, application_depth| {
        let server = Some((&server, "shop"));
        Inheritance::defaults().at(server, &documents, &segments(path), application_depth)
    };
    // Handlers: what was said last comes first.
    let chain = at("/a/b.TXT", 0);
    assert_eq!(names(&chain), ["root-a-b", "a", "root-a", "server-a", "root", "server"]);
    let beside =
        Inheritance::defaults().at(Some((&server, "Shop")), &documents[..1], &segments("/b"), 0);
    assert_eq!(names(&beside), ["root", "server"]);
    assert_eq!(at("/a/c", 0).level_names(), at("/a/d/e", 0).level_names());
    assert_ne!(at("/a/c", 0).level_names(), at("/a/b.txt", 0).level_names());
}

#[test]
fn child_applications_do_not_inherit_everything() {
    let root = parsed(
        "web.config",
        format!(
            "<configuration><location path='.' inheritInChildApplications='false'>{}</location>\
             <location path='app' inheritInChildApplications='false'>{}</location>\
             <location path='app/x'>{}</location>{}</configuration>",
            level("own"),
            level("app"),
            level("x"),
            level("all")
        ),
    );
    let documents = [FolderDocument { depth: 0, root }];
    let at = |path: &str, application_depth| {
        Inheritance::defaults().at(None, &documents, &segments(path), application_depth)
    };
    let own = |chain: &Inheritance| {
        let mut names = names(chain);
        names.truncate(names.len() - 3);
        names
    };
    assert_eq!(own(&at("/app/x", 0)), ["x", "app", "own", "all"], "a folder");
    assert_eq!(own(&at("/app/x", 1)), ["x", "app", "all"], "an application at /app");
    assert_eq!(own(&at("/app/x", 2)), ["x", "all"], "an application at /app/x");
}

#[test]
fn a_redirect_knows_where_it_was_written() {
    let redirect = "<system.webServer><httpRedirect enabled='true' destination='/new' />\
                    </system.webServer>";
    let root = parsed(
        "web.config",
        format!("<configuration><location path='a/b'>{redirect}</location></configuration>"),
    );
    let documents = [FolderDocument { depth: 0, root }];
    let at = |path: &str| {
        let chain = Inheritance::defaults().at(None, &documents, &segments(path), 0);
        chain.http_redirect().unwrap().map(|redirect| redirect.depth)
    };
    assert_eq!((at("/a/b/c"), at("/a/c")), (Some(2), None));
}
