//! Owns `iisgate package params`: what a package asks for, in four forms, and whether values are accepted.
//!
//! Does not own the rules (`deploy::package::parameters`).

use super::{print, refused};
use crate::Exit;
use crate::args::{PackageParamsArgs, ParameterForm};
use crate::printer::Printer;
use anyhow::Context;
use deploy::package::parameters::{ResolveError, read_set_file, write_set_file};
use deploy::package::{Package, Parameter, Parameters, Resolved};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What is shown instead of a secret.
const MASKED: &str = "********";

pub(super) fn run(args: &PackageParamsArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let package = match Package::open(&args.file) {
        Ok(package) => package,
        Err(error) => return Ok(refused(&error, printer)),
    };
    let given = match given(args.set_file.as_deref(), &args.set)? {
        Ok(given) => given,
        Err(message) => {
            printer.error(&message);
            return Ok(Exit::Trouble);
        }
    };
    let parameters = package.parameters();
    let resolved = parameters.resolve(&given);
    let values = resolved.as_ref().ok().cloned().unwrap_or_default();
    print(&match args.output {
        ParameterForm::Text => text(parameters, &values),
        ParameterForm::Json => format!("{:#}\n", json_of(parameters, &values)),
        ParameterForm::Xml => parameters.to_xml(),
        ParameterForm::Set => write_set_file(parameters, &values),
    })?;
    match resolved {
        Ok(_) => Ok(Exit::Done),
        // Without any value given, what is missing is no fault.
        Err(_) if given.is_empty() => Ok(Exit::Done),
        Err(error) => Ok(wrong(&error, printer)),
    }
}

fn wrong(error: &ResolveError, printer: &Printer) -> Exit {
    for problem in &error.problems {
        printer.error(&problem.to_string());
    }
    Exit::Trouble
}

/// The values that were given: flags count more than the file.
fn given(
    file: Option<&Path>,
    set: &[(String, String)],
) -> anyhow::Result<Result<BTreeMap<String, String>, String>> {
    let mut given = BTreeMap::new();
    if let Some(file) = file {
        let bytes =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        match read_set_file(file, &bytes) {
            Ok(values) => given = values,
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
    given.extend(set.iter().cloned());
    Ok(Ok(given))
}

fn text(parameters: &Parameters, values: &Resolved) -> String {
    let mut out = String::new();
    for parameter in &parameters.parameters {
        let hidden = if parameter.is_hidden() { " (not asked)" } else { "" };
        let _ = writeln!(out, "{}{hidden}", parameter.name);
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(out, "  {name:<9} {value}");
            }
        };
        line("", parameter.description.as_deref().unwrap_or_default());
        line("default", parameter.default.as_deref().unwrap_or_default());
        let value =
            values.get(&parameter.name).filter(|v| Some(*v) != parameter.default.as_deref());
        line(
            "value",
            if parameter.is_secret() { value.map_or("", |_| MASKED) } else { value.unwrap_or("") },
        );
        line("tags", &parameter.tags.join(", "));
        if let Some(validation) = &parameter.validation {
            line("rule", format!("{} {}", validation.kinds(), validation.text).trim());
        }
        for entry in &parameter.entries {
            line("into", &format!("{} {} {}", entry.kind.name(), entry.scope, entry.pattern));
        }
    }
    out
}

fn json_of(parameters: &Parameters, values: &Resolved) -> Value {
    let entry = |entry: &deploy::package::parameters::ParameterEntry| json!({ "kind": entry.kind.name(), "scope": entry.scope, "match": entry.pattern });
    let parameter = |parameter: &Parameter| {
        let value = values.get(&parameter.name);
        json!({
            "name": parameter.name,
            "friendlyName": parameter.friendly_name,
            "description": parameter.description,
            "default": parameter.default,
            "value": if parameter.is_secret() { value.map(|_| MASKED) } else { value },
            "tags": parameter.tags,
            "hidden": parameter.is_hidden(),
            "validation": parameter.validation.as_ref().map(|validation| {
                json!({ "kind": validation.kinds(), "text": validation.text })
            }),
            "entries": parameter.entries.iter().map(entry).collect::<Vec<_>>(),
        })
    };
    Value::Array(parameters.parameters.iter().map(parameter).collect())
}
