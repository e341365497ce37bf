//! Owns the prerequisites that are known: how each is installed silently, and how it is found.
//!
//! Does not own their files: they are their makers', and whoever makes a feed has them.

use crate::feed::model::{Action, Hint};

use super::silent;

/// How Microsoft's page calls the keys by which IIS tells its components.
const COMPONENTS: &str = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\InetStp\\Components";

/// A prerequisite that is known.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name in descriptions.
    pub name: &'static str,
    /// The product's id in feeds.
    pub product: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Where its file is, or a page about it.
    pub link: &'static str,
    /// What installs it.
    pub by: By,
    /// The keys of the registry that tell of it: key, value, data.
    registry: &'static [(&'static str, Option<&'static str>, Option<&'static str>)],
}

/// What installs a prerequisite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its maker's installer, with these arguments.
    File(&'static str),
    /// A feature of Windows, by DISM.
    Feature(&'static str),
}

impl Preset {
    /// The preset of that name.
    pub(super) fn find(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name.eq_ignore_ascii_case(name))
    }

    /// How it is seen that it is installed.
    pub(super) fn hint(&self) -> Option<Hint> {
        let mut hints: Vec<Hint> = self
            .registry
            .iter()
            .map(|(key, name, data)| Hint::Registry {
                key: key.replace("HKLM", "HKEY_LOCAL_MACHINE").replace("HKCU", "HKEY_CURRENT_USER"),
                name: name.map(str::to_owned),
                data: data.map(str::to_owned),
            })
            .collect();
        if hints.len() < 2 { hints.pop() } else { Some(Hint::Any(hints)) }
    }
}

/// What enables a feature of Windows, with all that it needs.
pub(super) fn enable(feature: &str) -> Action {
    let arguments =
        format!("/Online /Enable-Feature /FeatureName:{feature} /All /NoRestart /Quiet");
    silent::command("%SystemRoot%\\System32\\dism.exe", &arguments)
}

macro_rules! python {
    ($name:literal, $product:literal, $version:literal) => {
        Preset {
            name: $name,
            product: $product,
            title: concat!("Python ", $version),
            summary: concat!("The language that the sites are written in, version ", $version, "."),
            link: "https://www.python.org/downloads/windows/",
            by: By::File("/quiet InstallAllUsers=1 Include_test=0 Include_doc=0"),
            registry: &[
                (
                    concat!("HKLM\\SOFTWARE\\Python\\PythonCore\\", $version, "\\InstallPath"),
                    None,
                    None,
                ),
                (
                    concat!("HKCU\\SOFTWARE\\Python\\PythonCore\\", $version, "\\InstallPath"),
                    None,
                    None,
                ),
            ],
        }
    };
}

macro_rules! feature {
    ($name:literal, $product:literal, $feature:literal, $component:literal, $title:literal, $summary:literal) => {
        Preset {
            name: $name,
            product: $product,
            title: $title,
            summary: $summary,
            link: "https://learn.microsoft.com/iis/",
            by: By::Feature($feature),
            registry: &[(COMPONENTS, Some($component), Some("1"))],
        }
    };
}

/// All of them.
#[rustfmt::skip]
pub const PRESETS: &[Preset] = &[
    python!("python-3.11", "Python311", "3.11"),
    python!("python-3.12", "Python312", "3.12"),
    python!("python-3.13", "Python313", "3.13"),
    python!("python-3.14", "Python314", "3.14"),
    Preset {
        name: "vc-runtime",
        product: "VCRuntime14x64",
        title: "Microsoft Visual C++ runtime (x64)",
        summary: "What many Windows wheels need: the C++ runtime of Visual Studio 2015 and later.",
        link: "https://aka.ms/vs/17/release/vc_redist.x64.exe",
        by: By::File("/install /quiet /norestart"),
        registry: &[("HKLM\\SOFTWARE\\Microsoft\\VisualStudio\\14.0\\VC\\Runtimes\\X64", Some("Installed"), Some("1"))],
    },
    feature!("iis-cgi", "CGI", "IIS-CGI", "CGI", "IIS: CGI", "IIS's FastCGI, which is part of its CGI feature."),
    feature!("iis-static-content", "StaticContent", "IIS-StaticContent", "StaticContent", "IIS: static content", "IIS serves files."),
    feature!("iis-default-document", "DefaultDocument", "IIS-DefaultDocument", "DefaultDocument", "IIS: default document", "IIS shows a folder's page."),
    feature!("iis-management-console", "IISManagementConsole", "IIS-ManagementConsole", "ManagementConsole", "IIS Manager", "The program by which IIS is managed."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prerequisite_is_silent_and_can_be_found() {
        for preset in PRESETS {
            assert!(preset.hint().is_some(), "{}", preset.name);
            if let By::File(arguments) = preset.by {
                silent::action("x.exe", Some(arguments), false, None)
                    .unwrap_or_else(|told| panic!("{}: {told}", preset.name));
            }
        }
    }
}
