//! Owns finding an app in Python files: an object that a framework made, or a factory of one.
//!
//! Does not follow imports, nor what functions compute.

use super::{Found, Framework, module};
use crate::init::{Listing, Refusal};

/// Files that hold an app by custom, the likeliest first (as `iisgate.target` has them).
const APP_FILES: [&str; 7] = [
    "wsgi.py",
    "app.py",
    "application.py",
    "main.py",
    "passenger_wsgi.py",
    "asgi.py",
    "__init__.py",
];

/// Names an app has by custom.
const APP_NAMES: [&str; 3] = ["application", "app", "api"];

/// Functions that make one.
const FACTORIES: [&str; 3] = ["create_app", "make_app", "create_application"];

/// Calls that make an app, as they are written behind a `=`.
const MAKERS: [(&str, Framework, &str); 22] = [
    ("Flask(", Framework::Flask, "a Flask app"),
    ("flask.Flask(", Framework::Flask, "a Flask app"),
    ("create_app(", Framework::Flask, "an app that a factory makes"),
    ("make_app(", Framework::Wsgi, "an app that a factory makes"),
    ("APIFlask(", Framework::Flask, "a Flask app"),
    ("falcon.App(", Framework::Wsgi, "a Falcon app"),
    ("Bottle(", Framework::Wsgi, "a Bottle app"),
    ("bottle.default_app(", Framework::Wsgi, "a Bottle app"),
    ("default_app(", Framework::Wsgi, "a Bottle app"),
    ("get_wsgi_application(", Framework::Django, "a Django app"),
    ("ASGIMiddleware(", Framework::Wsgi, "an ASGI app behind a2wsgi"),
    ("a2wsgi.ASGIMiddleware(", Framework::Wsgi, "an ASGI app behind a2wsgi"),
    ("FastAPI(", Framework::Asgi, "a FastAPI app"),
    ("fastapi.FastAPI(", Framework::Asgi, "a FastAPI app"),
    ("Starlette(", Framework::Asgi, "a Starlette app"),
    ("Quart(", Framework::Asgi, "a Quart app"),
    ("quart.Quart(", Framework::Asgi, "a Quart app"),
    ("Litestar(", Framework::Asgi, "a Litestar app"),
    ("falcon.asgi.App(", Framework::Asgi, "a Falcon app"),
    ("Sanic(", Framework::Asgi, "a Sanic app"),
    ("get_asgi_application(", Framework::Django, "a Django app"),
    ("WsgiToAsgi(", Framework::Asgi, "a WSGI app made an ASGI one"),
];

pub(super) fn find(listing: &Listing) -> Result<Found, Refusal> {
    let mut files: Vec<(&str, &str)> = listing.iter().filter(|(path, _)| is_asked(path)).collect();
    files.sort_by_key(|(path, _)| {
        let depth = path.trim_start_matches("src/").matches('/').count();
        let name = path.rsplit('/').next().unwrap_or(path);
        let custom = APP_FILES.iter().position(|known| *known == name).unwrap_or(APP_FILES.len());
        (custom == APP_FILES.len(), depth, custom, *path)
    });
    // An object that is there is surer than a function that may want arguments.
    for finder in [object, function, factory] {
        if let Some(found) = files.iter().find_map(|(path, text)| finder(path, text)) {
            return Ok(found);
        }
    }
    Err(nothing())
}

fn is_asked(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_test = name.starts_with("test_") || name == "conftest.py" || name == "setup.py";
    let in_tests =
        path.split('/').any(|part| matches!(part, "tests" | "test" | "migrations" | "docs"));
    path.ends_with(".py") && !is_test && !in_tests
}

fn of(path: &str, framework: Framework, what: &str, attribute: &str) -> Found {
    let (module, python_path) = module(path);
    let words = format!("{what} ({path})");
    let target = format!("{module}:{attribute}");
    Found { python_path, ..Found::new(framework, words, target) }
}

/// `app = Flask(__name__)` at the beginning of a line; customary names come first.
fn object(path: &str, text: &str) -> Option<Found> {
    let mut made: Vec<_> = assignments(text)
        .filter_map(|(name, value)| {
            let maker = MAKERS.iter().find(|(call, ..)| value.starts_with(call))?;
            Some((name, maker.1, maker.2))
        })
        .collect();
    made.sort_by_key(|(name, ..)| APP_NAMES.iter().position(|known| known == name).unwrap_or(9));
    let (name, framework, what) = made.first()?;
    Some(of(path, *framework, what, name))
}

/// `def application(environ, start_response):`, `async def app(scope, receive, send):`
fn function(path: &str, text: &str) -> Option<Found> {
    definitions(text).find_map(|(name, arguments)| {
        if arguments.contains("start_response") {
            return Some(of(path, Framework::Wsgi, "a WSGI app", name));
        }
        let is_asgi = ["scope", "receive", "send"].iter().all(|word| arguments.contains(word));
        is_asgi.then(|| of(path, Framework::Asgi, "an ASGI app", name))
    })
}

/// `def create_app(config=None):` — one that wants arguments cannot be called.
fn factory(path: &str, text: &str) -> Option<Found> {
    let makes = |meant| {
        MAKERS.iter().any(|(call, framework, _)| *framework == meant && text.contains(call))
    };
    let (framework, what) = if makes(Framework::Asgi) {
        (Framework::Asgi, "a factory of an ASGI app")
    } else if text.contains("Flask(") {
        (Framework::Flask, "a Flask factory")
    } else {
        (Framework::Wsgi, "a factory of an app")
    };
    definitions(text).find_map(|(name, arguments)| {
        let has_own = |argument: &str| {
            let argument = argument.trim();
            argument.is_empty() || argument.contains('=') || argument.starts_with('*')
        };
        let is_called = FACTORIES.contains(&name) && arguments.split(',').all(has_own);
        is_called.then(|| of(path, framework, what, &format!("{name}()")))
    })
}

fn nothing() -> Refusal {
    Refusal::undecided(
        "no app was found: no manage.py, no PasteDeploy file with an [app:main], and no Python file \
         that makes an app",
        "name it: iisgate init --target module:attr (or file.py:attr, or file.ini)",
    )
}

/// Names and values of assignments at the beginning of a line.
fn assignments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (left, value) = line.split_once('=')?;
        let name = left.split(':').next()?.trim_end();
        is_name(name).then(|| (name, value.trim_start()))
    })
}

/// Names and arguments of functions at the beginning of a line; arguments may stand on many.
fn definitions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = text.match_indices("def ").filter(|(at, _)| {
        let before = &text[..*at];
        let before = before.strip_suffix("async ").unwrap_or(before);
        before.is_empty() || before.ends_with('\n')
    });
    starts.filter_map(|(at, def)| {
        let (name, rest) = text[at + def.len()..].split_once('(')?;
        let arguments = rest.split(')').next()?;
        is_name(name.trim()).then(|| (name.trim(), arguments))
    })
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
}
