//! Owns asking for a package's parameters on a terminal.
//!
//! Does not own which values are right (`deploy::package::parameters`): all are held against their rules
//! when they are together.

use crate::printer::Printer;
use deploy::package::{Parameter, Parameters};
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};

/// Asks for what is not given; without a terminal for nothing.
pub(super) fn ask(
    parameters: &Parameters,
    given: &mut BTreeMap<String, String>,
    printer: &Printer,
) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        return Ok(());
    }
    for parameter in &parameters.parameters {
        let is_given = given.keys().any(|name| parameters.find(name) == Some(parameter));
        if parameter.is_hidden() || is_given {
            continue;
        }
        if let Some(value) = one(parameter, printer)? {
            given.insert(parameter.name.clone(), value);
        }
    }
    Ok(())
}

/// Nothing typed means the default.
fn one(parameter: &Parameter, printer: &Printer) -> anyhow::Result<Option<String>> {
    if let Some(description) = &parameter.description {
        printer.say(description);
    }
    let default = parameter.default.as_deref().filter(|default| !default.is_empty());
    let shown = default.filter(|_| !parameter.is_secret());
    let shown = shown.map(|default| format!(" [{default}]")).unwrap_or_default();
    let question = format!("{}{shown}: ", printer.bold(parameter.title()));
    let value = if parameter.is_secret() {
        rpassword::prompt_password(question)?
    } else {
        write!(std::io::stderr(), "{question}")?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    Ok(Some(value).filter(|value| !value.is_empty()))
}
