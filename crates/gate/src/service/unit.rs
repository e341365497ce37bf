//! Owns the unit file that makes systemd run a helper, where there are no Windows services.
//!
//! Does not install it.

use super::plan::{Wishes, recipe};
use super::subject::Subject;
use super::trouble::Trouble;
use crate::helpers::Recipe;
use crate::interpreter;
use crate::settings::Settings;
use iis::project_helpers::Restart;
use std::fmt::Write;

/// Pause before systemd starts it again: it has no growing ones before version 254.
const RESTART_SECS: u32 = 5;

/// The unit file of a helper.
///
/// # Errors
/// When the helper has no command, or no Python is found for it.
pub fn unit(subject: &Subject, wishes: &Wishes) -> Result<String, Trouble> {
    let settings = Settings { python: wishes.python.clone(), ..Settings::default() };
    let python = interpreter::find(&settings, &subject.files.project, &subject.site)?.python;
    let recipe = recipe(subject, &python)?;
    Ok(write(subject, &recipe, wishes.account.as_deref()))
}

fn write(subject: &Subject, recipe: &Recipe, account: Option<&str>) -> String {
    let Subject { site, service, helper, .. } = subject;
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!("# {service}.service, made by iisgate for the helper {}.", helper.name));
    line("[Unit]".into());
    line(format!("Description={} of {}", helper.name, plain(&site.to_string_lossy())));
    let depends = subject.depends();
    let units: Vec<_> = depends.iter().map(|name| format!("{}.service", plain(name))).collect();
    line(format!("After=network.target {}", units.join(" ")).trim_end().into());
    if !units.is_empty() {
        line(format!("Requires={}", units.join(" ")));
    }
    line("\n[Service]".into());
    match account {
        Some(account) => line(format!("User={account}")),
        None => line(
            "# Without a user it runs as root: name who may write where it writes.\n#User=".into(),
        ),
    }
    let folder = plain(&recipe.working_directory.to_string_lossy());
    line(format!("WorkingDirectory={folder}"));
    for (name, value) in &recipe.environment {
        line(format!("Environment={}", quoted(&format!("{name}={value}"), "")));
    }
    line(format!("ExecStart={}", command(&recipe.command)));
    if !recipe.stop_command.is_empty() {
        line(format!("ExecStop={}", command(&recipe.stop_command)));
    }
    line(format!("KillSignal=SIG{}", recipe.stop_signal));
    line(format!("TimeoutStopSec={}", recipe.stop_timeout.as_secs()));
    let restart = match helper.restart {
        Restart::Always => "always",
        Restart::OnFailure => "on-failure",
        Restart::Never => "no",
    };
    line(format!("Restart={restart}\nRestartSec={RESTART_SECS}"));
    line("\n[Install]\nWantedBy=multi-user.target".into());
    out
}

/// Text in which `%` means itself.
fn plain(text: &str) -> String {
    text.replace('%', "%%")
}

fn command(words: &[String]) -> String {
    words.iter().map(|word| quoted(word, "$")).collect::<Vec<_>>().join(" ")
}

/// A word of systemd's; the characters in `doubled` are doubled to mean themselves, too.
fn quoted(word: &str, doubled: &str) -> String {
    let mut out = String::new();
    for c in plain(word).chars() {
        match c {
            '\\' | '"' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if doubled.contains(c) => out.extend([c, c]),
            c => out.push(c),
        }
    }
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:=@,%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { out } else { format!("\"{out}\"") }
}

#[cfg(test)]
mod tests {
    use super::super::subject::tests::site;
    use super::*;

    #[test]
    fn words_mean_themselves_to_systemd() {
        for (word, expected) in [
            ("/usr/bin/python3", "/usr/bin/python3"),
            ("my site", "\"my site\""),
            ("100%", "100%%"),
            ("$HOME", "\"$$HOME\""),
            (r#"a"b\"#, r#""a\"b\\""#),
            ("", "\"\""),
        ] {
            assert_eq!(command(&[word.to_owned()]), expected);
        }
    }

    #[test]
    fn a_unit_says_what_the_helper_says() {
        let text = "[tool.iisgate.helpers.queue]\ncommand = ['/bin/queue', '{site}']\nenv = { A = 'b c' }\n\
                    stop-signal = 'INT'\nstop-timeout = 7\nrestart = 'on-failure'\ndepends = ['redis']\n";
        let (_folder, path) = site(text);
        let python = path.join("python");
        std::fs::write(&python, "").expect("written");
        let subject = Subject::load(&path, "queue", Some("shop-queue")).expect("there");
        let wishes =
            Wishes { python: Some(python), account: Some("shop".into()), ..Wishes::default() };
        let unit = unit(&subject, &wishes).expect("whole");
        for line in [
            "After=network.target redis.service",
            "Requires=redis.service",
            "User=shop",
            "Environment=\"A=b c\"",
            "KillSignal=SIGINT",
            "TimeoutStopSec=7",
            "Restart=on-failure",
            "WantedBy=multi-user.target",
        ] {
            assert!(unit.lines().any(|said| said == line), "{line}: {unit}");
        }
        let folder = path.display();
        assert!(unit.contains(&format!("WorkingDirectory={folder}\n")), "{unit}");
        let command = "ExecStart=/bin/queue \"";
        assert!(cfg!(windows) || unit.contains(&format!("{command}{folder}\"\n")), "{unit}");
    }
}
