//! Owns what can be typed: the commands here, the flags of each in a file of its own.
//!
//! Does not own what is meant by it: each command makes settings of its args.

mod app;

mod check;

mod config;

mod consent;

mod debug;

mod doctor;

mod explain;

mod fcgi;

mod feed;

mod form;

mod iis;

mod init;

mod keep;

mod logs;

mod package;

mod package_channels;

mod package_install;

mod replay;

mod request;

mod serve;

mod service;

mod site;

mod status;

use clap::{Parser, Subcommand};
use std::ffi::OsString;

pub(crate) use app::AppArgs;
pub(crate) use check::{CheckArgs, FindingForm};
pub(crate) use config::{ConfigArgs, ConfigCommand, ConfigShowArgs};
pub(crate) use consent::ConsentArgs;
pub(crate) use debug::{DebugAction, DebugArgs, DebugCompareArgs, DebugOffArgs, DebugOnArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use fcgi::FcgiArgs;
pub(crate) use feed::{
    FeedArgs, FeedBuildArgs, FeedCacheArgs, FeedCommand, FeedInstallArgs, FeedListArgs,
    FeedSearchArgs, FeedVerifyArgs, FeedsArgs,
};
pub(crate) use form::OutputForm;
pub(crate) use iis::{
    HostArgs, IisArgs, IisCommand, IisStatusArgs, InstallArgs, RecycleArgs, RunningArgs,
    UninstallArgs,
};
pub(crate) use init::{InitArgs, OriginName};
pub(crate) use keep::KeepArgs;
pub(crate) use logs::LogsArgs;
pub(crate) use package::{
    PackageArgs, PackageBuildArgs, PackageCommand, PackageExtractArgs, PackageListArgs,
    PackageParamsArgs, PackageVerifyArgs, ParameterForm,
};
pub(crate) use package_channels::ChannelArgs;
pub(crate) use package_install::{
    EnvironmentArgs, HealthArgs, PackageInstallArgs, PackagePostInstallArgs, PackageRollbackArgs,
    SpotArgs,
};
pub(crate) use replay::ReplayArgs;
pub(crate) use request::RequestArgs;
pub(crate) use serve::ServeArgs;
pub(crate) use service::{AddArgs, NamedArgs, RunArgs, ServiceAction, ServiceArgs};
pub(crate) use site::SiteArgs;
pub(crate) use status::StatusArgs;

/// Python web apps behind IIS, nginx, Apache and lighttpd.
#[derive(Debug, Parser)]
#[command(name = "iisgate", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  iisgate init                                       make this folder a site
  iisgate serve examples/flask                       try a site as IIS would run it
  iisgate fcgi app:app --listen unix:/run/app.sock   serve nginx or Apache
  iisgate request GET /hello --dir examples/flask    one request, no socket
  iisgate replay wire.txt app:app                    ask again what a recording asked
  iisgate explain IG050                              what a code means and what mends it
  iisgate status                                     what runs
  iisgate logs C:\\sites\\shop -f                    what is logged there

Exit status: 0 done, 1 trouble found or asked for something wrong, 2 could not do it, 3 was refused the
rights for it.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(InitArgs),
    Serve(ServeArgs),
    Fcgi(FcgiArgs),
    Request(RequestArgs),
    Replay(ReplayArgs),
    Config(ConfigArgs),
    Check(CheckArgs),
    Doctor(DoctorArgs),
    Explain(ExplainArgs),
    Service(ServiceArgs),
    Debug(DebugArgs),
    Logs(LogsArgs),
    Status(StatusArgs),
    Iis(IisArgs),
    Package(PackageArgs),
    Feed(FeedArgs),
    #[command(hide = true)]
    Keep(KeepArgs),
}

/// Turns IIS Express's way of writing flags (`/port:8080`) into ours.
pub(crate) fn translated(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = words.into_iter();
    let mut out: Vec<OsString> = words.by_ref().take(2).collect();
    let is_serve = out.get(1).is_some_and(|word| word == "serve");
    for word in words {
        let flag = word.to_str().filter(|_| is_serve).and_then(|text| {
            let (name, value) = text.strip_prefix('/')?.split_once(':')?;
            match name.to_ascii_lowercase().as_str() {
                "path" => Some(vec![value.into()]),
                "port" => Some(vec!["--port".into(), value.into()]),
                "config" => Some(vec!["--config".into(), value.into()]),
                "site" => Some(vec!["--site".into(), value.into()]),
                _ => None,
            }
        });
        out.extend(flag.unwrap_or_else(|| vec![word]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use front::WAYS;

    #[test]
    fn the_definitions_hold_together() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn iis_express_flags_are_understood() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            translated(words("iisgate serve /path:C:\\site /port:80 /Site:x /other:y")),
            words("iisgate serve C:\\site --port 80 --site x /other:y")
        );
        assert_eq!(
            translated(words("iisgate request GET /port:80")),
            words("iisgate request GET /port:80")
        );
    }
    #[test]
    fn the_ways_of_iis_are_listed_in_the_long_help_and_in_errors() {
        use clap::CommandFactory;
        for name in ["serve", "request"] {
            let mut command = Args::command();
            command.build();
            let command = command.find_subcommand_mut(name).expect("it is a command");
            let short = command.render_help().to_string();
            assert!(!short.contains("--as-iis"), "{short}");
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let long = words(&command.render_long_help().to_string());
            let refused = Args::try_parse_from(["iisgate", name, "--as-iis", "ansi,nonsense"]);
            let error = refused.expect_err("that is none").to_string();
            assert!(error.contains("'nonsense'"), "{error}");
            for way in &WAYS {
                assert!(long.contains(&format!("- {}: {}", way.name, way.sentence)), "{long}");
                assert!(error.contains(way.name), "{}: {error}", way.name);
            }
        }
    }

    #[test]
    fn ways_are_named_with_commas_or_one_by_one() {
        let words = ["iisgate", "serve", "--as-iis=ansi,abort", "--as-iis", "fixed-id"];
        let Command::Serve(args) = Args::parse_from(words).command else { panic!("it is serve") };
        let names: Vec<_> = args.site.as_iis.iter().map(|way| way.name).collect();
        assert_eq!(names, ["ansi", "abort", "fixed-id"]);
    }
}
