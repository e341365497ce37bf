//! Owns `iisgate config`: what is looked at, which sections, and the exit status.
//!
//! Does not own merging (`iis`), nor how it is shown (`view`).

mod place;

mod view;

use crate::Exit;
use crate::args::{ConfigArgs, ConfigCommand, ConfigShowArgs, OutputForm};
use crate::printer::Printer;
use ::iis::Inheritance;
use ::iis::sections::SECTIONS;
use std::io::Write as _;

pub(crate) fn run(args: ConfigArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.command {
        ConfigCommand::Show(args) => {
            let (exit, text) = show(&args, printer)?;
            match std::io::stdout().lock().write_all(text.as_bytes()) {
                // Whom nobody hears any more has nothing to say.
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(exit),
                written => Ok(written.map(|()| exit)?),
            }
        }
    }
}

/// What is printed on standard output; the rest is said.
fn show(args: &ConfigShowArgs, printer: &Printer) -> anyhow::Result<(Exit, String)> {
    let trouble = |message: &str| {
        printer.error(message);
        Ok((Exit::Trouble, String::new()))
    };
    let looked_at = match place::find(args, printer) {
        Ok(Ok(found)) => found,
        Ok(Err(message)) => return trouble(&message),
        // What IIS would refuse, too, was found and told: that is what was asked for.
        Err(error) => match error.downcast_ref::<::iis::Error>() {
            Some(refused) if refused.place().is_some() => return trouble(&refused.to_string()),
            _ => return Err(error),
        },
    };
    let chain = &looked_at.way.inheritance;
    let Some(sections) = chosen(args, chain, printer) else {
        return Ok((Exit::Trouble, String::new()));
    };
    looked_at.say(printer);
    let (mut views, mut errors) = (Vec::new(), Vec::new());
    for section in &sections {
        if args.effective {
            match chain.effective(section, args.defaults) {
                Ok(effective) => views.push(view::effective(&effective)),
                Err(error) => errors.push(error),
            }
        } else {
            views.push(view::written(section, chain));
        }
    }
    let text = match args.output {
        OutputForm::Text => view::text(&views, &looked_at.base, args.sections.is_empty()),
        OutputForm::Json => view::json(&views, &errors),
    };
    for error in &errors {
        printer.error(&error.to_string());
    }
    if sections.is_empty() {
        printer.say("No web.config on the way and no <location> says anything.");
    }
    if args.sections.is_empty() && !args.all {
        let text = "--section NAME shows all of a section, --all every section";
        printer.say(format!("{} {text}", printer.bold("hint:")));
    }
    let exit = if errors.is_empty() { Exit::Done } else { Exit::Trouble };
    Ok((exit, text))
}

/// The sections to be shown; `None` when one is asked for that there cannot be.
fn chosen(args: &ConfigShowArgs, chain: &Inheritance, printer: &Printer) -> Option<Vec<String>> {
    if args.sections.is_empty() {
        return Some(chain.section_paths(args.all));
    }
    let there = chain.section_paths(true);
    let mut chosen = Vec::new();
    for name in &args.sections {
        let known = || there.iter().map(String::as_str).chain(SECTIONS.iter().copied());
        // Names are shortened as appcmd's are, which looks at no case either.
        let is_meant = |section: &&str| {
            let short = section.rsplit('/').next().unwrap_or(section);
            section.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
        };
        match known().find(is_meant) {
            Some(section) => chosen.push(section.to_owned()),
            None => {
                printer.error(&format!("there is no section {name}"));
                let text = "write it as it stands in the files, such as system.webServer/handlers";
                printer.say(format!("{} {text}", printer.bold("hint:")));
                return None;
            }
        }
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::{ConfigCommand, show};
    use crate::Exit;
    use crate::args::{Args, Command};
    use crate::printer::Printer;
    use clap::Parser;
    use std::fs;
    use std::path::Path;

    /// Runs `iisgate config show` with these words; a folder stands for `{}`.
    fn shown(folder: &Path, words: &str) -> anyhow::Result<(Exit, String)> {
        let folder = folder.display().to_string();
        let words = words.split(' ').map(|word| word.replace("{}", &folder));
        let words = ["iisgate", "config", "show"].map(str::to_owned).into_iter().chain(words);
        let Command::Config(args) = Args::parse_from(words).command else { panic!("not config") };
        let ConfigCommand::Show(args) = args.command;
        show(&args, &Printer::new())
    }

    #[test]
    fn a_folder_and_a_url_show_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, section: &str| {
            let text = format!(
                "<configuration>\n<system.webServer>{section}</system.webServer>\n</configuration>"
            );
            fs::write(folder.path().join(name), text).unwrap();
        };
        fs::create_dir(folder.path().join("sub")).unwrap();
        write("web.config", "<directoryBrowse enabled=\"true\" />");
        write("sub/web.config", "<directoryBrowse showFlags=\"Size\" />");
        let expected = "system.webServer/directoryBrowse\n  web.config:2      enabled=\"true\"\n  \
                        sub/web.config:2  showFlags=\"Size\"\n";
        let expected = expected.replace('/', std::path::MAIN_SEPARATOR_STR);
        let expected = expected.replacen(std::path::MAIN_SEPARATOR, "/", 1);
        for words in ["--effective {}/sub", "/sub --effective --dir {}"] {
            let (exit, text) = shown(folder.path(), words).unwrap();
            assert_eq!((exit, text.as_str()), (Exit::Done, expected.as_str()), "{words}");
        }
    }

    #[test]
    fn what_iis_would_refuse_is_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("web.config"), text).unwrap();
        let exit = |words: &str| shown(folder.path(), words).map(|(exit, _)| exit);
        assert_eq!(exit("--effective {}").unwrap(), Exit::Done, "nothing is no trouble");
        assert_eq!(exit("--section nope {}").unwrap(), Exit::Trouble);
        write("<configuration><oops></configuration>");
        assert_eq!(exit("--effective {}").unwrap(), Exit::Trouble, "not well-formed");
        write(
            "<configuration><system.webServer><defaultDocument><files><add value='a'/>\
             <add value='a'/></files></defaultDocument></system.webServer></configuration>",
        );
        assert_eq!(exit("--effective {}").unwrap(), Exit::Trouble, "a duplicate");
        assert_eq!(exit("{}").unwrap(), Exit::Done, "as it is written");
        assert_eq!(exit("--section DefaultDocument {} -o json").unwrap(), Exit::Done);
        assert!(exit("{}/nowhere").is_err(), "it cannot be looked at");
    }
}
