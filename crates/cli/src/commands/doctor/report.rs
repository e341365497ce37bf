//! Owns the bundle for a bug report: findings, versions, configuration and the log's end, without
//! secrets.
//!
//! Does not own what is secret (`gate::recording`, `iis::doctor`).

use super::gather::logs;
use super::gather::{self, Gathered};
use crate::commands::check::form;
use ::iis::Place;
use ::iis::checks::{Finding, RawFile};
use ::iis::doctor::{self, Machine, Masks, Verdict};
use anyhow::Context;
use platform::bounded;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Bytes of a log's end: some hundred lines.
const LOG_BYTES_MAX: u64 = 128 * 1024;

/// How secrets are known here.
const MASKS: Masks =
    Masks { is_secret: gate::recording::is_secret_name, text: gate::recording::masked_text };

const README: &str = "\
What iisgate doctor --report has gathered on a machine. Read it before you send it to anybody.

findings.txt    what it found, and what mends it; findings.json for programs
machine.txt     versions, interpreter, rights, ports, services
config/         configuration files: settings that iisgate knows; each element on its own line
logs/           the end of the site's log

Masked: values of variables and settings whose names are not known to be harmless, passwords, tokens,
keys, users and passwords in URLs. Not masked: paths, names of people, sites and machines.
";

/// Writes the bundle.
pub(super) fn write(file: &Path, gathered: &Gathered, findings: &[Finding]) -> anyhow::Result<()> {
    let bytes = bundle(gathered, findings)?;
    std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

fn bundle(gathered: &Gathered, findings: &[Finding]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries(gathered, findings) {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The files of the bundle, by name.
fn entries(gathered: &Gathered, findings: &[Finding]) -> Vec<(String, String)> {
    let machine = &gathered.machine;
    let mut secrets = machine.secrets(&MASKS);
    // What the console that this was called in knows may stand in a log.
    let own = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_string_lossy();
        // A shell's word for the folder that one is in.
        let is_folder = ["PWD", "OLDPWD"].contains(&&*name);
        (!is_folder && (MASKS.is_secret)(&name)).then(|| value.to_string_lossy().into_owned())
    });
    secrets.extend(own);
    let clean = |text: &str| MASKS.clean(text, &secrets);
    let findings: Vec<Finding> = findings.iter().map(|it| cleaned(it, &clean)).collect();
    let mut text = form::plain_text(&findings);
    let _ = writeln!(text, "{}", form::summary(&findings));
    let left_out = gather::left_out(gathered);
    if !left_out.is_empty() {
        let _ = writeln!(text, "left out: {}", clean(&left_out));
    }
    let mut entries = vec![
        ("README.txt".to_owned(), README.to_owned()),
        ("findings.txt".to_owned(), text),
        ("findings.json".to_owned(), form::json(&findings)),
        ("machine.txt".to_owned(), clean(&told(machine))),
    ];
    let files = &machine.files;
    for (name, file) in [
        ("web.config", &files.web_config),
        ("applicationHost.config", &files.server),
        ("pyproject.toml", &files.pyproject),
    ] {
        if let Some(file) = file {
            entries.push((format!("config/{name}"), configuration(name, file, &secrets)));
        }
    }
    for (number, log) in gate::log_places(&files.folder).iter().enumerate() {
        if let Some(text) = logs::end(log, LOG_BYTES_MAX) {
            let text = format!("{}\n\n{}", log.display(), text);
            entries.push((format!("logs/{number}.log"), clean(&text)));
        }
    }
    entries
}

/// A finding without the line that it stands in.
fn cleaned(finding: &Finding, clean: &impl Fn(&str) -> String) -> Finding {
    let place = finding.place.clone().map(|place| Place { shown: String::new(), ..place });
    let message = clean(&finding.message);
    Finding { message, hint: clean(&finding.hint), place, edit: None, ..finding.clone() }
}

fn configuration(name: &str, file: &RawFile, secrets: &[String]) -> String {
    let redacted = match name {
        "pyproject.toml" => doctor::project(&file.path, &file.bytes, &MASKS),
        _ => doctor::configuration(&file.path, &file.bytes, &MASKS),
    };
    match redacted {
        // Each text in it is masked; a secret of one file may stand in another.
        Some((text, _)) => doctor::without_all(&text, secrets),
        None => {
            let bytes = file.bytes.len();
            format!(
                "left out: it cannot be read, so nobody knows where its secrets are ({bytes} bytes)\n"
            )
        }
    }
}

/// The machine's facts as a text.
fn told(machine: &Machine) -> String {
    let mut out = format!("iisgate {}\n{}\n\n", machine.versions.own, system());
    for (word, text) in super::facts(machine) {
        let _ = writeln!(out, "{word}: {text}");
    }
    for (path, version) in &machine.versions.gates {
        let version = version.as_deref().unwrap_or("it does not say");
        let _ = writeln!(out, "gate: {} ({version})", path.display());
    }
    for service in &machine.services {
        let _ = writeln!(out, "service: {} {}", service.name, service.state.unwrap_or("not there"));
    }
    for right in &machine.rights {
        let verdict = match &right.verdict {
            Verdict::Granted => "granted".to_owned(),
            Verdict::Refused(at) => format!("refused by {}", at.display()),
            Verdict::Unknown(why) => format!("unknown: {why}"),
        };
        let verb = if right.is_written { "write" } else { "read" };
        let _ = writeln!(out, "may {verb} {}: {verdict}", right.path.display());
    }
    for python in &machine.registered {
        let is_there = if python.is_there { "" } else { " (not there)" };
        let (company, tag) = (&python.company, &python.tag);
        let program = python.program.display();
        let _ = writeln!(out, "registered: {company}\\{tag} {program}{is_there}");
    }
    for port in &machine.ports {
        let holder = port.holder.as_deref().unwrap_or("nobody");
        let _ = writeln!(out, "port {}: {holder}", port.number);
    }
    for mount in &machine.mounts {
        let _ = writeln!(out, "room for {}: {} MiB", mount.what, mount.free >> 20);
    }
    out
}

fn system() -> String {
    let kind = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let version = if cfg!(windows) { windows_version() } else { release() };
    format!("{kind} {version}").trim_end().to_owned()
}

fn release() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or_default().trim_matches('"').to_owned()
}

fn windows_version() -> String {
    let mut program = std::process::Command::new("cmd");
    program.args(["/c", "ver"]);
    let said = bounded::run(program, std::time::Duration::from_secs(5));
    said.map(|said| said.output().trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::iis::checks;
    use std::io::Read as _;

    /// A site in whose files a secret stands wherever one may.
    fn machine(folder: &Path) -> Machine {
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write(
            "web.config",
            r#"<configuration><!-- planted-01 -->
<appSettings><add key="WSGI_HANDLER" value="app.app" /><add key="Dsn" value="planted-02" />
<add key="url" value="pg://shop:planted-03@host/db" /></appSettings>
<connectionStrings><add name="a" connectionString="Server=x;Password=planted-04" /></connectionStrings>
<system.web><machineKey validationKey="planted-05" /></system.web>
<company licence="planted-06">planted-07</company>
<system.webServer><handlers><add name="a" path="*" verb="*" modules="FastCgiModule"
 scriptProcessor="C:\iisgate.exe|fcgi app:app --log http://shop:planted-08@host/" /></handlers>
<httpProtocol><customHeaders><add name="X-Upstream" value="planted-09" /></customHeaders></httpProtocol>
<aspNetCore processPath="x"><environmentVariables><environmentVariable name="Plain" value="planted-10" />
</environmentVariables></aspNetCore></system.webServer></configuration>"#,
        );
        write(
            "server/applicationHost.config",
            r#"<configuration><system.applicationHost><applicationPools><add name="P">
<processModel identityType="SpecificUser" userName="D\u" password="planted-11" /></add></applicationPools>
<sites><site name="S" id="1"><application path="/" applicationPool="P">
<virtualDirectory path="/" physicalPath="C:\x" userName="u" password="[enc:P:planted-12:enc]" /></application>
<bindings><binding protocol="http" bindingInformation="*:80:" /></bindings></site></sites>
</system.applicationHost><system.webServer><fastCgi><application fullPath="C:\iisgate.exe"
 arguments="fcgi app:app --password planted-13"><environmentVariables>
<environmentVariable name="ANY" value="planted-14" /></environmentVariables></application></fastCgi>
</system.webServer></configuration>"#,
        );
        write(
            "pyproject.toml",
            "[project]\nname='planted-15'\n[tool.iisgate]\n# planted-16\ntarget='app:app'\n\
             [tool.iisgate.env]\nANY='planted-17'\n[tool.iisgate.helpers.a]\n\
             command='a --broker redis://u:planted-18@h --token planted-19'\n",
        );
        write(
            "logs/iisgate.log",
            "2026-11-22T20:00:00.000Z ERROR 7 - IG050: login planted-02 failed\n\
             SECRET_KEY = 'planted-20'\nAuthorization: Bearer planted-21\n\
             connect redis://:planted-22@cache/0\n{\"password\": \"planted-23\"}\n\
             -----BEGIN PRIVATE KEY-----\nplanted-24\n-----END PRIVATE KEY-----\nlast line\n",
        );
        let server = folder.join("server/applicationHost.config");
        Machine {
            files: checks::load(folder, Some(&server), None).expect("read"),
            ..Machine::default()
        }
    }

    #[test]
    fn no_secret_that_was_planted_is_in_the_bundle() {
        let folder = tempfile::tempdir().expect("a folder");
        let machine = machine(folder.path());
        let mut findings = super::super::findings(&machine);
        assert!(findings.iter().any(|it| it.code == "password-in-server-config"));
        // Even a rule that should tell one does not.
        findings[0].message.push_str(": planted-14");
        let more_left_out = vec!["planted-10".to_owned()];
        let bytes = bundle(&Gathered { machine, more_left_out }, &findings).expect("made");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        let mut all = String::new();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).expect("there");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("text");
            assert!(!text.contains("planted"), "{at}:\n{text}");
            all.push_str(&text);
        }
        for told in
            ["app.app", "C:\\iisgate.exe", "physicalPath", "target = ", "last line", "IG050"]
        {
            assert!(all.contains(told), "{told}:\n{all}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let file = RawFile { path: "web.config".into(), bytes: b"<a password='x".to_vec() };
        assert!(configuration("web.config", &file, &[]).starts_with("left out: "));
    }
}
