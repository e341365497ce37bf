//! Owns writing entries and installers.
//!
//! Does not own expressions (`write`).

use super::lines::Lines;
use super::{OURS, hint, need, system};
use crate::feed::model::{
    Action, Author, CommandLine, Entry, ExternalPackage, Installer, InstallerFile, Link, Systems,
};

/// A `link` element.
pub(super) fn link(out: &mut Lines, link: &Link) {
    let mut attributes = Vec::new();
    attributes.extend(link.rel.as_deref().map(|rel| ("rel", rel)));
    attributes.push(("href", &link.href));
    out.empty("link", &attributes);
}

/// An `author` element.
pub(super) fn author(out: &mut Lines, author: &Author) {
    out.open("author", &[]);
    out.leaf("name", &author.name);
    out.maybe("uri", author.uri.as_deref());
    out.close("author");
}

/// An `entry` element.
pub(super) fn entry(out: &mut Lines, entry: &Entry) {
    match &entry.kind {
        Some(kind) => out.open("entry", &[("type", kind)]),
        None => out.open("entry", &[]),
    }
    out.leaf("productId", &entry.product);
    out.text("title", &entry.title);
    out.leaf("id", &entry.id);
    out.text("summary", &entry.summary);
    out.leaf("updated", &entry.updated);
    out.maybe("published", entry.published.as_deref());
    if let Some(text) = &entry.long_summary {
        out.text("longSummary", text);
    }
    out.leaf("version", &entry.version);
    for one in &entry.links {
        link(out, one);
    }
    if let Some(one) = &entry.author {
        author(out, one);
    }
    if let Some(images) = &entry.images {
        out.open("images", &[]);
        out.maybe("icon", images.icon.as_deref());
        for url in &images.screenshots {
            out.leaf("screenshot", url);
        }
        out.close("images");
    }
    out.list("keywords", &entry.keywords, |out, id| out.leaf("keywordId", id));
    if let Some(one) = &entry.hint {
        hint(out, one);
    }
    if let Some(one) = &entry.need {
        need(out, one);
    }
    out.list("installers", &entry.installers, installer);
    out.list("related", &entry.related, |out, id| {
        out.open("relatedProduct", &[]);
        out.leaf("productId", id);
        out.close("relatedProduct");
    });
    out.maybe("addToFeedDate", entry.added.as_deref());
    out.maybe("pageName", entry.page.as_deref());
    for (name, text) in [
        ("productFamily", &entry.family),
        ("frameworkFamily", &entry.framework_family),
        ("newCategory", &entry.category),
    ] {
        if let Some(text) = text {
            out.text(name, text);
        }
    }
    out.maybe("searchExclude", entry.search_exclude.as_deref());
    out.list("externalPackages", &entry.external, external);
    out.close("entry");
}

fn external(out: &mut Lines, package: &ExternalPackage) {
    out.open("externalPackage", &[]);
    out.leaf("packageid", &package.id);
    out.leaf("packageType", &package.kind);
    out.leaf("version", &package.version);
    out.leaf("feedURL", &package.feed_url);
    out.close("externalPackage");
}

fn installer(out: &mut Lines, installer: &Installer) {
    out.open("installer", &[]);
    out.leaf("id", &installer.id);
    for language in &installer.languages {
        out.leaf("languageId", language);
    }
    match &installer.systems {
        Some(Systems::Named(name)) => out.empty("osList", &[("idref", name)]),
        Some(Systems::Listed(systems)) => {
            out.open("osList", &[]);
            for one in systems {
                system(out, one);
            }
            out.close("osList");
        }
        None => {}
    }
    out.list("architectures", &installer.architectures, |out, name| out.empty(name, &[]));
    out.maybe("eulaURL", installer.eula_url.as_deref());
    if let Some(one) = &installer.file {
        file(out, one);
    }
    match &installer.action {
        Some(Action::MsDeploy { start_page: Some(page) }) => {
            out.open("msDeploy", &[]);
            out.leaf("startPage", page);
            out.close("msDeploy");
        }
        Some(Action::MsDeploy { start_page: None }) => out.empty("msDeploy", &[]),
        Some(Action::Commands(commands)) => out.list("installCommands", commands, command),
        None => {}
    }
    out.list("logFiles", &installer.logs, |out, path| out.leaf("location", path));
    out.maybe("helpLink", installer.help.as_deref());
    out.close("installer");
}

fn file(out: &mut Lines, file: &InstallerFile) {
    out.open("installerFile", &[]);
    out.maybe("fileSize", file.size_kb.as_deref());
    out.maybe("trackingURL", file.tracking_url.as_deref());
    out.leaf("installerURL", &file.url);
    out.maybe("displayURL", file.display_url.as_deref());
    out.maybe("sha1", file.sha1.as_deref());
    if let Some(digest) = &file.sha256 {
        out.leaf_with("sha256", &[("xmlns", OURS)], digest);
    }
    out.maybe("relativeInstallerURL", file.relative_url.as_deref());
    out.close("installerFile");
}

fn command(out: &mut Lines, command: &CommandLine) {
    match command {
        CommandLine::Program { exe, arguments, ignore_exit_code } => {
            out.open("cmdLine", &[]);
            out.leaf("exe", exe);
            out.leaf("commandLineArguments", arguments);
            out.maybe("ignoreExitCode", ignore_exit_code.as_deref());
            out.close("cmdLine");
        }
        CommandLine::Msi(file) => {
            out.open("msiInstall", &[]);
            out.leaf("msi", file);
            out.close("msiInstall");
        }
    }
}
