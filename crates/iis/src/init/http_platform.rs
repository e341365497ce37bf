//! Owns turning a site of HttpPlatformHandler into one of ours: what its command line started, in our
//! words.
//!
//! Does not own other sites (`convert`).

use super::convert::{Converted, become_ours, old_handlers};
use super::{Reason, Refusal, settings};
use crate::editor::Editor;
use crate::error::Error;
use crate::script_processor::ScriptProcessor;

const SECTION: &str = "system.webServer/httpPlatform";

/// Servers of WSGI apps, and of ASGI apps: the target's kind is found out when it is served.
const WSGI_SERVERS: [&str; 5] =
    ["waitress", "waitress-serve", "gunicorn", "cheroot", "hypercorn-wsgi"];
const ASGI_SERVERS: [&str; 4] = ["uvicorn", "hypercorn", "daphne", "granian"];

/// Converts it.
pub(super) fn convert(
    editor: &mut Editor,
    reasons: &mut Vec<Reason>,
) -> Result<Converted, Refusal> {
    let is_meant = |modules: &str, _: &str| modules.to_lowercase().contains("httpplatform");
    let old = old_handlers(editor, is_meant);
    let found = editor.find(SECTION, None);
    let mut converted = Converted::default();
    let (Some(handler), Some(section)) = (old.first(), found) else {
        if super::web_config::told_target(editor).is_some() {
            return Ok(converted);
        }
        let message = format!(
            "{}: there is no handler of httpPlatformHandler with its <httpPlatform>",
            editor.path().display()
        );
        return Err(Refusal::undecided(message, "for a new site leave --from out: iisgate init"));
    };
    let root = editor.root();
    let element = root.descendant(SECTION);
    let told = |name: &str| {
        let value = element.and_then(|element| element.attribute(name));
        value.unwrap_or_default().to_owned()
    };
    let command = format!("{} {}", told("processPath"), told("arguments"));
    let started = started(&told("processPath"), &told("arguments"));
    let why = match &started {
        Some(target) => {
            format!("started {target}, which is the TARGET now; IIS starts iisgate itself")
        }
        None => "started the app; IIS starts iisgate itself now, and no port is needed".to_owned(),
    };
    reasons.push(Reason::new(format!("<httpPlatform> {}", command.trim()), why));
    if let Some(server) = ASGI_SERVERS.iter().find(|server| command.contains(**server)) {
        let why = "goes, and WebSockets with it: FastCGI cannot carry them, so a site that needs them \
                   stays with HttpPlatformHandler";
        reasons.push(Reason::new(*server, why));
    }
    converted.target = started;
    if let Some(venv) = environment_of(&told("processPath")) {
        let why = "is where the interpreter was; iisgate finds .venv in the site by itself";
        reasons.push(Reason::new(format!("python = \"{venv}\""), why));
        converted.settings.push(("python", venv.into()));
    }
    if let Ok(count) = told("processesPerApplication").parse::<i64>()
        && count > 1
    {
        converted.settings.push(("workers", count.into()));
        let why = "is processesPerApplication's number of Python processes";
        reasons.push(Reason::new(format!("workers = {count}"), why));
    }
    for (name, why) in [
        ("stdoutLogFile", "goes: what the app prints is in the log that iisgate logs shows"),
        (
            "startupTimeLimit",
            "goes: a start has no limit of its own; activityTimeout of <fastCgi> holds",
        ),
        (
            "requestTimeout",
            "goes: requestTimeout of <fastCgi> holds, which iisgate iis install sets",
        ),
        ("forwardWindowsAuthToken", "goes: REMOTE_USER tells the user; the token is not passed on"),
    ] {
        if !told(name).is_empty() {
            reasons.push(Reason::new(name, why));
        }
    }
    let variables = element.and_then(|element| element.child("environmentVariables"));
    let variables: Vec<(String, String)> = variables
        .into_iter()
        .flat_map(|list| list.children())
        .filter_map(|item| {
            Some((item.attribute("name")?.to_owned(), item.attribute("value")?.to_owned()))
        })
        .collect();
    let path = editor.path().to_owned();
    for (name, value) in variables {
        if value.to_uppercase().contains("%HTTP_PLATFORM_PORT%") {
            reasons.push(Reason::new(name, "goes: there is no port any more"));
        } else if name.eq_ignore_ascii_case("PYTHONPATH") {
            settings::add(editor, "PYTHONPATH", &value)?;
            reasons.push(Reason::new(name, "is an app setting now: Python's path is made of that"));
        } else {
            reasons.push(Reason::new(name.clone(), "is in [tool.iisgate.env] now"));
            converted.environment.push((name, value));
        }
    }
    editor.document().remove(section).map_err(Error::xml(&path))?;
    become_ours(editor, handler, reasons)?;
    Ok(converted)
}

/// The TARGET of the app that a command line starts, if it names one.
fn started(program: &str, arguments: &str) -> Option<String> {
    let words = words(arguments);
    let file = ScriptProcessor::parse(program).file_name().to_lowercase();
    let mut server = file.trim_end_matches(".exe").to_owned();
    let mut rest = words.as_slice();
    if server.starts_with("python") || server == "py" {
        let Some(at) = words.iter().position(|word| word == "-m") else {
            // A script of the site's own, or manage.py: the app is found as in a new site.
            return None;
        };
        server = words.get(at + 1).cloned().unwrap_or_default().to_lowercase();
        rest = words.get(at + 2..).unwrap_or_default();
    }
    let server = server.as_str();
    if !WSGI_SERVERS.contains(&server) && !ASGI_SERVERS.contains(&server) {
        return None;
    }
    let is_app = |word: &&String| {
        let (module, attribute) = word.split_once(':').unwrap_or_default();
        !module.is_empty()
            && !word.starts_with('-')
            && !attribute.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '%' | '\\' | '/'))
    };
    let is_called = rest.iter().any(|word| matches!(word.as_str(), "--call" | "--factory"));
    let called = if is_called { "()" } else { "" };
    rest.iter().rev().find(is_app).map(|word| format!("{word}{called}"))
}

/// The virtual environment of an interpreter, if the site's `.venv` is not it.
fn environment_of(program: &str) -> Option<String> {
    let path = program.trim_matches('"').replace('/', "\\");
    let (folder, file) = path.rsplit_once('\\')?;
    let is_python = file.to_lowercase().starts_with("python");
    let folder = folder.strip_suffix("\\Scripts").or_else(|| folder.strip_suffix("\\scripts"));
    let name = folder.and_then(|folder| folder.rsplit('\\').next());
    let is_usual = matches!(name, Some(".venv" | "venv" | "env"));
    (is_python && !is_usual && !path.contains('%')).then(|| program.trim_matches('"').to_owned())
}

/// Words of a command line; quotes hold some together.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().expect("there is one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
