//! Owns the tests of `project`.
//!
//! Does not test TOML.

use super::{KEYS, Project, parse};
use crate::error::Error;
use crate::place::Source;
use crate::project_code_page::CodePage;

fn project(text: &str) -> Result<Option<Project>, Error> {
    parse(&Source::new("pyproject.toml", text))
}

#[test]
fn all_keys() {
    let text = r#"
[project]
name = "shop"

[tool.iisgate]
target = "shop.wsgi:app"
python = ".venv"
threads = 16
workers = 0x2
log = "logs"
debug = true
script-name = "/shop"
working-directory = "."
ansi-code-page = 1252
timeout = 60
max-requests = 10_000
max-memory = 512
max-age = 86400
warm-up = ["/", "/login"]
reload = true
reload-include = ["*.py", "templates/**"]
reload-exclude = ["tests/**"]
env = { A = "1" }

[tool.iisgate.env.B]
"#;
    assert!(project(text).is_err(), "an inline table cannot be extended");
    let text = text.replace(
        "env = { A = \"1\" }\n\n[tool.iisgate.env.B]",
        "[tool.iisgate.env]\nA = \"1\"\nB.C = \"x\"",
    );
    let message = project(&text).unwrap_err().to_string();
    assert!(
        message.starts_with("pyproject.toml:25:1: env.B must be a string, not of type: table"),
        "{message}"
    );
    let project = project(&text.replace("B.C", "\"B.C\"")).unwrap().unwrap();
    assert_eq!(
        project,
        Project {
            target: Some("shop.wsgi:app".to_owned()),
            python: Some(".venv".to_owned()),
            threads: Some(16),
            workers: Some(2),
            log: Some("logs".to_owned()),
            log_format: None,
            debug: Some(true),
            script_name: Some("/shop".to_owned()),
            working_directory: Some(".".to_owned()),
            ansi_code_page: CodePage::numbered(1252),
            timeout_secs: Some(60),
            max_requests: Some(10_000),
            max_memory_mib: Some(512),
            max_age_secs: Some(86_400),
            warm_up: vec!["/".to_owned(), "/login".to_owned()],
            reload: Some(true),
            reload_include: Some(vec!["*.py".to_owned(), "templates/**".to_owned()]),
            reload_exclude: vec!["tests/**".to_owned()],
            env: [("A", "1"), ("B.C", "x")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            helpers: Vec::new(),
        }
    );
}

#[test]
fn nothing_for_us() {
    for text in ["", "[tool]", "[tool.ruff]\nx = 1", "tool = 1"] {
        assert_eq!(project(text).unwrap(), None, "{text}");
    }
    assert_eq!(project("[tool.iisgate]").unwrap(), Some(Project::default()));
}

#[test]
fn faults_have_a_place() {
    for (line, expected) in [
        ("treads = 4", "2:1: unknown key in [tool.iisgate]: treads (did you mean threads?)"),
        (
            "script_name = '/a'",
            "2:1: unknown key in [tool.iisgate]: script_name (did you mean script-name?)",
        ),
        (
            "colour = 'red'",
            "2:1: unknown key in [tool.iisgate]: colour (known are target, python, threads, workers, log, log-format, debug, script-name, working-directory, ansi-code-page, timeout, max-requests, max-memory, max-age, warm-up, reload, reload-include, reload-exclude, env, helpers, package, feed)",
        ),
        ("threads = '4'", "2:11: threads must be a whole number, not of type: string"),
        ("threads = 0", "2:11: threads must be between 1 and 1024: 0"),
        ("workers = 99999999999", "2:11: workers must be between 1 and 1024: 99999999999"),
        (
            "working_directory = '.'",
            "2:1: unknown key in [tool.iisgate]: working_directory (did you mean working-directory?)",
        ),
        (
            "working-directory = true",
            "2:21: working-directory must be a string, not of type: boolean",
        ),
        (
            "ansi-code-page = 1234",
            "2:18: ansi-code-page must be one of 874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 65001: 1234",
        ),
        (
            "ansi-code-page = -1",
            "2:18: ansi-code-page must be one of 874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 65001: -1",
        ),
        (
            "ansi-code-page = '1252'",
            "2:18: ansi-code-page must be a whole number, not of type: string",
        ),
        ("timeout = 0", "2:11: timeout must be between 1 and 4294967295: 0"),
        ("timeout = 1.5", "2:11: timeout must be a whole number, not of type: float"),
        ("warm-up = '/'", "2:11: warm-up must be a list of strings, not of type: string"),
        (
            "warm-up = ['/', 3]",
            "2:17: warm-up must be a list of paths that begin with a slash, not of type: integer",
        ),
        (
            "warm-up = ['login']",
            "2:12: warm-up must be a list of paths that begin with a slash: login",
        ),
        ("reload = 1", "2:10: reload must be true or false, not of type: integer"),
        ("target = 3", "2:10: target must be a string, not of type: integer"),
        ("debug = 'yes'", "2:9: debug must be true or false, not of type: string"),
        ("env = 'A=1'", "2:7: env must be a table of strings, not of type: string"),
    ] {
        let message = project(&format!("[tool.iisgate]\n{line}\n")).unwrap_err().to_string();
        assert_eq!(message.lines().next(), Some(format!("pyproject.toml:{expected}").as_str()));
    }
    let message = project("[tool.iisgate]\ntarget = \n").unwrap_err().to_string();
    assert!(message.starts_with("pyproject.toml:2:10: not valid TOML: "), "{message}");
}

#[test]
fn keys_are_told_once() {
    for key in KEYS {
        let text = format!("[tool.iisgate]\n{} = 1979-05-27\n", key.name);
        let message = project(&text).unwrap_err().to_string();
        assert!(message.contains(&format!("{} must be {}", key.name, key.value)), "{message}");
    }
}
