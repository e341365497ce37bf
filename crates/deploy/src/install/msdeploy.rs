//! Owns letting Web Deploy itself install a package: where its program is, and the words it is called
//! with.
//!
//! Does not own Web Deploy.

use super::host::Command;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where Web Deploy is installed, the newest version first.
const PLACES: [&str; 3] = [
    r"IIS\Microsoft Web Deploy V3\msdeploy.exe",
    r"IIS\Microsoft Web Deploy V2\msdeploy.exe",
    r"IIS\Microsoft Web Deploy\msdeploy.exe",
];

/// It waits for the package's commands, each for as long as the package says.
const TIMEOUT: Duration = Duration::from_secs(4 * 60 * 60);

/// Finds the program below folders such as `C:\Program Files`.
pub fn locate(folders: &[PathBuf], is_file: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let mut found = folders.iter().flat_map(|folder| PLACES.iter().map(|place| folder.join(place)));
    found.find(|path| is_file(path))
}

/// The call that installs a package with the values of a `SetParameters.xml`. Values are not given as
/// words: those can be seen by all who list processes, and a quote in one of them ends it.
///
/// What is in the site's folder and not in the package stays: an environment, logs, databases.
pub fn command(program: &Path, package: &Path, set_file: &Path, is_dry: bool) -> Command {
    let mut words = format!(
        "-verb:sync -source:package=\"{}\" -dest:auto -setParamFile:\"{}\" \
         -enableRule:DoNotDeleteRule",
        package.display(),
        set_file.display()
    );
    if is_dry {
        words.push_str(" -whatif");
    }
    let mut command = Command::new(program, TIMEOUT);
    command.raw_arguments = Some(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_as_web_deploy_reads_it() {
        let program = Path::new("msdeploy.exe");
        let (package, values) = (Path::new(r"C:\my packages\shop.zip"), Path::new(r"C:\t\v.xml"));
        let expected = r#"-verb:sync -source:package="C:\my packages\shop.zip" -dest:auto -setParamFile:"C:\t\v.xml" -enableRule:DoNotDeleteRule"#;
        let found = command(program, package, values, false);
        assert_eq!(found.raw_arguments.as_deref(), Some(expected));
        assert!(found.arguments.is_empty());
        let dry = command(program, package, values, true).raw_arguments;
        assert_eq!(dry, Some(format!("{expected} -whatif")));
    }

    #[test]
    fn the_newest_version_is_taken() {
        let folders = [PathBuf::from("a"), PathBuf::from("b")];
        let there = |names: &'static [&'static str]| {
            locate(&folders, move |path| {
                let path = path.display().to_string().replace('\\', "/");
                names.iter().any(|name| path == *name)
            })
            .map(|path| path.display().to_string().replace('\\', "/"))
        };
        let (old, new) = (
            "a/IIS/Microsoft Web Deploy V2/msdeploy.exe",
            "a/IIS/Microsoft Web Deploy V3/msdeploy.exe",
        );
        assert_eq!(
            there(&[
                "a/IIS/Microsoft Web Deploy V2/msdeploy.exe",
                "a/IIS/Microsoft Web Deploy V3/msdeploy.exe"
            ])
            .as_deref(),
            Some(new)
        );
        assert_eq!(there(&["a/IIS/Microsoft Web Deploy V2/msdeploy.exe"]).as_deref(), Some(old));
        assert_eq!(there(&[]), None);
    }
}
