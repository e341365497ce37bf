//! Owns finding a Django project: by `manage.py`, which names the settings, which name the app.
//!
//! Does not run the settings: what they compute stays unknown.

use super::{Found, Framework};
use crate::init::Listing;

pub(super) fn find(listing: &Listing) -> Option<Found> {
    let (base, manage) = ["", "src/"].into_iter().find_map(|base| {
        let text = listing.text(&format!("{base}manage.py"))?;
        Some((base, text))
    })?;
    let settings_module = quoted_after(manage, "DJANGO_SETTINGS_MODULE")?;
    let path = settings_module.replace('.', "/");
    // A package of settings: what is common is mostly in base.py.
    let files = [".py", "/__init__.py", "/../base.py", "/base.py", "/common.py"];
    let texts: Vec<&str> = files
        .iter()
        .filter_map(|file| match file.strip_prefix("/..") {
            Some(file) => {
                let parent = path.rsplit_once('/')?.0;
                listing.text(&format!("{base}{parent}{file}"))
            }
            None => listing.text(&format!("{base}{path}{file}")),
        })
        .collect();
    let setting = |name: &str| texts.iter().find_map(|text| assigned(text, name));
    let named = setting("WSGI_APPLICATION").and_then(|value| unquoted(value).map(str::to_owned));
    let package = settings_module.split('.').next().unwrap_or_default();
    let has_usual = listing.has(&format!("{base}{package}/wsgi.py"));
    let usual = has_usual.then(|| format!("{package}.wsgi.application"));
    // A project that has no other way in is served as ASGI.
    let asynchronous =
        setting("ASGI_APPLICATION").and_then(|value| unquoted(value).map(str::to_owned));
    let has_asgi = listing.has(&format!("{base}{package}/asgi.py"));
    let asynchronous =
        asynchronous.or_else(|| has_asgi.then(|| format!("{package}.asgi.application")));
    let dotted = named.or(usual).or(asynchronous)?;
    let (module, attribute) = dotted.rsplit_once('.')?;
    let target = format!("{module}:{attribute}");
    let words = format!("a Django project ({base}manage.py, settings {settings_module})");
    let mut found = Found::new(Framework::Django, words, target);
    found.python_path = (base == "src/").then(|| "src".to_owned());
    static_files(&mut found, setting("STATIC_URL"), setting("STATIC_ROOT"), base);
    if let Some(folder) = found.static_folder.as_ref()
        && !listing.has(&format!("{folder}/"))
    {
        found.notes.push(format!(
            "the folder {folder} is not there yet: python manage.py collectstatic makes it"
        ));
    }
    if setting("DEBUG") == Some("True") {
        found.notes.push(
            "DEBUG = True in the settings shows visitors the code; set it to False on a server, and \
             ALLOWED_HOSTS to the site's names"
                .to_owned(),
        );
    }
    Some(found)
}

/// IIS may send the files that `collectstatic` has collected, if their folder is where the URL says.
fn static_files(found: &mut Found, url: Option<&str>, root: Option<&str>, base: &str) {
    let Some(url) = url.and_then(unquoted) else { return };
    let folder = url.trim_matches('/');
    if folder.is_empty() || folder.contains([':', '/', '*']) {
        return;
    }
    let last = root.and_then(|root| root.rsplit(['/', '\\', ',', '(']).find_map(unquoted));
    let last = last.map(|last| last.trim_matches('/'));
    if last == Some(folder) && base.is_empty() {
        found.static_folder = Some(folder.to_owned());
    } else if root.is_none() {
        found.notes.push(format!(
            "Django does not serve static files by itself (the admin's style sheets are some): put \
             STATIC_ROOT = BASE_DIR / \"{folder}\" into the settings, run python manage.py \
             collectstatic, then iisgate init once more, and IIS sends them"
        ));
    } else {
        found.notes.push(format!(
            "STATIC_ROOT is not the folder {folder} in the site's folder, so IIS cannot send what \
             STATIC_URL names: set STATIC_ROOT = BASE_DIR / \"{folder}\", or add a virtual directory"
        ));
    }
}

/// The value of an assignment at the beginning of a line, without a comment behind it.
fn assigned<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().rev().find_map(|line| {
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?;
        if value.starts_with('=') { None } else { Some(value.split(" #").next()?.trim()) }
    })
}

/// What stands in quotes.
fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim().trim_end_matches([')', ',', ' ']);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].strip_suffix(quote).filter(|inner| !inner.contains(quote))
}

/// The first string behind a name: `os.environ.setdefault("NAME", "value")`, `["NAME"] = "value"`.
fn quoted_after(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.contains(name) && !line.trim().starts_with('#'))?;
    // Black breaks the call into lines when the name is long.
    let at = text.find(line)?;
    let rest = text[at..].split_once(name)?.1.trim_start_matches(['"', '\'']);
    let begin = rest.find(['"', '\''])?;
    let quote = rest[begin..].chars().next()?;
    let value = rest[begin + 1..].split(quote).next()?;
    let is_module =
        !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "._".contains(c));
    is_module.then(|| value.to_owned())
}
