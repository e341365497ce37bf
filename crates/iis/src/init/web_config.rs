//! Owns what a `web.config` needs so that IIS hands requests to Python and keeps the rest to itself.
//!
//! Does not own what other programs' handlers need (`convert`, `http_platform`).

use xml::{ElementId, NewElement, Place};

use super::{Found, Framework, Reason, Refusal, settings};
use crate::editor::Editor;
use crate::error::Error;
use crate::script_processor::ScriptProcessor;

pub(super) const HANDLERS: &str = "system.webServer/handlers";
const FILTERING: &str = "system.webServer/security/requestFiltering";

/// 1 GiB. IIS stops at 30,000,000 bytes otherwise.
const UPLOAD_BYTES: &str = "1073741824";

/// Plone's searches have long query strings; IIS allows 2048 bytes otherwise.
const QUERY_BYTES: &str = "16384";

/// Names that no URL has but somebody's who looks for secrets.
const HIDDEN_SEGMENTS: [&str; 5] = [".env", ".git", ".venv", "venv", "__pycache__"];

/// Files that are the app's, not its visitors'.
const HIDDEN_EXTENSIONS: [&str; 5] = [".py", ".pyc", ".ini", ".sqlite3", ".toml"];

/// What a file says that we begin, so that who reads it need not look elsewhere.
const TEMPLATE: &str = include_str!("template.config");

/// The arguments of iisgate for an app.
pub(super) fn arguments(target: &str) -> String {
    let quoted = if target.contains(' ') { format!("\"{target}\"") } else { target.to_owned() };
    format!("fcgi {quoted}")
}

/// The TARGET that the handler of ours names, if there is one that does.
pub(super) fn told_target(editor: &Editor) -> Option<String> {
    let root = editor.root();
    let handlers = root.descendant(HANDLERS)?;
    let ours = handlers.children().find_map(|child| {
        let told = ScriptProcessor::parse(child.attribute("scriptProcessor")?);
        (child.name() == "add" && is_ours(&told)).then_some(told)
    })?;
    let rest = ours.arguments.split_once("fcgi")?.1;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (last, before) = words.split_last()?;
    let is_value = before.last().is_some_and(|word| word.starts_with('-'));
    let is_target = !last.starts_with('-') && !last.contains('"') && !is_value;
    is_target.then(|| (*last).to_owned())
}

/// Whether a handler's program is iisgate, on its own or as `python -m iisgate`.
pub(super) fn is_ours(program: &ScriptProcessor) -> bool {
    let name = program.file_name().to_lowercase();
    name.trim_end_matches(".exe") == "iisgate" || program.arguments.starts_with("-m iisgate")
}

/// Writes it.
pub(super) fn write(
    editor: &mut Editor,
    found: &Found,
    program: &str,
    reasons: &mut Vec<Reason>,
) -> Result<(), Refusal> {
    let begins = editor.original().is_none();
    if begins {
        *editor = Editor::parse(editor.path(), fresh(found, program).into_bytes())?;
    }
    let mut said = Vec::new();
    handlers(editor, found, program, &mut said)?;
    python_path(editor, found, &mut said)?;
    remove(
        editor,
        "system.webServer/modules",
        "WebDAVModule",
        "it blocks PUT and DELETE even \
           when its handler is gone",
        &mut said,
    )?;
    let errors = editor.section("system.webServer/httpErrors", None)?;
    let why = "the app's own 404 and 500 pages reach the visitor, instead of those of IIS";
    default(editor, errors, "existingResponse", "PassThrough", why, &mut said)?;
    filtering(editor, found, &mut said)?;
    if begins {
        said.clear();
        said.push(Reason::new("web.config", "is new; its comments say what each line is for"));
    }
    reasons.extend(said);
    Ok(())
}

fn fresh(found: &Found, program: &str) -> String {
    let processor = xml_value(&format!("{program}|{}", arguments(&found.target)));
    let mut text = String::new();
    for line in TEMPLATE.lines() {
        // Some lines are for some sites only.
        let is_zope = found.framework == Framework::Zope;
        let line = match line.split_once("¦") {
            None => line,
            Some(("static", rest)) if found.static_folder.is_some() => rest,
            Some(("zope", rest)) if is_zope => rest,
            Some(("site", rest)) if !is_zope => rest,
            Some(("path", rest)) if found.python_path.is_some() => rest,
            Some(_) => continue,
        };
        let folder = xml_value(found.static_folder.as_deref().unwrap_or_default());
        let path = xml_value(found.python_path.as_deref().unwrap_or_default());
        let line = line.replace("{processor}", &processor).replace("{static}", &folder);
        text.push_str(&line.replace("{path}", &path));
        text.push_str("\r\n");
    }
    text
}

fn xml_value(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn handlers(
    editor: &mut Editor,
    found: &Found,
    program: &str,
    said: &mut Vec<Reason>,
) -> Result<(), Refusal> {
    remove(
        editor,
        HANDLERS,
        "WebDAV",
        "it would answer PUT and DELETE before Python sees them",
        said,
    )?;
    let section = editor.section(HANDLERS, None)?;
    let xml = |editor: &mut Editor| -> Vec<(ElementId, [String; 4])> {
        let Some(section) = editor.document().element(section) else { return Vec::new() };
        let items = section.children().filter(|child| child.name() == "add");
        let told = |item: &xml::Element<'_>, name| {
            item.attribute(name).map(|it| it.value()).unwrap_or_default()
        };
        let names = ["name", "path", "modules", "scriptProcessor"];
        items.map(|item| (item.id(), names.map(|name| told(&item, name)))).collect()
    };
    let items = xml(editor);
    let ours = items.iter().find(|(_, told)| is_ours(&ScriptProcessor::parse(&told[3])));
    let all = items.iter().find(|(_, told)| told[1] == "*" && !told[2].contains("StaticFile"));
    if let (None, Some((_, told))) = (ours, all) {
        return Err(foreign(editor, told));
    }
    let processor = format!("{program}|{}", arguments(&found.target));
    let wanted = [
        ("modules", "FastCgiModule"),
        ("resourceType", "Unspecified"),
        ("requireAccess", "Script"),
        ("responseBufferLimit", "0"),
    ];
    if let Some((id, _)) = ours {
        if told_target(editor).is_some_and(|target| target != found.target) {
            let why = "the program and the app are what this site runs";
            set(editor, *id, "scriptProcessor", &processor, why, said)?;
        }
        for (name, value) in wanted {
            set(editor, *id, name, value, of_attribute(name), said)?;
        }
    } else {
        let item = [("name", "iisgate"), ("path", "*"), ("verb", "*")];
        let processor = ("scriptProcessor", processor.as_str());
        let item = [&item[..], &wanted[..1], &[processor], &wanted[1..]].concat();
        let files = items.iter().find(|(_, told)| told[1] == "*");
        let place = files.map_or(Place::End, |(id, _)| Place::Before(*id));
        editor.add(HANDLERS, section, &item, place)?;
        said.push(Reason::new(
            "handler iisgate",
            "every URL that nothing else answers goes to Python",
        ));
    }
    let Some(folder) = &found.static_folder else { return Ok(()) };
    let path = format!("{folder}/*");
    if !items.iter().any(|(_, told)| told[1] == path || told[0] == "static") {
        let item = [
            ("name", "static"),
            ("path", path.as_str()),
            ("verb", "GET,HEAD"),
            ("modules", "StaticFileModule"),
            ("resourceType", "File"),
            ("requireAccess", "Read"),
        ];
        let items = xml(editor);
        let ours = items.iter().find(|(_, told)| is_ours(&ScriptProcessor::parse(&told[3])));
        let place = ours.map_or(Place::End, |(id, _)| Place::Before(*id));
        editor.add(HANDLERS, section, &item, place)?;
        let why = format!("files below {folder}/ that exist are sent by IIS itself");
        said.push(Reason::new("handler static", why));
    }
    Ok(())
}

/// Somebody else's handler takes every URL.
fn foreign(editor: &Editor, told: &[String; 4]) -> Refusal {
    let [name, _, modules, processor] = told;
    let file = editor.path().display();
    let is_fastcgi = modules.contains("FastCgi");
    let from = match modules.to_lowercase().contains("httpplatform") {
        true => "iisgate init --from httpplatform",
        false if is_fastcgi && processor.to_lowercase().contains("wfastcgi") => {
            "iisgate init --from wfastcgi"
        }
        false if is_fastcgi => "iisgate init --from wfastcgi, if that is a Python site",
        false => "remove that handler, or give it a path of its own, then iisgate init once more",
    };
    let message =
        format!("{file}: the handler {name} ({modules}) takes every URL already (path=\"*\")");
    Refusal::undecided(message, from)
}

fn of_attribute(name: &str) -> &'static str {
    match name {
        "resourceType" => "URLs of an app are no files: IIS must not look for one (404 otherwise)",
        "requireAccess" => "handlers that run programs need the right to run scripts",
        "responseBufferLimit" => "IIS passes on each piece as it comes, not 4 MB at a time",
        _ => "iisgate speaks FastCGI",
    }
}

fn python_path(editor: &mut Editor, found: &Found, said: &mut Vec<Reason>) -> Result<(), Error> {
    let Some(folder) = &found.python_path else { return Ok(()) };
    if !settings::add(editor, "PYTHONPATH", &format!("%APPL_PHYSICAL_PATH%{folder}"))? {
        return Ok(());
    }
    let why = format!("the app's modules are below {folder}/, not in the site's own folder");
    said.push(Reason::new("appSettings PYTHONPATH", why));
    Ok(())
}

fn filtering(editor: &mut Editor, found: &Found, said: &mut Vec<Reason>) -> Result<(), Error> {
    let is_zope = found.framework == Framework::Zope;
    let section = editor.section(FILTERING, None)?;
    if is_zope {
        let why = "++resource++ and ++api++ are answered 404.11 otherwise";
        set(editor, section, "allowDoubleEscaping", "true", why, said)?;
    }
    let limits = editor.child(section, "requestLimits")?;
    let why = "uploads of up to 1 GiB; IIS stops at 30 MB otherwise";
    default(editor, limits, "maxAllowedContentLength", UPLOAD_BYTES, why, said)?;
    if is_zope {
        let why = "searches have query strings longer than IIS's 2048 bytes";
        default(editor, limits, "maxQueryString", QUERY_BYTES, why, said)?;
    }
    for (name, key, values) in [
        ("hiddenSegments", "segment", HIDDEN_SEGMENTS),
        ("fileExtensions", "fileExtension", HIDDEN_EXTENSIONS),
    ] {
        let list = editor.child(section, name)?;
        let has_clear =
            editor.document().element(list).is_some_and(|list| list.child("clear").is_some());
        if is_zope && !has_clear {
            editor
                .document()
                .insert(list, Place::Start, &NewElement::new("clear"))
                .map_err(Error::xml(editor.path()))?;
            let why =
                "an editor may call a page or a file like that; no URL of Zope is a file here";
            said.push(Reason::new(name, why));
        }
        if is_zope || has_clear {
            continue;
        }
        let collection = format!("{FILTERING}/{name}");
        let mut added = Vec::new();
        for value in values {
            if editor.item_of(&collection, list, &[(key, value)]).is_some() {
                continue;
            }
            let item = [(key, value), ("allowed", "false")];
            let item = if name == "fileExtensions" { &item[..] } else { &item[..1] };
            editor.add(&collection, list, item, Place::End)?;
            added.push(value);
        }
        if !added.is_empty() {
            let why = "secrets, code and data are refused before anything could send them";
            said.push(Reason::new(format!("{name} {}", added.join(" ")), why));
        }
    }
    Ok(())
}

/// Takes an item out that the server's own configuration has.
fn remove(
    editor: &mut Editor,
    collection: &str,
    name: &str,
    why: &str,
    said: &mut Vec<Reason>,
) -> Result<(), Error> {
    let section = editor.section(collection, None)?;
    let path = editor.path().to_owned();
    let Some(element) = editor.document().element(section) else { return Ok(()) };
    let is_done = element.children().any(|child| {
        let told = child.attribute("name").map(|told| told.value());
        child.name() == "clear" || (child.name() == "remove" && told.as_deref() == Some(name))
    });
    if !is_done {
        let new = NewElement::new("remove").attribute("name", name);
        editor.document().insert(section, Place::Start, &new).map_err(Error::xml(&path))?;
        said.push(Reason::new(format!("remove {name}"), why));
    }
    Ok(())
}

/// Gives an attribute a value if it has none.
fn default(
    editor: &mut Editor,
    element: ElementId,
    name: &str,
    value: &str,
    why: &str,
    said: &mut Vec<Reason>,
) -> Result<(), Error> {
    let has = editor.document().element(element).is_some_and(|it| it.attribute(name).is_some());
    if has { Ok(()) } else { set(editor, element, name, value, why, said) }
}

/// Gives an attribute a value, and says why if that changes something.
pub(super) fn set(
    editor: &mut Editor,
    element: ElementId,
    name: &str,
    value: &str,
    why: &str,
    said: &mut Vec<Reason>,
) -> Result<(), Error> {
    let path = editor.path().to_owned();
    let old =
        editor.document().element(element).and_then(|it| it.attribute(name)).map(|it| it.value());
    if old.as_deref() == Some(value) {
        return Ok(());
    }
    editor.document().set_attribute(element, name, value).map_err(Error::xml(&path))?;
    said.push(Reason::new(format!("{name}=\"{value}\""), why));
    Ok(())
}
