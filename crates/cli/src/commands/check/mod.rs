//! Owns `iisgate check`: which folder, which rules, mending, and the exit status.
//!
//! Does not own the rules (`iis::checks`), nor how findings are shown (`form`).

pub(crate) mod form;

use crate::Exit;
use crate::args::CheckArgs;
use crate::commands::doctor::gather::{access_of, without_log};
use crate::printer::Printer;
use ::iis::checks::{self, Files, Finding, Severity};
use ::iis::doctor::{self, Machine, Topic};
use anyhow::Context;
use std::path::Path;

pub(crate) fn run(args: &CheckArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let is_known = |code: &&String| checks::find(code).is_some() || doctor::find(code).is_some();
    if let Some(code) = args.rules.iter().find(|code| !is_known(code)) {
        printer.error(&format!("there is no rule {code}"));
        let near =
            checks::nearest(code).map_or_else(String::new, |near| format!("; is {near} meant?"));
        printer.say(format!("{} iisgate explain lists all{near}", printer.bold("hint:")));
        return Ok(Exit::Unable);
    }
    let folder = args.dir.as_deref().unwrap_or(Path::new("."));
    let files = checks::load(folder, args.config.as_deref(), args.site.as_deref())?;
    if let Some(message) = missing_site(&files) {
        printer.error(&message);
        return Ok(Exit::Unable);
    }
    let wanted = |finding: &Finding| {
        args.rules.is_empty()
            || args.rules.iter().any(|code| code.eq_ignore_ascii_case(finding.code))
    };
    let mut findings: Vec<Finding> = checks::check(&files).into_iter().filter(wanted).collect();
    if args.fix {
        findings = mend(args, files, findings, printer)?;
    }
    if let Some(identity) = &args.identity {
        findings.extend(access(identity, folder, printer)?.into_iter().filter(wanted));
    }
    form::print(&findings, args.output, folder, printer)?;
    printer.say(form::summary(&findings));
    let is_clean = findings.iter().all(|finding| finding.severity == Severity::Note);
    Ok(if is_clean { Exit::Done } else { Exit::Trouble })
}

/// What an identity may not do that the site needs.
fn access(identity: &str, folder: &Path, printer: &Printer) -> anyhow::Result<Vec<Finding>> {
    let folder = dunce::canonicalize(folder)?;
    let plan = gate::Plan::new(&without_log(gate::Settings::default()), &folder);
    let mut machine = Machine {
        is_windows: cfg!(windows),
        files: Files { folder, ..Files::default() },
        ..Machine::default()
    };
    let others = Topic::ALL.into_iter().filter(|topic| *topic != Topic::Access);
    machine.left_out.extend(others.map(|topic| (topic, String::new())));
    access_of(identity, &mut machine, plan.as_ref().ok());
    // Without an interpreter the files of the site are looked at all the same.
    let not_asked = machine.left_out.iter().find(|(topic, _)| *topic == Topic::Access);
    let why = not_asked.map(|(_, why)| why.clone());
    if let Some(why) = why.or_else(|| plan.err().map(|failure| failure.title)) {
        printer.say(format!(
            "{} access to Python and its packages ({why})",
            printer.bold("left out:")
        ));
    }
    Ok(doctor::examine(&machine))
}

/// Why the site that was named is not there.
fn missing_site(files: &Files) -> Option<String> {
    let (server, name) = (files.server.as_ref()?, files.site.as_ref()?);
    let root = ::iis::document::decode(&server.path, &server.bytes).ok()?;
    let sites = ::iis::sites::read(&root).ok()?;
    if sites.iter().any(|site| site.name.eq_ignore_ascii_case(name)) {
        return None;
    }
    let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
    Some(format!("{} has no site {name}; it has: {}", server.path.display(), names.join(", ")))
}

/// Mends what can be, and finds again what is left.
fn mend(
    args: &CheckArgs,
    mut files: Files,
    findings: Vec<Finding>,
    printer: &Printer,
) -> anyhow::Result<Vec<Finding>> {
    let Some(web) = files.web_config.clone() else { return Ok(findings) };
    let edits: Vec<_> =
        findings.iter().filter_map(|f| f.edit.as_ref()).filter(|e| e.is_in(&web.path)).collect();
    if edits.is_empty() {
        printer.say("Nothing here can be mended safely.");
        return Ok(findings);
    }
    let mended = checks::mended(&web.path, &web.bytes, edits.iter().copied())?;
    let (old, fresh) = (decoded(&web.path, &web.bytes), decoded(&web.path, &mended));
    let name = web.path.display().to_string();
    let diff = similar::TextDiff::from_lines(&old, &fresh);
    printer.say(diff.unified_diff().context_radius(2).header(&name, &name));
    if args.dry_run {
        printer.say("Nothing is written (--dry-run).");
        return Ok(findings);
    }
    let saved = ::iis::saving::save(
        &web.path,
        Some(&web.bytes),
        &mended,
        platform::successor_file::succeed,
    )
    .context("nothing is mended")?;
    if let ::iis::saving::Saved::Replaced { backup } = saved {
        printer.say(format!("{} is mended; the old one is {}", name, backup.display()));
    }
    let codes: Vec<String> = args.rules.clone();
    if let Some(web) = &mut files.web_config {
        web.bytes = mended;
    }
    let again = checks::check(&files).into_iter();
    Ok(again
        .filter(|f| codes.is_empty() || codes.iter().any(|code| code.eq_ignore_ascii_case(f.code)))
        .collect())
}

/// A file's text, for showing.
fn decoded(path: &Path, bytes: &[u8]) -> String {
    match ::iis::Editor::parse(path, bytes.to_vec()) {
        Ok(mut editor) => editor.document().text().replace("\r\n", "\n"),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
