//! Owns reading entries and installers.
//!
//! Does not own expressions (`expression`).

use xml::Element;

use super::expression;
use super::parts::{Seen, attribute, author, link, systems, text, value};
use crate::feed::model::{
    Action, CommandLine, Entry, ExternalPackage, Images, Installer, InstallerFile, Systems,
};

/// An `entry`.
pub(super) fn entry(element: Element<'_>, seen: &mut Seen) -> Entry {
    let mut entry = Entry { kind: attribute(element, "type"), ..Entry::default() };
    for child in element.children() {
        match child.local_name() {
            "productId" => entry.product = value(child),
            "title" => entry.title = text(child),
            "id" => entry.id = value(child),
            "summary" => entry.summary = text(child),
            "updated" => entry.updated = value(child),
            "published" => entry.published = Some(value(child)),
            "longSummary" => entry.long_summary = Some(text(child)),
            "version" => entry.version = value(child),
            "link" => entry.links.push(link(child)),
            "author" => entry.author = Some(author(child, seen)),
            "images" => entry.images = Some(images(child, seen)),
            "keywords" => entry.keywords = seen.values(child, "keywordId"),
            "discoveryHint" => entry.hint = expression::hint(child, seen),
            "dependency" => entry.need = expression::need(child, seen),
            "installers" => entry.installers = seen.each(child, "installer", installer),
            "related" => {
                let ids =
                    seen.each(child, "relatedProduct", |one, seen| seen.values(one, "productId"));
                entry.related = ids.into_iter().flatten().collect();
            }
            "addToFeedDate" => entry.added = Some(value(child)),
            "pageName" => entry.page = Some(value(child)),
            "productFamily" => entry.family = Some(text(child)),
            "frameworkFamily" => entry.framework_family = Some(text(child)),
            "newCategory" => entry.category = Some(text(child)),
            "searchExclude" => entry.search_exclude = Some(value(child)),
            "externalPackages" => entry.external = seen.each(child, "externalPackage", external),
            _ => seen.nobody_knows(child),
        }
    }
    entry
}

fn images(element: Element<'_>, seen: &mut Seen) -> Images {
    let mut images = Images::default();
    for child in element.children() {
        match child.local_name() {
            "icon" => images.icon = Some(value(child)),
            "screenshot" => images.screenshots.push(value(child)),
            _ => seen.nobody_knows(child),
        }
    }
    images
}

fn external(element: Element<'_>, seen: &mut Seen) -> ExternalPackage {
    let mut package = ExternalPackage::default();
    for child in element.children() {
        let part = match child.local_name() {
            "packageid" => &mut package.id,
            "packageType" => &mut package.kind,
            "version" => &mut package.version,
            "feedURL" => &mut package.feed_url,
            _ => {
                seen.nobody_knows(child);
                continue;
            }
        };
        *part = value(child);
    }
    package
}

fn installer(element: Element<'_>, seen: &mut Seen) -> Installer {
    let mut installer = Installer::default();
    for child in element.children() {
        match child.local_name() {
            "id" => installer.id = value(child),
            "languageId" => installer.languages.push(value(child)),
            "osList" => {
                installer.systems = Some(match attribute(child, "idref") {
                    Some(name) => Systems::Named(name),
                    None => Systems::Listed(systems(child, "os", seen)),
                });
            }
            "architectures" => {
                let names = child.children().map(|one| one.local_name().to_owned());
                installer.architectures = names.collect();
            }
            "eulaURL" => installer.eula_url = Some(value(child)),
            "installerFile" => installer.file = Some(file(child, seen)),
            "msDeploy" => {
                let page = child.child("startPage").map(value);
                installer.action = Some(Action::MsDeploy { start_page: page });
            }
            "installCommands" => {
                installer.action = Some(Action::Commands(commands(child, seen)));
            }
            "logFiles" => installer.logs = seen.values(child, "location"),
            "helpLink" => installer.help = Some(value(child)),
            _ => seen.nobody_knows(child),
        }
    }
    installer
}

fn file(element: Element<'_>, seen: &mut Seen) -> InstallerFile {
    let mut file = InstallerFile::default();
    for child in element.children() {
        let part = match child.local_name() {
            "installerURL" => {
                file.url = value(child);
                continue;
            }
            "fileSize" => &mut file.size_kb,
            "trackingURL" => &mut file.tracking_url,
            "displayURL" => &mut file.display_url,
            "sha1" => &mut file.sha1,
            "sha256" => &mut file.sha256,
            "relativeInstallerURL" => &mut file.relative_url,
            _ => {
                seen.nobody_knows(child);
                continue;
            }
        };
        *part = Some(value(child));
    }
    file
}

fn commands(element: Element<'_>, seen: &mut Seen) -> Vec<CommandLine> {
    let mut commands = Vec::new();
    for child in element.children() {
        match child.local_name() {
            "cmdLine" => commands.push(command_line(child, seen)),
            "msiInstall" => {
                let files = seen.values(child, "msi");
                commands.extend(files.into_iter().map(CommandLine::Msi));
            }
            _ => seen.nobody_knows(child),
        }
    }
    commands
}

fn command_line(element: Element<'_>, seen: &mut Seen) -> CommandLine {
    let (mut exe, mut arguments, mut ignore_exit_code) = (String::new(), String::new(), None);
    for child in element.children() {
        match child.local_name() {
            "exe" => exe = value(child),
            "commandLineArguments" => arguments = value(child),
            "ignoreExitCode" => ignore_exit_code = Some(value(child)),
            _ => seen.nobody_knows(child),
        }
    }
    CommandLine::Program { exe, arguments, ignore_exit_code }
}
