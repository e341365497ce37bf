//! Owns what frameworks want done after new code has come: Django's migrations and static files,
//! buildout's parts.
//!
//! Does not own what the package itself wants (`commands`).

use super::commands::within;
use super::environment::run;
use super::host::{Command, Host};
use super::layout::Layout;
use super::{Error, checkpoint};
use iis::init::Framework;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Migrations of a large database take long; buildout fetches and compiles.
const HOOK_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// Runs them.
pub(super) fn run_all(layout: &Layout, python: &Path, host: &mut dyn Host) -> Result<(), Error> {
    for command in commands(layout, python) {
        let command = within(command, &layout.site, python);
        let folder = command.folder.clone().unwrap_or_else(|| layout.site.clone());
        host.say(&format!("{} (in {}) …", command.shown(), folder.display()));
        run(host, &command)?;
        checkpoint::checkpoint();
    }
    Ok(())
}

fn commands(layout: &Layout, python: &Path) -> Vec<Command> {
    let mut commands = Vec::new();
    let folders = [&layout.root, &layout.site];
    if let Some(folder) = folders.into_iter().find(|folder| folder.join("buildout.cfg").is_file()) {
        commands.extend(buildout(folder, python));
    }
    if layout.framework == Some(Framework::Django) {
        let manage = |words: &[&str]| {
            Command::new(python, HOOK_TIMEOUT).arg("manage.py").args(words.iter().copied())
        };
        commands.push(manage(&["migrate", "--noinput"]));
        if names_static_root(&layout.site) {
            commands.push(manage(&["collectstatic", "--noinput"]));
        }
    }
    commands
}

/// `bin/buildout`, made by `bootstrap.py` where there is one, else by the environment's own buildout.
fn buildout(folder: &Path, python: &Path) -> Vec<Command> {
    let name = if cfg!(windows) { "buildout.exe" } else { "buildout" };
    let scripts = python.parent().unwrap_or(python);
    let (made, own) = (folder.join("bin").join(name), scripts.join(name));
    let mut commands = Vec::new();
    let config = folder.join("buildout.cfg");
    let at = |program: PathBuf| Command::new(program, HOOK_TIMEOUT).arg("-c").arg(&config);
    if made.is_file() {
        commands.push(at(made).arg("-N"));
    } else if folder.join("bootstrap.py").is_file() {
        let bootstrap = Command::new(python, HOOK_TIMEOUT).arg(folder.join("bootstrap.py"));
        commands.push(bootstrap.arg("-c").arg(&config));
        commands.push(at(made).arg("-N"));
    } else {
        commands.push(at(own).arg("-N"));
    }
    commands
}

/// Whether Django is told where static files are collected: without that it refuses to.
fn names_static_root(site: &Path) -> bool {
    let mut open = vec![(site.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < 2 && !name.starts_with('.') && name != "node_modules" {
                open.push((path, depth + 1));
            } else if name.ends_with(".py")
                && path.to_string_lossy().contains("settings")
                && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("STATIC_ROOT"))
            {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(files: &[(&str, &str)], framework: Option<Framework>) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (root, site) = (folder.path().to_owned(), folder.path().to_owned());
        let layout = Layout { root, site, below: String::new(), framework, data: Vec::new() };
        let commands = commands(&layout, Path::new("/v/python"));
        let at = folder.path().display().to_string();
        commands.iter().map(|it| it.shown().replace(&at, ".").replace('\\', "/")).collect()
    }

    #[test]
    fn each_framework_has_its_hooks() {
        let django = Some(Framework::Django);
        assert_eq!(
            shown(&[("x/settings.py", "STATIC_ROOT = 1")], django),
            [
                "/v/python manage.py migrate --noinput",
                "/v/python manage.py collectstatic --noinput"
            ]
        );
        assert_eq!(
            shown(&[("x/settings.py", "")], django),
            ["/v/python manage.py migrate --noinput"]
        );
        assert_eq!(shown(&[("app.py", "")], Some(Framework::Flask)), [""; 0]);
        let exe = if cfg!(windows) { ".exe" } else { "" };
        assert_eq!(
            shown(&[("buildout.cfg", ""), ("bootstrap.py", "")], None),
            [
                "/v/python ./bootstrap.py -c ./buildout.cfg".to_owned(),
                format!("./bin/buildout{exe} -c ./buildout.cfg -N"),
            ]
        );
        assert_eq!(
            shown(&[("buildout.cfg", "")], Some(Framework::Zope)),
            [format!("/v/buildout{exe} -c ./buildout.cfg -N")]
        );
    }
}
