//! Owns the tests of `init`: what is detected, and what is written.
//!
//! Does not run a site (`tests/serve/test_init.py` does).

use std::fs;
use std::path::Path;

use super::{Framework, Listing, Origin, Plan, Refusal, USUAL_PROGRAM, Wish, detect, plan};

const MANAGE: &str = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n";
const SETTINGS: &str =
    "DEBUG = True\nWSGI_APPLICATION = \"shop.wsgi.application\"\nSTATIC_URL = 'static/'\n";

#[test]
fn apps_are_found() {
    use Framework::{Asgi, Django, Flask, Paste, Wsgi, Zope};
    let collected = "WSGI_APPLICATION = 'shop.wsgi.application'\nSTATIC_URL = '/assets/'\n\
                     STATIC_ROOT = BASE_DIR / 'assets'\n";
    let pip = "[tool:pytest]\n";
    for (files, framework, target, path, folder) in [
        (
            &[("manage.py", MANAGE), ("shop/settings.py", SETTINGS)][..],
            Django,
            "shop.wsgi:application",
            None,
            None,
        ),
        (
            &[("manage.py", MANAGE), ("shop/settings.py", collected)],
            Django,
            "shop.wsgi:application",
            None,
            Some("assets"),
        ),
        (
            &[("src/manage.py", MANAGE), ("src/shop/settings.py", SETTINGS)],
            Django,
            "shop.wsgi:application",
            Some("src"),
            None,
        ),
        (
            &[
                ("manage.py", MANAGE),
                ("shop/settings/__init__.py", ""),
                ("shop/settings/base.py", SETTINGS),
            ],
            Django,
            "shop.wsgi:application",
            None,
            None,
        ),
        (
            &[("manage.py", MANAGE), ("shop/settings.py", ""), ("shop/wsgi.py", "")],
            Django,
            "shop.wsgi:application",
            None,
            None,
        ),
        (
            &[("app.py", "app = Flask(__name__)"), ("static/a.css", "")],
            Flask,
            "app:app",
            None,
            Some("static"),
        ),
        (
            &[("hello.py", "x = 1\nserver: Flask = Flask(__name__)\n")],
            Flask,
            "hello:server",
            None,
            None,
        ),
        (
            &[(
                "src/shop/__init__.py",
                "def create_app(test_config=None):\n    app = Flask(__name__)\n",
            )],
            Flask,
            "shop:create_app()",
            Some("src"),
            None,
        ),
        (
            &[
                ("shop/__init__.py", "def create_app(config):\n    app = Flask(__name__)\n"),
                ("wsgi.py", "from shop import create_app\napp = create_app('prod')\n"),
            ],
            Flask,
            "wsgi:app",
            None,
            None,
        ),
        (
            &[
                ("tests/test_a.py", "app = Flask(__name__)"),
                ("main.py", "def application(environ, start_response):\n"),
            ],
            Wsgi,
            "main:application",
            None,
            None,
        ),
        (
            &[(
                "api.py",
                "from a2wsgi import ASGIMiddleware\nasgi = FastAPI()\napp = ASGIMiddleware(asgi)\n",
            )],
            Wsgi,
            "api:app",
            None,
            None,
        ),
        (
            &[("main.py", "from fastapi import FastAPI\n\napp = FastAPI()\n")],
            Asgi,
            "main:app",
            None,
            None,
        ),
        (
            &[("asgi.py", "async def app(scope, receive, send):\n    pass\n")],
            Asgi,
            "asgi:app",
            None,
            None,
        ),
        (
            &[("src/shop/web.py", "def create_app():\n    return Starlette()\n")],
            Asgi,
            "shop.web:create_app()",
            Some("src"),
            None,
        ),
        (
            &[("manage.py", MANAGE), ("shop/settings.py", "X = 1\n"), ("shop/asgi.py", "")],
            Django,
            "shop.asgi:application",
            None,
            None,
        ),
        (
            &[
                ("production.ini", "[app:main]\nuse = egg:shop\n"),
                ("development.ini", "[app:main]\n"),
                ("tox.ini", pip),
            ],
            Paste,
            "production.ini",
            None,
            None,
        ),
        (
            &[("zope.ini", "[app:zope]\nuse = egg:Zope#main\n\n[pipeline:main]\n")],
            Zope,
            "zope.ini",
            None,
            None,
        ),
        (
            &[("instance/etc/zope.ini", "[composite:main]\nuse = egg:Zope#main\n")],
            Zope,
            "instance/etc/zope.ini",
            None,
            None,
        ),
    ] {
        let found =
            detect(&Listing::of(files)).unwrap_or_else(|error| panic!("{files:?}: {error}"));
        let seen = (
            found.framework,
            found.target.as_str(),
            found.python_path.as_deref(),
            found.static_folder.as_deref(),
        );
        assert_eq!(seen, (framework, target, path, folder), "{files:?}");
    }
}

#[test]
fn what_cannot_be_served_is_told_with_what_to_do() {
    for (files, message, mend) in [
        (&[("readme.py", "print(1)")][..], "no app was found", "--target"),
        (
            &[("shop.py", "def create_app(config):\n    return Flask()\n")],
            "no app was found",
            "--target",
        ),
    ] {
        let Err(Refusal::Undecided { message: said, hint }) = detect(&Listing::of(files)) else {
            panic!("{files:?} was taken for an app");
        };
        assert!(said.contains(message) && hint.contains(mend), "{said} / {hint}");
    }
}

fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn planned(folder: &Path, origin: Option<Origin>) -> Plan {
    let listing = Listing::read(folder).unwrap();
    let wish = Wish { target: None, program: USUAL_PROGRAM.to_owned(), origin };
    plan(folder, &listing, &wish).unwrap()
}

/// Does what is planned, then sees that nothing is left to do.
fn done(folder: &Path, origin: Option<Origin>) -> Plan {
    let plan = planned(folder, origin);
    for change in &plan.changes {
        fs::write(&change.path, &change.fresh).unwrap();
    }
    let again = planned(folder, origin);
    assert!(again.changes.is_empty(), "{:?}", again.reasons);
    plan
}

#[test]
fn a_new_site_gets_both_files_and_a_second_run_changes_nothing() {
    for files in [
        &[("app.py", "app = Flask(__name__)"), ("static/a.css", "")][..],
        &[("src/shop/__init__.py", "def create_app():\n    app = Flask(__name__)\n")],
        &[("zope.ini", "[app:main]\nuse = egg:Zope#main\n")],
        &[("manage.py", MANAGE), ("shop/settings.py", SETTINGS)],
    ] {
        let folder = site(files);
        let plan = done(folder.path(), None);
        assert_eq!(plan.changes.len(), 2);
        let text = fs::read_to_string(folder.path().join("web.config")).unwrap();
        assert!(!text.contains('¦') && !text.contains('{'), "{text}");
        assert!(text.contains(&format!("{USUAL_PROGRAM}|fcgi {}\"", plan.target)), "{text}");
        let project = crate::project::load(&folder.path().join("pyproject.toml")).unwrap();
        assert_eq!(project.unwrap().target, Some(plan.target));
    }
}

#[test]
fn what_is_there_is_edited_and_comments_stay() {
    let web = "<configuration>\n  <!-- mine -->\n  <system.webServer>\n    <handlers>\n      \
               <add name=\"asp\" path=\"*.asp\" verb=\"*\" modules=\"IsapiModule\" />\n    </handlers>\n  \
               </system.webServer>\n</configuration>";
    let toml =
        "# ours\r\n[project]\r\nname = \"shop\" # it\r\n\r\n[tool.ruff]\r\nline-length = 100\r\n";
    let app = ("app.py", "app = Flask(__name__)");
    let folder = site(&[("web.config", web), ("pyproject.toml", toml), app, ("static/a", "")]);
    let plan = done(folder.path(), None);
    assert!(plan.reasons.len() > 6, "{:?}", plan.reasons);
    let after = fs::read_to_string(folder.path().join("web.config")).unwrap();
    let at = |word: &str| after.find(word).unwrap_or_else(|| panic!("{word}: {after}"));
    assert!(at("mine") < at("\"WebDAV\"") && at("\"asp\"") < at("\"static\""));
    assert!(at("\"static\"") < at("\"iisgate\""));
    let after = fs::read_to_string(folder.path().join("pyproject.toml")).unwrap();
    assert!(after.starts_with(toml), "{after}");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn a_handler_for_all_of_somebody_else_is_left_alone() {
    let web = "<configuration><system.webServer><handlers><add name='py' path='*' verb='*' \
               modules='httpPlatformHandler'/></handlers></system.webServer></configuration>";
    let folder = site(&[("web.config", web), ("app.py", "app = Flask(__name__)")]);
    let listing = Listing::read(folder.path()).unwrap();
    let error = plan(folder.path(), &listing, &Wish::default()).unwrap_err();
    let Refusal::Undecided { message, hint } = error else { panic!("{error}") };
    assert!(message.contains("py (httpPlatformHandler)") && hint.contains("--from httpplatform"));
}

#[test]
fn a_wfastcgi_site_is_converted() {
    let fixture = include_str!("../../../../fixtures/config/wfastcgi/web.config");
    let folder = site(&[("web.config", fixture)]);
    let plan = done(folder.path(), Some(Origin::Wfastcgi));
    assert_eq!(plan.target, "shop.wsgi.application");
    let after = fs::read_to_string(folder.path().join("web.config")).unwrap();
    assert!(after.contains("iisgate.exe|fcgi shop.wsgi.application\""), "{after}");
    assert!(!after.contains("WSGI_HANDLER") && !after.contains("WSGI_LOG"));
    assert!(after.contains("%HOME%\\site;C:\\lib") && after.contains("name=\"Python FastCGI\""));
    let project = crate::project::load(&folder.path().join("pyproject.toml")).unwrap().unwrap();
    assert_eq!(project.log.as_deref(), Some(r"C:\logs\wfastcgi.log"));
    assert_eq!(project.working_directory.as_deref(), Some("."));
    assert_eq!(project.reload, Some(true));
    let said = |word: &str| plan.reasons.iter().any(|reason| reason.what.contains(word));
    assert!(["WSGI_HANDLER", "WSGI_LOG", "PYTHONPATH", "Python FastCGI"].into_iter().all(said));
}

#[test]
fn an_http_platform_site_is_converted() {
    let web = r#"<configuration>
  <system.webServer>
    <handlers><add name="py" path="*" verb="*" modules="httpPlatformHandler" resourceType="Unspecified" /></handlers>
    <httpPlatform processPath="C:\Python312\python.exe" arguments="-m waitress --port %HTTP_PLATFORM_PORT% --call hello:make" stdoutLogEnabled="true" stdoutLogFile="logs\out" processesPerApplication="3">
      <environmentVariables>
        <environmentVariable name="PORT" value="%HTTP_PLATFORM_PORT%" />
        <environmentVariable name="MODE" value="live" />
      </environmentVariables>
    </httpPlatform>
  </system.webServer>
</configuration>
"#;
    let folder = site(&[("web.config", web)]);
    let plan = done(folder.path(), Some(Origin::HttpPlatform));
    assert_eq!(plan.target, "hello:make()");
    let after = fs::read_to_string(folder.path().join("web.config")).unwrap();
    assert!(!after.contains("httpPlatform"), "{after}");
    let project = crate::project::load(&folder.path().join("pyproject.toml")).unwrap().unwrap();
    assert_eq!(
        (project.workers, project.python.as_deref()),
        (Some(3), Some(r"C:\Python312\python.exe"))
    );
    assert_eq!(project.env.into_iter().collect::<Vec<_>>(), [("MODE".into(), "live".into())]);
    let asgi = web.replace("waitress", "uvicorn");
    fs::write(folder.path().join("web.config"), asgi).unwrap();
    let asgi = planned(folder.path(), Some(Origin::HttpPlatform));
    assert_eq!(asgi.target, "hello:make()");
    assert!(asgi.reasons.iter().any(|reason| reason.why.contains("WebSockets")));
}
