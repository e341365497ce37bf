//! Owns the tests of `project_helpers`.
//!
//! Does not test TOML.

use super::{Preset, Restart, Start};
use crate::error::Error;
use crate::place::Source;
use crate::project::{Project, parse};

fn project(text: &str) -> Result<Project, Error> {
    parse(&Source::new("pyproject.toml", text)).map(Option::unwrap_or_default)
}

#[test]
fn helpers_keep_their_order() {
    let text = r#"
[tool.iisgate.helpers.zeo]
preset = "zeo"
config = "etc/zeo.conf"

[tool.iisgate.helpers.queue]
command = ["celery", "-A", "shop", "worker"]
working-directory = "jobs"
env = { A = "1" }
ready-port = 5555
ready-file = "run/ready"
ready-line = "celery@host ready."
ready-timeout = 5
stop-command = ["{python}", "stop.py"]
stop-signal = "INT"
stop-timeout = 0x20
restart = "on-failure"
stale-files = ["*.pid"]

[tool.iisgate.helpers.database]
start = "service"
service = "postgresql-x64-17"
depends = ["queue", "LanmanServer"]
ready-port = "db.example.com:5432"
"#;
    let helpers = project(text).expect("well written").helpers;
    let names: Vec<_> = helpers.iter().map(|helper| helper.name.as_str()).collect();
    assert_eq!(names, ["zeo", "queue", "database"]);
    let [zeo, queue, database] = &helpers[..] else { panic!("three") };
    assert_eq!((zeo.preset, zeo.config.as_deref()), (Some(Preset::Zeo), Some("etc/zeo.conf")));
    assert_eq!((zeo.place.line, zeo.restart), (2, Restart::Always));
    assert_eq!(queue.command, ["celery", "-A", "shop", "worker"]);
    assert_eq!(queue.env, [("A".to_owned(), "1".to_owned())].into());
    assert_eq!(queue.ready_port.as_deref(), Some("127.0.0.1:5555"));
    assert_eq!((queue.ready_timeout_secs, queue.stop_timeout_secs), (Some(5), Some(32)));
    assert_eq!(queue.stop_command, ["{python}", "stop.py"]);
    assert_eq!((queue.stop_signal.as_deref(), queue.restart), (Some("INT"), Restart::OnFailure));
    assert_eq!(queue.stale_files, ["*.pid"]);
    assert_eq!(database.start, Start::Service);
    assert_eq!(database.service.as_deref(), Some("postgresql-x64-17"));
    assert_eq!(database.depends, ["queue", "LanmanServer"]);
    assert_eq!(database.ready_port.as_deref(), Some("db.example.com:5432"));
}

#[test]
fn faults_have_a_place() {
    for (line, expected) in [
        (
            "comand = ['a']",
            "2:1: unknown key in [tool.iisgate.helpers.a]: comand (did you mean command?)",
        ),
        (
            "command = 'a b'",
            "2:11: helpers.a.command must be a list of strings, not of type: string",
        ),
        (
            "command = ['a', 1]",
            "2:17: helpers.a.command must be a list of strings, not of type: integer",
        ),
        ("preset = 'zope'", "2:10: helpers.a.preset must be one of zeo: zope"),
        ("start = 'later'", "2:9: helpers.a.start must be one of with-app, service: later"),
        (
            "service = 'a/b'",
            "2:11: helpers.a.service must be the name of a service: '/' may not be in it: a/b",
        ),
        ("restart = 'no'", "2:11: helpers.a.restart must be one of always, on-failure, never: no"),
        (
            "stop-signal = 'SIGTERM'",
            "2:15: helpers.a.stop-signal must be one of TERM, INT, QUIT, HUP, USR1, USR2, KILL: SIGTERM",
        ),
        ("ready-port = 0", "2:14: helpers.a.ready-port must be HOST:PORT: 127.0.0.1:0"),
        ("ready-port = '80'", "2:14: helpers.a.ready-port must be HOST:PORT: 80"),
        ("ready-port = true", "2:14: helpers.a.ready-port must be a string, not of type: boolean"),
        ("ready-timeout = 0", "2:17: helpers.a.ready-timeout must be between 1 and 3600: 0"),
        ("env = { A = 1 }", "2:13: helpers.a.env must be a table of strings, not of type: integer"),
        (
            "ready-port = 80",
            "1:23: helpers.a needs a command, as in command = [\"{python}\", \"-m\", \"MODULE\"]",
        ),
    ] {
        let message =
            project(&format!("[tool.iisgate.helpers.a]\n{line}\n")).unwrap_err().to_string();
        assert_eq!(message.lines().next(), Some(format!("pyproject.toml:{expected}").as_str()));
    }
    let message = project("[tool.iisgate.helpers.'a b']\n").unwrap_err().to_string();
    assert!(message.contains("a helper's name has letters"), "{message}");
    let message = project("[tool.iisgate]\nhelpers.a = 1\n").unwrap_err().to_string();
    assert!(message.contains("helpers must be a table of tables"), "{message}");
}
