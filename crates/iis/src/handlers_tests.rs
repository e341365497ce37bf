//! Owns the tests of `handlers`.
//!
//! Does not test merging in general: `collection` does.

use super::{HandlerMapping, Handlers, RequireAccess, ResourceType, read};
use crate::document;
use crate::error::Error;
use crate::place::Source;

fn handlers(levels: &[&str]) -> Result<Handlers, Error> {
    let parse = |xml: &&str| document::parse(Source::new("web.config", *xml)).unwrap();
    let levels: Vec<_> = levels.iter().map(parse).collect();
    read(&levels.iter().collect::<Vec<_>>())
}

fn one(attributes: &str) -> Result<HandlerMapping, Error> {
    Ok(handlers(&[&format!("<handlers><add {attributes} /></handlers>")])?.mappings.remove(0))
}

#[test]
fn all_attributes() {
    let mapping = one(r#"name="P Y" path="*.py, *.pyw" verb="GET,HEAD" modules="FastCgiModule"
        scriptProcessor="C:\p.exe|&quot;a b.py&quot;" resourceType="either" requireAccess="Execute"
        allowPathInfo="true" preCondition="bitness64" responseBufferLimit="0""#)
    .unwrap();
    assert_eq!(mapping.name, "P Y");
    assert_eq!(mapping.path_patterns, ["*.py", "*.pyw"]);
    assert_eq!(mapping.verbs, ["GET", "HEAD"]);
    assert_eq!(mapping.script_processor.unwrap().arguments, "\"a b.py\"");
    assert_eq!(mapping.resource_type, ResourceType::Either);
    assert_eq!(mapping.require_access, RequireAccess::Execute);
    assert!(mapping.allow_path_info);
    assert_eq!(mapping.response_buffer_limit_bytes, 0);
}

#[test]
fn defaults_come_from_the_table() {
    let mapping = one(r#"name="a" path="*" verb="*""#).unwrap();
    assert_eq!(mapping.modules, ["ManagedPipelineHandler"]);
    assert_eq!(mapping.script_processor, None);
    assert_eq!(mapping.resource_type, ResourceType::Unspecified);
    assert_eq!(mapping.require_access, RequireAccess::Script);
    assert_eq!(mapping.response_buffer_limit_bytes, 4_194_304);
}

#[test]
fn faults_have_a_place() {
    for (attributes, expected) in [
        (r#"name="a" verb="*""#, "web.config:1:11: <add> needs the attribute: path"),
        (
            r#"name="a" path="*" verb="*" resourceType="Files""#,
            "web.config:1:57: resourceType must be one of File, Directory, Either, Unspecified: Files",
        ),
        (
            r#"name="a" path="*" verb="*" allowPathInfo="yes""#,
            "web.config:1:58: allowPathInfo must be true or false: yes",
        ),
        (r#"name="" path="*" verb="*""#, "web.config:1:22: name must not be empty"),
    ] {
        let message = one(attributes).unwrap_err().to_string();
        assert_eq!(message.lines().next(), Some(expected));
    }
}

#[test]
fn a_sites_handlers_come_first() {
    let handlers = handlers(&[
        r#"<handlers accessPolicy="Read, Script"><add name="StaticFile" path="*" verb="*"/></handlers>"#,
        r#"<handlers><add name="Python" path="*" verb="*"/></handlers>"#,
        r#"<handlers accessPolicy="read"><remove name="Python"/></handlers>"#,
    ])
    .unwrap();
    let names: Vec<_> = handlers.mappings.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["StaticFile"]);
    assert_eq!(handlers.access_policy, ["Read"]);
}
