//! Owns how a handler's `scriptProcessor` becomes a program to start on this machine.
//!
//! Does not start it. Windows paths that mean us stand for the local `iisgate`; anything else must
//! exist here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use iis::fastcgi::{self, FastCgiApplication, Protocol};
use iis::handlers::HandlerMapping;
use platform::launch::{ChannelKind, Launch};

use crate::settings::Settings;
use crate::site::{ServedApplication, ServedSite};

/// A program to start, and the pool's definition.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) application: FastCgiApplication,
    pub(crate) executable: PathBuf,
    pub(crate) arguments: String,
    /// The sentence about a Windows path that stands for something else here.
    pub(crate) mapped: Option<String>,
}

/// Why a handler's program cannot be started here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotLaunchable {
    pub(crate) title: &'static str,
    pub(crate) why: String,
    pub(crate) hint: String,
}

/// Finds the program of a handler mapping.
pub(crate) fn program(
    mapping: &HandlerMapping,
    site: &ServedSite,
    settings: &Settings,
) -> Result<Program, NotLaunchable> {
    let Some(script_processor) = &mapping.script_processor else {
        return Err(NotLaunchable {
            title: "The handler mapping names no program",
            why: format!("The handler mapping {} has no scriptProcessor.", mapping.name),
            hint: "Add scriptProcessor=\"FULLPATH|ARGUMENTS\" to it".to_owned(),
        });
    };
    let mut application = match &site.fastcgi {
        None => FastCgiApplication::with_defaults(script_processor),
        Some(known) => {
            let found = fastcgi::find(known, script_processor);
            found.cloned().ok_or_else(|| NotLaunchable {
                title: "<handler> scriptProcessor could not be found in <fastCGI> application configuration",
                why: format!(
                    "The handler mapping {} names {script_processor}, and the applicationHost.config \
                     has no <fastCgi> application of just that path and arguments.",
                    mapping.name
                ),
                hint: "Make fullPath and arguments of <fastCgi><application> equal to both sides of the bar, to the letter".to_owned(),
            })?
        }
    };
    if settings.conduct.has_old_defaults {
        application = application.in_version("7.0");
    }
    if let Some(max_instances) = settings.max_instances {
        application.max_instances = max_instances;
    }
    if let (Some(local), Some(arguments)) = (&settings.local_iisgate, ours(&application)) {
        let mapped =
            format!("{} is mapped to the local {}", application.full_path, local.display());
        let executable = local.clone();
        return Ok(Program { application, executable, arguments, mapped: Some(mapped) });
    }
    let executable = PathBuf::from(&application.full_path);
    if !executable.is_file() {
        return Err(NotLaunchable {
            title: "The FastCGI executable does not exist",
            why: format!("There is no such file on this machine: {}", application.full_path),
            hint: "Set scriptProcessor to a program that is installed here".to_owned(),
        });
    }
    let arguments = application.arguments.clone();
    Ok(Program { application, executable, arguments, mapped: None })
}

/// The arguments for `iisgate`, when an application means us: `iisgate` itself where it is not
/// installed, and Pythons that run wfastcgi or our own package.
fn ours(application: &FastCgiApplication) -> Option<String> {
    if Path::new(&application.full_path).is_file() {
        // What exists here runs as it is, but for wfastcgi, which needs Windows.
        let stands_in = cfg!(not(windows)) && runs_wfastcgi(application);
        return stands_in.then(|| "fcgi".to_owned());
    }
    let name = file_stem(&application.full_path);
    if name == "iisgate" {
        return Some(application.arguments.clone());
    }
    let module = application.arguments.trim_start().strip_prefix("-m iisgate");
    if let Some(rest) = module.filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
        return is_python(&name).then(|| rest.trim_start().to_owned());
    }
    runs_wfastcgi(application).then(|| "fcgi".to_owned())
}

fn runs_wfastcgi(application: &FastCgiApplication) -> bool {
    let arguments = application.arguments.to_lowercase();
    file_stem(&application.full_path) == "wfastcgi"
        || (is_python(&file_stem(&application.full_path)) && arguments.contains("wfastcgi"))
}

/// The file name in lower case, without folders (whichever way their separators lean) and `.exe`.
fn file_stem(full_path: &str) -> String {
    let name = iis::ScriptProcessor::parse(full_path).file_name().to_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

fn is_python(name: &str) -> bool {
    let version = name.strip_prefix("pythonw").or_else(|| name.strip_prefix("python"));
    version.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

impl Program {
    /// The file of `monitorChangesTo`; a relative path starts at the program's folder.
    pub(crate) fn monitored(&self) -> Option<PathBuf> {
        let text = self.application.monitor_changes_to.as_str();
        let folder = self.executable.parent().unwrap_or(Path::new(""));
        (!text.is_empty()).then(|| folder.join(text))
    }

    /// How the platform is to start an instance. `run` is unique to this run of the stand-in: it
    /// becomes part of `APP_POOL_CONFIG`, so that two runs never look like one IIS app pool.
    pub(crate) fn launch(
        &self,
        application: &ServedApplication,
        settings: &Settings,
        run: &str,
    ) -> Launch {
        let pair = |(name, value): &(String, String)| (OsString::from(name), OsString::from(value));
        let pool = &application.pool_name;
        let pool_config = std::env::temp_dir()
            .join(format!("iisgate-serve-{run}"))
            .join(pool)
            .join(format!("{pool}.config"));
        // Of equal names the first counts: ours to set, the pool's, then what IIS adds.
        let mut environment: Vec<_> = settings.environment.iter().map(pair).collect();
        environment.extend(self.application.environment_variables.iter().map(pair));
        environment.push(("APP_POOL_ID".into(), pool.into()));
        environment.push(("APP_POOL_CONFIG".into(), pool_config.into_os_string()));
        let channel = match self.application.protocol {
            Protocol::NamedPipe => ChannelKind::Connected,
            Protocol::Tcp => ChannelKind::Listening,
        };
        Launch {
            executable: self.executable.clone(),
            arguments: self.arguments.clone(),
            // Not the site's folder: IIS starts programs elsewhere, most likely where they lie.
            working_directory: self.executable.parent().map(Path::to_owned),
            environment,
            channel,
            has_shutdown_event: self.application.signal_before_terminate_secs > 0,
            manner: settings.conduct.manner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ours;
    use iis::ScriptProcessor;
    use iis::fastcgi::FastCgiApplication;

    #[test]
    fn who_means_us() {
        for (script_processor, expected) in [
            (r"C:\Program Files\iisgate\iisgate.exe|fcgi app:app", Some("fcgi app:app")),
            ("/no/such/iisgate", Some("")),
            (r"C:\Python312\python.exe|C:\Python312\Lib\site-packages\wfastcgi.py", Some("fcgi")),
            (r"D:\home\Python364x64\python3.6.exe|D:\home\wfastcgi.py", Some("fcgi")),
            (r"C:\venv\Scripts\pythonw.exe|-m wfastcgi", Some("fcgi")),
            (r"C:\venv\Scripts\wfastcgi.exe", Some("fcgi")),
            (r"C:\venv\Scripts\python.exe|-m iisgate fcgi --debug", Some("fcgi --debug")),
            (r"C:\venv\Scripts\python.exe|-m iisgated", None),
            (r"C:\php\php-cgi.exe", None),
            (r"C:\pythonic\ruby.exe|wfastcgi.py", None),
        ] {
            let application =
                FastCgiApplication::with_defaults(&ScriptProcessor::parse(script_processor));
            assert_eq!(ours(&application).as_deref(), expected, "{script_processor}");
        }
    }
}
