//! Owns `iisgate package list`: what a package does and holds, as text or JSON.
//!
//! Does not own reading it.

use super::{print, refused};
use crate::Exit;
use crate::args::{OutputForm, PackageListArgs};
use crate::printer::Printer;
use deploy::package::{Package, Provider, RunCommand, Shape};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

pub(super) fn run(args: &PackageListArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let package = match Package::open(&args.file) {
        Ok(package) => package,
        Err(error) => return Ok(refused(&error, printer)),
    };
    print(&match args.output {
        OutputForm::Text => text(&package),
        OutputForm::Json => format!("{:#}\n", value(&package)),
    })?;
    let files = package.entries().iter().filter(|entry| !entry.is_folder);
    let bytes: u64 = files.clone().map(|entry| entry.size).sum();
    printer.say(format!("{} files, {bytes} bytes", files.count()));
    Ok(Exit::Done)
}

fn shape(package: &Package) -> &'static str {
    match package.shape() {
        Shape::Gallery => "gallery",
        Shape::Archive => "archive",
    }
}

fn text(package: &Package) -> String {
    let mut out = String::new();
    for provider in &package.manifest().providers {
        let _ = write!(out, "{:<12} {}", provider.name, provider.path);
        for (name, value) in &provider.attributes {
            let _ = write!(out, " {name}={value}");
        }
        for (name, value) in settings(provider) {
            let _ = write!(out, " {name}={value}");
        }
        if provider.is("runCommand") {
            let _ = write!(out, " ({} s)", RunCommand::of(provider).timeout().as_secs());
        }
        out.push('\n');
    }
    out.push('\n');
    for entry in package.entries().iter().filter(|entry| !entry.is_folder) {
        let _ = writeln!(out, "{:>12}  {}", entry.size, entry.name);
    }
    out
}

/// What a provider's options say.
fn settings(provider: &Provider) -> &[(String, String)] {
    match &provider.options {
        Some(Ok(options)) => &options.settings,
        _ => &[],
    }
}

fn value(package: &Package) -> Value {
    let pairs = |pairs: &[(String, String)]| -> Value {
        let pairs = pairs.iter().map(|(name, value)| (name.clone(), json!(value)));
        Value::Object(pairs.collect::<Map<String, Value>>())
    };
    let providers: Vec<Value> = package
        .manifest()
        .providers
        .iter()
        .map(|provider| {
            json!({
                "provider": provider.name,
                "path": provider.path,
                "attributes": pairs(&provider.attributes),
                "settings": pairs(settings(provider)),
            })
        })
        .collect();
    let files = package.entries().iter().filter(|entry| !entry.is_folder);
    let files: Vec<Value> =
        files.map(|entry| json!({ "name": entry.name, "size": entry.size })).collect();
    json!({
        "shape": shape(package),
        "appFolder": package.app_folder(),
        "providers": providers,
        "files": files,
    })
}
