//! Owns finding the site's interpreter, and asking it about itself and what can be imported.
//!
//! Does not own how the gate finds it (`gate::Plan`) nor what is asked (`probe.py`).

use super::{Wanted, leave};
use crate::args::{Args, Command};
use ::iis::ScriptProcessor;
use ::iis::doctor::{Imports, Library, Machine, Python, PythonFailure, Topic, Trial};
use clap::Parser;
use gate::{Plan, Settings};
use platform::bounded::{self, Ended};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

const PROBE: &str = include_str!("../probe.py");

/// What an app and its packages may take to be imported.
const TIME: Duration = Duration::from_secs(90);

/// What is meant by the handler, as IIS would start it; the defaults where it is not ours.
fn settings(machine: &Machine) -> Settings {
    let web = machine.files.web_config.as_ref();
    let root = web.and_then(|file| ::iis::document::decode(&file.path, &file.bytes).ok());
    let wanted = root.and_then(|root| ::iis::install::wanted(&std::sync::Arc::new(root)).ok());
    let settings = wanted.and_then(|wanted| told(&wanted.processor)).unwrap_or_default();
    without_log(settings)
}

/// A plan that is only looked at must not make a log: it would be this user's, and the web server's
/// could not write it.
pub(crate) fn without_log(settings: Settings) -> Settings {
    Settings { log: Some("-".to_owned()), ..settings }
}

fn told(processor: &ScriptProcessor) -> Option<Settings> {
    let words = platform::service::words(&processor.arguments);
    let words = std::iter::once("iisgate".to_owned()).chain(words);
    match Args::try_parse_from(words).ok()?.command {
        Command::Fcgi(args) => {
            Some(crate::commands::fcgi::settings(args.app, args.target, args.site))
        }
        _ => None,
    }
}

/// Finds the interpreter and asks it. Gives the plan by which a gate would start it.
pub(super) fn gather(
    wanted: &Wanted,
    machine: &mut Machine,
    more_left_out: &mut Vec<String>,
) -> Option<Plan> {
    let plan = match Plan::new(&settings(machine), &machine.files.folder) {
        Ok(plan) => plan,
        Err(failure) => {
            leave(machine, &[Topic::Imports], "there is no interpreter");
            let number = failure.code.number();
            // Others are about the site's files, which are looked at anyway.
            if !(20..30).contains(&number) {
                let why = format!("{}: {}", failure.code.id, failure.title);
                leave(machine, &[Topic::Python], &why);
                return None;
            }
            let hint = match failure.command.is_empty() {
                true => failure.hint.clone(),
                false => format!("{}: {}", failure.hint, failure.command),
            };
            machine.python = Some(Err(PythonFailure {
                code: Some(failure.code.id),
                message: failure.title.clone(),
                hint,
                path: PathBuf::from(failure.place.to_string()),
            }));
            return None;
        }
    };
    let said = ask(&plan, wanted.imports);
    let facts = said.as_ref().map(|said| read(&said.output())).unwrap_or_default();
    match facts.iter().find_map(|fact| fact.get("python")) {
        Some(told) => machine.python = Some(Ok(python(&plan, told))),
        None => {
            leave(machine, &[Topic::Imports], "Python does not run");
            let why = match &said {
                Err(error) => error.to_string(),
                Ok(said) => how(said),
            };
            let program = plan.program.display();
            machine.python = Some(Err(PythonFailure {
                message: format!("{program} {why}"),
                path: plan.python.clone(),
                ..PythonFailure::default()
            }));
            return Some(plan);
        }
    }
    if !wanted.imports {
        leave(machine, &[Topic::Imports], "--no-import");
    } else if let Ok(said) = &said {
        let (imports, rest) = imports(&facts, said);
        machine.imports = Some(imports);
        if rest > 0 {
            more_left_out.push(format!("{rest} compiled modules (it took too long)"));
        }
    }
    Some(plan)
}

fn ask(plan: &Plan, imports: bool) -> std::io::Result<Ended> {
    let words: Vec<String> =
        plan.arguments.iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let wanted = json!({ "arguments": words, "imports": imports });
    let mut program = std::process::Command::new(&plan.program);
    program.args(["-c", PROBE, &wanted.to_string()]);
    program.envs(plan.environment.iter().map(|(name, value)| (name, value)));
    program.current_dir(&plan.working_directory);
    bounded::run(program, TIME)
}

fn read(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// How it ended, with the last line that it said.
fn how(said: &Ended) -> String {
    let last = said.errors().trim().lines().last().unwrap_or_default().trim().to_owned();
    let ended = match said.status {
        None => format!("did not end within {} seconds", TIME.as_secs()),
        Some(status) => format!("ended with {status}"),
    };
    if last.is_empty() { ended } else { format!("{ended}: {last}") }
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn python(plan: &Plan, told: &Value) -> Python {
    let is = |name: &str| told.get(name).and_then(Value::as_bool).unwrap_or_default();
    Python {
        path: plan.python.clone(),
        version: text(told, "version"),
        bits: told.get("bits").and_then(Value::as_u64).unwrap_or_default() as u32,
        machine: text(told, "machine"),
        prefix: text(told, "prefix").into(),
        base: text(told, "base").into(),
        is_conda: is("is_conda"),
        // In a console where it is activated the folders are there, and under IIS they are not.
        has_conda_path: is("has_conda_path") && std::env::var_os("CONDA_PREFIX").is_none(),
        is_uv: is("is_uv"),
        iisgate: told.get("iisgate").and_then(Value::as_str).map(str::to_owned),
    }
}

/// What came of importing, and how many modules were not tried.
fn imports(facts: &[Value], said: &Ended) -> (Imports, u64) {
    let mut found = Imports::default();
    let (mut rest, mut current, mut is_whole) = (0, None, false);
    for fact in facts {
        if let Some(begun) = fact.get("begin") {
            current = begun.as_str().map(str::to_owned);
        }
        match fact.get("target") {
            Some(Value::Null) => found.target = Trial::Done,
            Some(failed) => {
                let [code, message, hint] = ["code", "message", "hint"].map(|it| text(failed, it));
                found.target = Trial::Failed { code, message, hint };
            }
            None => {}
        }
        if let Some(broken) = fact.get("broken") {
            let missing = broken.get("missing").and_then(Value::as_array);
            let missing = missing.into_iter().flatten().filter_map(Value::as_str);
            found.broken.push(Library {
                module: text(broken, "module"),
                file: text(broken, "file").into(),
                message: text(broken, "message"),
                missing: missing.map(str::to_owned).collect(),
            });
        }
        let number = |name: &str| fact.get(name).and_then(Value::as_u64);
        rest = number("rest").unwrap_or(rest);
        found.loaded = number("loaded").map_or(found.loaded, |count| count as usize);
        is_whole |= fact.get("end").is_some();
    }
    if !is_whole {
        found.stopped = Some((current.unwrap_or_else(|| "something".to_owned()), how(said)));
    }
    (found, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stdout: &str, stderr: &str) -> Ended {
        Ended { status: None, all: Vec::new(), stdout: stdout.into(), stderr: stderr.into() }
    }

    #[test]
    fn what_the_interpreter_said_is_understood() {
        let output = r#"
            {"begin": "the app"}
            not a fact
            {"target": {"code": "IG050", "message": "no shop", "hint": "install it"}}
            {"begin": "a._b"}
            {"broken": {"module": "a._b", "file": "C:\\b.pyd", "message": "DLL load failed", "missing": ["x.dll"]}}
            {"begin": "c._d"}"#;
        let said = said(output, "warning\nFatal Python error\n");
        let (found, rest) = imports(&read(&said.output()), &said);
        assert_eq!(rest, 0);
        assert!(matches!(&found.target, Trial::Failed { code, .. } if code == "IG050"));
        assert_eq!(found.broken[0].missing, ["x.dll"]);
        let (module, how) = found.stopped.expect("it did not end");
        assert_eq!(module, "c._d");
        assert!(how.starts_with("did not end within ") && how.ends_with(": Fatal Python error"));
    }

    #[test]
    fn the_handlers_arguments_are_taken() {
        let found = told(&ScriptProcessor::parse(
            "C:\\iisgate.exe|fcgi shop:app --python \"C:\\my venv\" --threads 4",
        ));
        let found = found.expect("ours");
        assert_eq!(found.target.as_deref(), Some("shop:app"));
        assert_eq!(found.python, Some(PathBuf::from("C:\\my venv")));
        assert!(told(&ScriptProcessor::parse("C:\\python.exe|-m wfastcgi")).is_none());
    }
}
