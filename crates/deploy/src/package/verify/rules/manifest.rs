//! Owns rules about what the manifest does.
//!
//! Does not own commands (`commands`) and databases (`databases`).

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;
use crate::package::names;

/// All providers of Web Deploy.
const PROVIDERS: &[&str] = &[
    "alias",
    "appHostAuthOverride",
    "appHostConfig",
    "appHostConfigDir",
    "appHostSchema",
    "appHostSchemaDir",
    "appPoolConfig",
    "appPoolEnable32Bit",
    "appPoolNetFx",
    "appPoolPipeline",
    "archiveDir",
    "auto",
    "backupManager",
    "backupSettings",
    "cert",
    "comObject32",
    "comObject64",
    "contentPath",
    "createApp",
    "dbDacFx",
    "dbFullSql",
    "dbMySql",
    "dbSqlite",
    "delegationRulesConfig",
    "dirPath",
    "filePath",
    "gacAssembly",
    "gacInstall",
    "httpCert",
    "httpCertConfig",
    "iisApp",
    "machineConfig32",
    "machineConfig64",
    "manifest",
    "metaKey",
    "package",
    "recycleApp",
    "regKey",
    "regValue",
    "rootWebConfig32",
    "rootWebConfig64",
    "runCommand",
    "setAcl",
    "urlScanConfig",
    "webServer",
    "webServer60",
    "webServerAppHostConfig",
];

/// The rights of .NET that an ACL may give.
const RIGHTS: &[&str] = &[
    "AppendData",
    "ChangePermissions",
    "CreateDirectories",
    "CreateFiles",
    "Delete",
    "DeleteSubdirectoriesAndFiles",
    "ExecuteFile",
    "Execute",
    "FullControl",
    "ListDirectory",
    "Modify",
    "Read",
    "ReadAndExecute",
    "ReadAttributes",
    "ReadData",
    "ReadExtendedAttributes",
    "ReadPermissions",
    "Synchronize",
    "TakeOwnership",
    "Traverse",
    "Write",
    "WriteAttributes",
    "WriteData",
    "WriteExtendedAttributes",
];

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-provider-unknown", "The manifest names a provider that Web Deploy has not",
        "Web Deploy stops at it: the files before it are in place, what comes after is never done.",
        "Correct the name; `iisgate package list` shows the steps."], unknown),
    error(["package-application-missing", "The manifest has no application",
        "An iisApp tells which folder of the package becomes an application of IIS.",
        "Add <iisApp path=\"FOLDER\" />, or build with `iisgate package build`."], missing),
    error(["package-application-twice", "The manifest has several applications",
        "A package installs one: the value of the one parameter with the tag iisApp becomes the path of each of them, so that one overwrites the other.",
        "Make a package of each application."], twice),
    error(["package-application-empty", "The application's folder is not in the package",
        "Nothing would be installed, and what is on the server in its place would be deleted.",
        "Give iisApp the name that the folder has in the zip."], empty),
    warning(["package-path-elsewhere", "A step works outside of the application",
        "Paths of setAcl and alias begin with the application's folder in the package; others mean whatever has that path on the server.",
        "Write the path as FOLDER/sub/path."], elsewhere),
    error(["package-rights-unknown", "setAcl gives rights that there are not",
        "setAclAccess is a comma list of names of .NET's FileSystemRights.",
        "Mostly Read, Modify, or Read,Write is meant."], rights),
    error(["package-path-of-source", "A path of the machine where the package was made would be written to",
        "A step has the path of the source, and no parameter gives it another one: installed as it is, it works on that path of the server, whatever is there.",
        "Declare a parameter with a ProviderPath entry for it, mostly a hidden one made of {Application Path}."], source),
];

fn unknown(subject: &Subject<'_>) -> Vec<Hit> {
    let is_known = |name: &str| PROVIDERS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let unknown = subject.providers().filter(|provider| !is_known(&provider.name));
    unknown
        .map(|p| Hit::near(p.place.as_ref(), format!("Web Deploy has no provider {}", p.name)))
        .collect()
}

fn missing(subject: &Subject<'_>) -> Vec<Hit> {
    let is_missing = subject.package.manifest().application().is_none();
    is_missing.then(|| Hit::package("the manifest has no iisApp")).into_iter().collect()
}

fn twice(subject: &Subject<'_>) -> Vec<Hit> {
    let second = subject.providers().filter(|provider| provider.is("iisApp")).nth(1);
    second.map(|p| Hit::near(p.place.as_ref(), "a second iisApp")).into_iter().collect()
}

fn empty(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(application) = subject.package.manifest().application() else { return Vec::new() };
    if subject.app.is_some() {
        return Vec::new();
    }
    let message = format!("nothing of {} is in the package", application.path);
    vec![Hit::near(application.place.as_ref(), message)]
}

fn elsewhere(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(application) = subject.package.manifest().application() else { return Vec::new() };
    let root = names::normal(&application.path).to_lowercase();
    let is_within = |path: &str| {
        let path = names::normal(path).to_lowercase();
        path == root || path.strip_prefix(&root).is_some_and(|rest| rest.starts_with('/'))
    };
    let paths = |provider: &crate::package::Provider| -> Vec<String> {
        match provider.is("alias") {
            true => ["from", "to"]
                .iter()
                .filter_map(|name| provider.attribute_value(name).map(str::to_owned))
                .collect(),
            false => vec![provider.path.clone()],
        }
    };
    let mut hits = Vec::new();
    for provider in subject.providers().filter(|p| p.is("setAcl") || p.is("alias")) {
        for path in paths(provider).iter().filter(|path| !is_within(path)) {
            let message = format!("{path} is not below {}", application.path);
            hits.push(Hit::near(provider.place.as_ref(), message));
        }
    }
    hits
}

fn rights(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for provider in subject.providers().filter(|provider| provider.is("setAcl")) {
        let access = provider.setting("setAclAccess").unwrap_or("Read");
        let is_known = |right: &&str| RIGHTS.iter().any(|known| known.eq_ignore_ascii_case(right));
        for right in access.split(',').map(str::trim).filter(|right| !is_known(right)) {
            let message = format!("there is no right {right:?}");
            hits.push(Hit::near(provider.place.as_ref(), message));
        }
    }
    hits
}

/// Steps on paths that belong to the machine where the package was made.
fn source(subject: &Subject<'_>) -> Vec<Hit> {
    let is_of_path = |p: &&crate::package::Provider| {
        ["iisApp", "createApp", "contentPath", "dirPath", "filePath", "setAcl"]
            .iter()
            .any(|name| p.is(name))
    };
    let bare = subject
        .providers()
        .filter(is_of_path)
        // That the application has no parameter is told by a rule of its own.
        .filter(|provider| !(provider.is("iisApp") && subject.is_gallery()))
        .filter(|provider| subject.parameters_of(provider).is_empty());
    bare.map(|provider| {
        let message =
            format!("no parameter gives {} {} another path", provider.name, provider.path);
        Hit::near(provider.place.as_ref(), message)
    })
    .collect()
}
