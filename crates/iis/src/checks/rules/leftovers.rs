//! Owns rules about what other gateways and frameworks have left behind.
//!
//! Does not own what of it still works (`app_settings`).

use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::Subject;
use super::reference;
use crate::rewrite;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["wfastcgi-leftover", "The site still runs by wfastcgi",
        "wfastcgi is no longer maintained. It serves one request in each process, throws away what the app prints and ends in the midst of requests when a file changes.",
        "iisgate init --from wfastcgi converts the site; its settings keep their meaning.",
        "https://github.com/microsoft/PTVS"], wfastcgi),
    note(["wfastcgi-settings", "Settings of wfastcgi stand beside [tool.iisgate]",
        "iisgate obeys both, [tool.iisgate] first. Two places to look at are one too many.",
        "Move what still counts to [tool.iisgate].",
        "README.md"], settings),
    warning(["httpplatform-leftover", "HttpPlatformHandler's section is left over",
        "<httpPlatform> says nothing to FastCGI, and where its module is not installed the section is 500.19 with 0x8007000d.",
        "Delete <httpPlatform>; iisgate init --from httpplatform converts what it says.",
        "https://learn.microsoft.com/iis/extensions/httpplatformhandler/httpplatformhandler-configuration-reference"], platform),
    warning(["asp-net-core-leftover", "ASP.NET Core's section is left over",
        "<aspNetCore> says nothing to FastCGI, and where its module is not installed the section is 500.19 with 0x8007000d.",
        "Delete <aspNetCore>.",
        "https://learn.microsoft.com/aspnet/core/host-and-deploy/aspnet-core-module"], core),
    error(["classic-handlers", "Handlers of classic ASP.NET stand in the way",
        "<system.web><httpHandlers> and <httpModules> are for the classic pipeline: an integrated IIS app pool answers 500.22 or 500.23.",
        "Delete them.",
        "https://learn.microsoft.com/troubleshoot/developer/webapps/iis/health-diagnostic-performance/http-error-500-22"], classic),
    note(["asp-net-limits", "Limits of ASP.NET say nothing to Python",
        "<httpRuntime maxRequestLength> and executionTimeout count for ASP.NET's own handlers. Request filtering's maxAllowedContentLength counts for all.",
        "Delete <httpRuntime>.",
        reference!("system.webserver/security/requestfiltering/requestlimits/")], runtime),
    error(["rewrite-rule-broken", "A rule of URL Rewrite cannot be read",
        "A pattern that is no regular expression, or a rule that lacks what its kind needs, is 500.50 or 500.19 for each request of the site.",
        "Correct the rule.",
        "https://learn.microsoft.com/iis/extensions/url-rewrite-module/url-rewrite-module-configuration-reference"], rewriting),
    warning(["app-offline-left", "app_offline.htm takes the site away",
        "As long as the file lies in the site's folder each request is answered 503 with it.",
        "Delete app_offline.htm when the deployment is done.",
        "https://learn.microsoft.com/aspnet/core/host-and-deploy/app-offline"], offline),
];

fn wfastcgi(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject
        .pythons()
        .filter(|python| python.processor.to_string().to_lowercase().contains("wfastcgi"));
    found
        .map(|python| {
            Hit::at(python.element.attribute_place("scriptProcessor"), "this starts wfastcgi")
        })
        .collect()
}

fn settings(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.files.pyproject.is_none() || subject.project == crate::Project::default() {
        return Vec::new();
    }
    let items = subject.sections("appSettings").flat_map(|section| section.children());
    let found = items.filter(|item| {
        item.attribute("key")
            .is_some_and(|key| ["WSGI_LOG", "WSGI_RESTART_FILE_REGEX"].contains(&key))
    });
    found.map(|item| Hit::at(item.place(), "this is a setting of wfastcgi")).collect()
}

fn platform(subject: &Subject<'_>) -> Vec<Hit> {
    let is_used = subject.mappings().any(|item| {
        item.attribute("modules")
            .is_some_and(|modules| modules.to_lowercase().contains("httpplatform"))
    });
    let found = subject.sections("system.webServer/httpPlatform").filter(|_| !is_used);
    found.map(|item| Hit::at(item.place(), "no handler uses it")).collect()
}

fn core(subject: &Subject<'_>) -> Vec<Hit> {
    let is_used = subject.mappings().any(|item| {
        item.attribute("modules")
            .is_some_and(|modules| modules.to_lowercase().contains("aspnetcore"))
    });
    let found = subject.sections("system.webServer/aspNetCore").filter(|_| !is_used);
    found.map(|item| Hit::at(item.place(), "no handler uses it")).collect()
}

fn classic(subject: &Subject<'_>) -> Vec<Hit> {
    let is_allowed = subject.own("system.webServer/validation").is_some_and(|item| {
        item.attribute("validateIntegratedModeConfiguration")
            .is_some_and(|told| told.eq_ignore_ascii_case("false"))
    });
    let paths = ["system.web/httpHandlers", "system.web/httpModules"];
    let found = paths.into_iter().filter(|_| !is_allowed).filter_map(|path| subject.own(path));
    found.map(|item| Hit::at(item.place(), "an integrated IIS app pool refuses it")).collect()
}

fn runtime(subject: &Subject<'_>) -> Vec<Hit> {
    let found =
        subject.sections("system.web/httpRuntime").filter(|_| subject.pythons().next().is_some());
    found.map(|item| Hit::at(item.place(), "this counts for ASP.NET alone")).collect()
}

fn rewriting(subject: &Subject<'_>) -> Vec<Hit> {
    let rules: Vec<_> =
        subject.own("system.webServer/rewrite/rules").map(|rules| (0, rules)).into_iter().collect();
    let maps: Vec<_> = subject.own("system.webServer/rewrite/rewriteMaps").into_iter().collect();
    match rewrite::read(&[], &rules, &maps) {
        Err(crate::Error::Content { place, message }) => vec![Hit::at(*place, message)],
        _ => Vec::new(),
    }
}

fn offline(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.has("app_offline.htm");
    found
        .then(|| {
            Hit::file(subject.in_folder("app_offline.htm"), "each request is answered with it")
        })
        .into_iter()
        .collect()
}
