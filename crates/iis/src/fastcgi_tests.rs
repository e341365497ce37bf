//! Owns the tests of `fastcgi`.
//!
//! Does not test what limits do to processes.

use super::{FastCgiApplication, Protocol, StderrMode, find, read};
use crate::document;
use crate::error::Error;
use crate::place::Source;
use crate::script_processor::ScriptProcessor;

fn applications(xml: &str) -> Result<Vec<FastCgiApplication>, Error> {
    let root = document::parse(Source::new("applicationHost.config", xml)).unwrap();
    read(&[&root])
}

#[test]
fn all_attributes() {
    let application = applications(
        r#"<fastCgi><application fullPath="C:\php\php-cgi.exe" arguments="-c &quot;C:\a b&quot;"
        monitorChangesTo="%X%\php.ini" stderrMode="IgnoreAndReturn200" maxInstances="8"
        idleTimeout="1800" activityTimeout="600" requestTimeout="601" instanceMaxRequests="10000"
        signalBeforeTerminateSeconds="30" protocol="Tcp" queueLength="5" flushNamedPipe="true"
        rapidFailsPerMinute="0x0a"><environmentVariables>
        <environmentVariable name="PHPRC" value="%X%" /><environmentVariable name="B" value="" />
        </environmentVariables></application></fastCgi>"#,
    )
    .unwrap()
    .remove(0);
    assert_eq!(application.arguments, r#"-c "C:\a b""#);
    assert_eq!(application.monitor_changes_to, r"%X%\php.ini");
    assert_eq!(application.stderr_mode, StderrMode::IgnoreAndReturn200);
    assert_eq!(application.max_instances, 8);
    assert_eq!(application.idle_timeout_secs, 1800);
    assert_eq!(application.activity_timeout_secs, 600);
    assert_eq!(application.request_timeout_secs, 601);
    assert_eq!(application.instance_max_requests, 10_000);
    assert_eq!(application.signal_before_terminate_secs, 30);
    assert_eq!(application.protocol, Protocol::Tcp);
    assert_eq!(application.queue_length, 5);
    assert!(application.flush_named_pipe);
    assert_eq!(application.rapid_fails_per_minute, 10);
    let variables = [("PHPRC".to_owned(), "%X%".to_owned()), ("B".to_owned(), String::new())];
    assert_eq!(application.environment_variables, variables);
}

#[test]
fn defaults_are_those_of_iis_10() {
    let application = FastCgiApplication::with_defaults(&ScriptProcessor::parse("a|b"));
    assert_eq!((application.full_path.as_str(), application.arguments.as_str()), ("a", "b"));
    assert_eq!(application.stderr_mode, StderrMode::ReturnStdErrIn500);
    assert_eq!(application.max_instances, 0);
    assert_eq!(application.idle_timeout_secs, 300);
    assert_eq!(application.activity_timeout_secs, 70);
    assert_eq!(application.request_timeout_secs, 90);
    assert_eq!(application.instance_max_requests, 200);
    assert_eq!(application.signal_before_terminate_secs, 0);
    assert_eq!(application.protocol, Protocol::NamedPipe);
    assert_eq!(application.queue_length, 1000);
    assert!(!application.flush_named_pipe);
    assert_eq!(application.rapid_fails_per_minute, 10);
    assert_eq!(application.place, None);
}

#[test]
fn defaults_are_those_of_the_version() {
    let application = FastCgiApplication::with_defaults(&ScriptProcessor::parse("a"));
    for (version, max_instances, activity_timeout_secs) in
        [("7.0", 4, 30), ("7.5", 0, 70), ("8.0", 0, 70), ("10.0", 0, 70)]
    {
        let then = application.clone().in_version(version);
        assert_eq!(then.max_instances, max_instances, "{version}");
        assert_eq!(then.activity_timeout_secs, activity_timeout_secs, "{version}");
        let expected =
            FastCgiApplication { max_instances, activity_timeout_secs, ..application.clone() };
        assert_eq!(then, expected, "nothing else differs in {version}");
    }
    let written = applications(
        "<fastCgi><application fullPath='a' maxInstances='0' activityTimeout='70' /></fastCgi>",
    )
    .unwrap()
    .remove(0);
    assert_eq!(written.clone().in_version("7.0"), written, "what is written counts");
}

#[test]
fn ranges_are_checked() {
    for (attribute, expected) in [
        ("maxInstances='10001'", "maxInstances must be a whole number between 0 and 10000: 10001"),
        ("idleTimeout='9'", "idleTimeout must be a whole number between 10 and 2592000: 9"),
        (
            "activityTimeout='-1'",
            "activityTimeout must be a whole number between 10 and 2592000: -1",
        ),
        (
            "requestTimeout='90s'",
            "requestTimeout must be a whole number between 10 and 2592000: 90s",
        ),
        (
            "instanceMaxRequests='0'",
            "instanceMaxRequests must be a whole number between 1 and 10000000: 0",
        ),
        (
            "signalBeforeTerminateSeconds='61'",
            "signalBeforeTerminateSeconds must be a whole number between 0 and 60: 61",
        ),
        ("queueLength='0'", "queueLength must be a whole number between 1 and 100000000: 0"),
        ("protocol='Pipe'", "protocol must be one of NamedPipe, Tcp: Pipe"),
        ("flushNamedPipe='1'", "flushNamedPipe must be true or false: 1"),
    ] {
        let xml = format!("<fastCgi>\n<application fullPath='a' {attribute} /></fastCgi>");
        let message = applications(&xml).unwrap_err().to_string();
        let column = 28 + attribute.find('\'').unwrap();
        let expected = format!("applicationHost.config:2:{column}: {expected}");
        assert_eq!(message.lines().next(), Some(expected.as_str()));
    }
}

#[test]
fn path_and_arguments_are_the_key() {
    let two = applications(
        r#"<fastCgi><application fullPath="C:\p.exe" arguments="a" />
        <application fullPath="C:\p.exe" arguments="A" /></fastCgi>"#,
    )
    .unwrap();
    let found = |text| find(&two, &ScriptProcessor::parse(text)).map(|a| a.arguments.as_str());
    assert_eq!(found(r"c:\P.EXE|a"), Some("a"));
    assert_eq!(found(r"C:\p.exe|A"), Some("A"));
    assert_eq!(found(r"C:\p.exe"), None);
    let twice = "<fastCgi><application fullPath='A'/>\n<application fullPath='a'/></fastCgi>";
    let message = applications(twice).unwrap_err().to_string();
    assert!(
        message.contains(":2:1: duplicate FastCGI application: a (the first is at "),
        "{message}"
    );
}
