//! Owns what `iisgate config show` looks at: a folder, or a URL of a site.
//!
//! Does not own the way down a site (`iis::way`).

use crate::args::ConfigShowArgs;
use crate::printer::Printer;
use ::iis::{Inheritance, Way};
use anyhow::Context;
use std::path::{Path, PathBuf};

/// What is looked at.
#[derive(Debug)]
pub(crate) struct LookedAt {
    pub(crate) way: Way,
    /// What the files' names are shown without.
    pub(crate) base: PathBuf,
    /// The site's name, or its root folder.
    site: String,
    url: String,
}

impl LookedAt {
    /// Says what it is.
    pub(crate) fn say(&self, printer: &Printer) {
        printer.say(format!("{} of {}", printer.bold(&self.url), printer.bold(&self.site)));
        for folder in &self.way.missing {
            printer.say(format!("  not on this machine: {}", folder.display()));
        }
    }
}

/// Finds it; the inner error is a mistake of whoever asked.
pub(crate) fn find(
    args: &ConfigShowArgs,
    printer: &Printer,
) -> anyhow::Result<Result<LookedAt, String>> {
    let here = absolute(Path::new("."))?;
    if let Some(file) = &args.config {
        let file = absolute(file)?;
        let root = ::iis::site::load_configuration(&file)?;
        let sites = ::iis::sites::read(&root)?;
        let base = file.parent().map_or(here, Path::to_owned);
        if sites.is_empty() && args.site.is_none() {
            // IIS Express's template has none: what it says is for all. No site can have this name.
            let inheritance = Inheritance::server(&root, "/", "/");
            let way = Way { inheritance, files: Vec::new(), missing: Vec::new() };
            let site = "any site".to_owned();
            return Ok(Ok(LookedAt { way, base, site, url: "/".to_owned() }));
        }
        let chosen = match &args.site {
            Some(name) => sites.iter().find(|site| site.name.eq_ignore_ascii_case(name)),
            None => sites.first(),
        };
        let Some(site) = chosen else {
            let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
            let wanted = args.site.as_deref().unwrap_or("(any)");
            let names = if names.is_empty() { "no site".to_owned() } else { names.join(", ") };
            return Ok(Err(format!("{} has no site {wanted}; it has: {names}", file.display())));
        };
        let url = url(args);
        let way = ::iis::way::of_site(&root, site, &url)?;
        return Ok(Ok(LookedAt { way, base, site: site.name.clone(), url }));
    }
    if let Some(dir) = &args.dir {
        let root = absolute(dir)?;
        return Ok(Ok(below(&root, url(args))?));
    }
    let path = absolute(args.path.as_deref().unwrap_or(Path::new(".")))?;
    let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
    let root = outermost(folder)?;
    if root != folder {
        let text = "is taken for the site's root, the outermost folder with a web.config; \
                    --dir names another";
        printer.say(format!("{} {text}", root.display()));
    }
    let rest = path.strip_prefix(&root).unwrap_or(Path::new(""));
    let segments: Vec<_> = rest.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Ok(Ok(below(&root, format!("/{}", segments.join("/")))?))
}

fn below(root: &Path, url: String) -> anyhow::Result<LookedAt> {
    let way = ::iis::way::below_folder(root, &url)?;
    Ok(LookedAt { way, base: root.to_owned(), site: root.display().to_string(), url })
}

fn url(args: &ConfigShowArgs) -> String {
    let path = args.path.as_ref().map(|path| path.to_string_lossy().replace('\\', "/"));
    let path = path.unwrap_or_default();
    format!("/{}", path.trim_matches('/'))
}

/// The outermost folder with a `web.config` around one, itself included; the folder itself if there is
/// none.
fn outermost(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut root = folder;
    for above in folder.ancestors() {
        // Folders above may well be closed to us.
        if ::iis::site::find_web_config(above).is_ok_and(|found| found.is_some()) {
            root = above;
        }
    }
    Ok(root.to_owned())
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    dunce::canonicalize(path).with_context(|| format!("there is no {}", path.display()))
}
