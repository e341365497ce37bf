//! Owns the tests of building packages: of the examples, of what is declared, of what stays out.

use deploy::package::build::{BuildError, Built, Plan, Progress, Request, Why};
use deploy::package::verify::{Severity, verify};
use deploy::package::{Package, RunCommand};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Silent;

impl Progress for Silent {
    fn say(&mut self, _: &str) {}
}

const WEB_CONFIG: &str = "<configuration />";

/// A project in a folder.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is below")).expect("there is room");
        std::fs::write(path, text).expect("there is room");
    }
    folder
}

fn request(folder: &Path, out: &Path) -> Request {
    Request {
        folder: folder.to_owned(),
        out: Some(out.to_owned()),
        python: python(),
        ..Request::default()
    }
}

fn python() -> Option<PathBuf> {
    let told = std::env::var_os("IISGATE_PYTHON").map(PathBuf::from);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    told.or_else(|| std::env::split_paths(&paths).map(|p| p.join("python3")).find(|p| p.is_file()))
}

fn built(folder: &Path, out: &Path) -> Result<(Built, Package), BuildError> {
    let request = request(folder, out);
    let plan = Plan::of(&request, &mut Silent)?;
    let built = plan.write(&request, &mut Silent)?;
    let package = Package::open(&built.path).expect("what is built can be opened");
    Ok((built, package))
}

fn message(files: &[(&str, &str)]) -> String {
    let folder = project(files);
    match built(folder.path(), &folder.path().join("x.zip")) {
        Err(error) => error.to_string(),
        Ok(_) => "it was built".to_owned(),
    }
}

#[test]
fn the_examples_build_to_the_same_bytes_and_are_clean() {
    let out = tempfile::tempdir().expect("there is room");
    for example in ["flask", "django", "plone"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example);
        let (first, package) = built(&folder, &out.path().join("1.zip")).expect(example);
        let (second, _) = built(&folder, &out.path().join("2.zip")).expect(example);
        let bytes = |built: &Built| std::fs::read(&built.path).expect("it was written");
        assert_eq!(bytes(&first), bytes(&second), "{example}");
        assert_eq!(first.sha1, second.sha1);
        let findings = verify(&first.path).expect("it can be read");
        let findings: Vec<_> = findings.iter().filter(|f| f.severity > Severity::Note).collect();
        assert!(findings.is_empty(), "{example}: {findings:#?}");
        let names: Vec<&str> = package.app_files().iter().map(|(_, name)| *name).collect();
        assert!(names.contains(&"web.config") && names.contains(&"requirements.txt"), "{names:?}");
        let is_left = |name: &&&str| {
            name.contains("__pycache__") || name.starts_with("var/") || name.ends_with("sqlite3")
        };
        assert_eq!(names.iter().filter(is_left).count(), 0, "{names:?}");
    }
}

#[test]
fn the_command_at_the_end_is_told_its_application() {
    let folder = project(&[
        ("web.config", WEB_CONFIG),
        ("pyproject.toml", "[project]\nname = 'My Shop'\nversion = '1.2'\n"),
    ]);
    let plan =
        Plan::of(&Request { folder: folder.path().to_owned(), ..Request::default() }, &mut Silent)
            .expect("it is a site");
    assert_eq!(plan.out, folder.path().join("dist/My-Shop-1.2.zip"));
    let request = Request { folder: folder.path().to_owned(), ..Request::default() };
    let built = plan.write(&request, &mut Silent).expect("there is room");
    assert_eq!(built.sha1.len(), 40);
    let package = Package::open(&built.path).expect("it is sound");
    let given = BTreeMap::from([("Application Path".to_owned(), "Shop/api".to_owned())]);
    let values = package.parameters().resolve(&given).expect("all have defaults");
    let application =
        deploy::package::apply::Application::new(package.parameters(), &values).expect("patterns");
    let paths: Vec<&str> = package
        .manifest()
        .providers
        .iter()
        .map(|provider| application.provider_path(provider).expect("patterns").expect("it has one"))
        .collect();
    assert_eq!(
        paths,
        [
            "Shop/api",
            r#"call "%ProgramFiles%\iisgate\iisgate.exe" package post-install --app "Shop/api""#
        ]
    );
    let command = RunCommand::of(package.manifest().of("runCommand").next().expect("it is there"));
    assert_eq!(command.timeout().as_secs(), 3600);
    assert!(command.is_success(0) && !command.is_success(1));
}

#[test]
fn what_does_not_belong_stays_out_and_is_told() {
    let folder = project(&[
        ("web.config", WEB_CONFIG),
        ("app.py", ""),
        (".gitignore", "/made/\n*.tmp\n!keep.tmp\n"),
        ("keep.tmp", ""),
        ("drop.tmp", ""),
        ("made/bundle.js", ""),
        ("made/other.js", ""),
        (".git/config", ""),
        (".venv/pyvenv.cfg", ""),
        (".venv/lib/x.py", ""),
        ("sub/__pycache__/x.pyc", ""),
        (".env", "SECRET=1"),
        (".env.example", "SECRET="),
        ("tls/server.pem", "-----BEGIN PRIVATE KEY-----\n"),
        ("tls/chain.pem", "-----BEGIN CERTIFICATE-----\n"),
        ("instance/app.db", ""),
        ("notes/todo.txt", ""),
        ("dist/old.zip", ""),
        (
            "pyproject.toml",
            "[tool.iisgate.package]\nname = 'x'\ninclude = ['made/bundle.js']\n\
             exclude = ['notes']\ndata = ['instance']\n",
        ),
    ]);
    let out = folder.path().join("x.zip");
    let plan = Plan::of(&request(folder.path(), &out), &mut Silent).expect("it is a site");
    let left: Vec<(&str, Why)> = plan.left_out.iter().map(|l| (l.name.as_str(), l.why)).collect();
    assert_eq!(
        left,
        [
            (".env", Why::Secret),
            ("tls/server.pem", Why::Secret),
            ("instance/", Why::Data),
            ("notes/", Why::Excluded),
            ("drop.tmp", Why::Ignored),
            ("made/", Why::Ignored),
            ("dist/", Why::Made),
            ("sub/__pycache__/", Why::Made),
            (".venv/", Why::Environment),
            (".git/", Why::VersionControl),
            (".gitignore", Why::VersionControl),
        ]
    );
    let names: Vec<&str> = plan.files.iter().map(|file| file.name.as_str()).collect();
    let expected = [
        ".env.example",
        "app.py",
        "keep.tmp",
        "made/bundle.js",
        "pyproject.toml",
        "tls/chain.pem",
        "web.config",
    ];
    assert_eq!(names, expected);
    assert_eq!(plan.secrets().count(), 2);
}

#[test]
fn parameters_are_declared_and_put_where_they_belong() {
    let folder = project(&[
        (
            "sub/web.config",
            "<configuration>\r\n  <appSettings>\r\n    <add key=\"A\" value=\"1\" />\r\n  </appSettings>\r\n</configuration>",
        ),
        ("sub/settings.ini", "mode=__MODE__\n"),
        ("setup.sql", "select 1;"),
        (
            "pyproject.toml",
            r#"
[project]
name = "shop"
version = "1"
[tool.iisgate.package]
site = "sub"
writable = ["sub/media"]
before = [{ run = "echo before", timeout = 60, success-codes = [0, 3010] }]
databases = [{ provider = "dbMySql", script = "setup.sql", delimiter = "//" }]
[tool.iisgate.package.parameters."Zeta"]
description = "Comes first"
default = "production"
choices = ["production", "debug"]
text = [{ file = "sub/settings.ini", find = "__MODE__" }]
[tool.iisgate.package.parameters."Administrator's mail"]
environment = "ADMIN_MAIL"
pattern = "^.+@.+$"
descriptions = { de = "Wessen?" }
[tool.iisgate.package.parameters.A]
default = "2"
hidden = true
web-config = ["/configuration/appSettings/add[@key='A']/@value"]
"#,
        ),
    ]);
    let (_, package) = built(folder.path(), &folder.path().join("x.zip")).expect("it is a site");
    let findings = verify(package.path()).expect("it can be read");
    let findings: Vec<_> = findings.iter().filter(|f| f.severity > Severity::Note).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    let names: Vec<&str> =
        package.parameters().parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names[..5],
        ["Application Path", "Zeta", "Administrator's mail", "A", "Rights on sub/media"]
    );
    let steps: Vec<&str> = package.manifest().providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(steps, ["runCommand", "iisApp", "setAcl", "dbMySql", "runCommand"]);
    let given = [
        ("Administrator's mail", "a&b@c.org"),
        ("MySQL User Password", "u"),
        ("MySQL Administrator Password", "a"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let values = package.parameters().resolve(&given).expect("all are given");
    assert_eq!(
        values.get("MySQL Connection String"),
        Some("Server=localhost;Database=shop;uid=root;Pwd=a;")
    );
    let application =
        deploy::package::apply::Application::new(package.parameters(), &values).expect("patterns");
    let changed = |name: &str| {
        let entry = package.entry(name).expect("it is there");
        let bytes = package.read(name).expect("it is there");
        let changed = application.file(&package.scope_path(entry), &bytes).expect("it is text");
        String::from_utf8(changed.expect("it changes")).expect("it is text")
    };
    assert_eq!(changed("shop/sub/settings.ini"), "mode=production\n");
    assert_eq!(
        changed("shop/sub/web.config"),
        "<configuration>\r\n  <appSettings>\r\n    <add key=\"A\" value=\"2\" />\r\n    \
         <add key=\"ADMIN_MAIL\" value=\"a&amp;b@c.org\" />\r\n  </appSettings>\r\n</configuration>"
    );
}

#[test]
fn what_cannot_be_is_told_before_anything_is_written() {
    let site = ("web.config", WEB_CONFIG);
    let table = |text: &str| format!("[tool.iisgate.package]\n{text}\n");
    for (text, expected) in [
        ("nam = 'x'", "unknown field `nam`"),
        ("site = '../x'", "is no folder"),
        ("data = ['C:/x']", "begins with a drive"),
        ("data = ['var', 'Var/blobs']", "Var/blobs, which lies in it"),
        ("parameters.P = { hidden = true }", "nobody is asked for it"),
        ("parameters.P = { secret = true, default = 'x' }", "secret with a default"),
        ("parameters.P = { choices = ['a,b'] }", "cannot hold a comma"),
        ("parameters.P = { choices = ['a'], default = 'b' }", "its own default is refused"),
        ("parameters.P = { pattern = '(' }", "is no pattern"),
        ("parameters.P = { web-config = ['/a/count(b)'] }", "XPath"),
        ("parameters.P = { boolean = true, pattern = 'x' }", "only one of"),
        ("parameters.P = { environment = 'X' }\n[tool.iisgate.env]\nX = '1'", "[tool.iisgate.env]"),
        ("exclude = ['web.config']", "there is no web.config"),
        ("include = ['a{b']", "include in [tool.iisgate.package]"),
        ("databases = [{ provider = 'dbMySql', script = 'none.sql' }]", "cannot read"),
        ("databases = [{ provider = 'dbOracle', script = 'x' }]", "unknown variant `dbOracle`"),
    ] {
        let found = message(&[site, ("pyproject.toml", &table(text))]);
        assert!(found.contains(expected), "{text}: {found}");
    }
    assert!(message(&[("app.py", "")]).contains("there is no web.config"));
    assert!(message(&[site, ("App.py", ""), ("app.py", "")]).contains("in each other's way"));
    assert!(message(&[site, ("aux.py", "")]).contains("device"));
}

#[test]
fn a_version_that_no_file_tells_is_asked_of_the_build_backend() {
    let backend = "import os\ndef prepare_metadata_for_build_wheel(folder, settings=None):\n\
                   \x20   os.mkdir(os.path.join(folder, 'x.dist-info'))\n\
                   \x20   path = os.path.join(folder, 'x.dist-info', 'METADATA')\n\
                   \x20   with open(path, 'w') as file:\n\
                   \x20       file.write('Name: shop\\nVersion: 7.1\\nSummary: A shop\\n\\n')\n\
                   \x20   print('noise')\n\
                   \x20   return 'x.dist-info'\n";
    let pyproject = "[build-system]\nrequires = []\nbuild-backend = 'back'\nbackend-path = ['.']\n\
                     [project]\nname = 'shop'\ndynamic = ['version']\n";
    let folder =
        project(&[("web.config", WEB_CONFIG), ("back.py", backend), ("pyproject.toml", pyproject)]);
    let mut request = Request { folder: folder.path().to_owned(), ..Request::default() };
    let error = Plan::of(&request, &mut Silent).expect_err("there is no Python to ask");
    assert!(error.hint().is_some_and(|hint| hint.contains("IISGATE_PYTHON")));
    request.python = python();
    let plan = Plan::of(&request, &mut Silent).expect("the backend tells it");
    assert_eq!(plan.metadata.version.as_deref(), Some("7.1"));
    assert_eq!(plan.metadata.description.as_deref(), Some("A shop"));
}
