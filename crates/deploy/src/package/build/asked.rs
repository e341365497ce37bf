//! Owns what our packages ask for: the application's path, what the author declares, and the hidden
//! parameters that follow.
//!
//! Does not own what parameters mean (`parameters`).

use super::BuildError;
use super::table::{PackageTable, Parameter as Declared};
use crate::package::parameters::{
    EntryKind, Localised, Parameter, ParameterEntry, Parameters, Validation, ValidationKind,
};
use crate::package::pattern::{Pattern, escaped};

/// The parameter that every package has, under the name that Microsoft's packages give it.
pub(super) const APPLICATION: &str = "Application Path";

/// The parameter for where iisgate is on the server.
pub(super) const PROGRAM: &str = "iisgate program";

/// Those of the application, of what the author declares, and of rights.
pub(super) fn parameters(name: &str, table: &PackageTable) -> Result<Parameters, BuildError> {
    let mut application = Parameter::new(APPLICATION, &format!("Default Web Site/{name}"));
    application.description =
        Some("The site, and the path in it, where the application is installed".to_owned());
    application.tags = vec!["iisApp".to_owned()];
    application.entries.push(provider_path("iisApp", name));
    let mut parameters = vec![application];
    for (name, declared) in table.parameters() {
        if name.trim().is_empty() || name.contains(['{', '}']) {
            let message = format!("a parameter cannot have the name {name:?}");
            return Err(BuildError::refused(message, "give it one without braces"));
        }
        let parameter = declared_parameter(name, declared)?;
        match parameters.iter_mut().find(|known| known.name == parameter.name) {
            // What is said of the application's path is put over ours.
            Some(known) => {
                known.default = parameter.default.or(known.default.take());
                known.friendly_name = parameter.friendly_name;
                known.description = parameter.description.or(known.description.take());
                known.localised = parameter.localised;
                known.entries.extend(parameter.entries);
            }
            None => parameters.push(parameter),
        }
    }
    for folder in &table.writable {
        let path = format!("{name}/{folder}");
        let mut rights =
            hidden(&format!("Rights on {folder}"), &format!("{{{APPLICATION}}}/{folder}"));
        rights.entries.push(provider_path("setAcl", &path));
        parameters.push(rights);
    }
    Ok(Parameters { parameters })
}

/// A parameter that nobody is asked for.
pub(super) fn hidden(name: &str, default: &str) -> Parameter {
    Parameter { tags: vec!["Hidden".to_owned()], ..Parameter::new(name, default) }
}

/// An entry that gives one provider its path.
pub(super) fn provider_path(provider: &str, path: &str) -> ParameterEntry {
    let pattern = format!("^{}$", escaped(path));
    ParameterEntry::new(EntryKind::ProviderPath, &format!("^{provider}$"), &pattern)
}

/// The scope that means one file of the application.
fn scope(file: &str) -> String {
    let path = crate::package::apply::windows_path(file.trim_start_matches("./"));
    format!("{}$", escaped(&path))
}

/// Where a variable of the app's environment stands in `web.config`.
pub(super) fn variable_xpath(name: &str) -> String {
    format!("/configuration/appSettings/add[@key='{name}']/@value")
}

fn declared_parameter(name: &str, declared: &Declared) -> Result<Parameter, BuildError> {
    let refused = |why: &str, hint: &str| {
        BuildError::refused(format!("parameter {name} in [tool.iisgate.package]: {why}"), hint)
    };
    let mut tags = declared.tags.clone();
    if declared.hidden {
        tags.push("Hidden".to_owned());
        if declared.default.is_none() {
            return Err(refused(
                "nobody is asked for it, and it has no default",
                "give it a default",
            ));
        }
    }
    if declared.secret {
        tags.extend(["Password", "New"].map(str::to_owned));
        if declared.default.as_deref().is_some_and(|default| !default.is_empty()) {
            let why = "it is a secret with a default, which everybody can read in the package";
            return Err(refused(why, "take the default out: it is asked for then"));
        }
    }
    let mut parameter = Parameter {
        name: name.to_owned(),
        friendly_name: declared.title.clone(),
        description: declared.description.clone(),
        default: declared.default.clone(),
        tags,
        validation: validation(declared)
            .map_err(|why| refused(&why, "see docs/guides/packages.md"))?,
        ..Parameter::default()
    };
    for (element, texts) in
        [("friendlyName", &declared.titles), ("description", &declared.descriptions)]
    {
        let localised = texts.iter().map(|(culture, text)| Localised {
            element: element.to_owned(),
            culture: culture.clone(),
            text: text.clone(),
        });
        parameter.localised.extend(localised);
    }
    parameter.entries = entries(declared).map_err(|why| refused(&why, "mend it"))?;
    Ok(parameter)
}

fn validation(declared: &Declared) -> Result<Option<Validation>, String> {
    let mut rules = Vec::new();
    let mut text = String::new();
    if declared.boolean {
        rules.push(ValidationKind::Boolean);
    }
    if !declared.choices.is_empty() {
        if let Some(choice) = declared.choices.iter().find(|choice| choice.contains(',')) {
            return Err(format!("a choice cannot hold a comma: {choice}"));
        }
        rules.push(ValidationKind::Enumeration);
        text = declared.choices.join(",");
    }
    if let Some(pattern) = &declared.pattern {
        Pattern::new(pattern).map_err(|error| format!("{pattern} is no pattern: {error}"))?;
        rules.push(ValidationKind::RegularExpression);
        text.clone_from(pattern);
    }
    if rules.len() > 1 {
        return Err("only one of boolean, choices and pattern can hold".to_owned());
    }
    if declared.allow_empty {
        rules.push(ValidationKind::AllowEmpty);
    }
    let validation = Validation { rules, text, place: None };
    if let Some(default) = declared.default.as_deref().filter(|d| !d.is_empty() && !d.contains('{'))
        && let Some(why) = validation.refusal(default)
    {
        return Err(format!("its own default is refused: {why}"));
    }
    Ok((!validation.rules.is_empty()).then_some(validation))
}

fn entries(declared: &Declared) -> Result<Vec<ParameterEntry>, String> {
    let mut entries = Vec::new();
    let xml = |scope: &str, xpath: &str| -> Result<ParameterEntry, String> {
        crate::package::apply::XPath::read(xpath).map_err(|why| format!("{xpath}: {why}"))?;
        Ok(ParameterEntry::new(EntryKind::XmlFile, scope, xpath))
    };
    if let Some(variable) = &declared.environment {
        if variable.is_empty() || variable.contains(['\'', '"', '=', '<', '&']) {
            return Err(format!("{variable:?} is no name of a variable"));
        }
        entries.push(xml(&scope("web.config"), &variable_xpath(variable))?);
    }
    for xpath in &declared.web_config {
        entries.push(xml(&scope("web.config"), xpath)?);
    }
    for item in &declared.xml {
        entries.push(xml(&scope(&item.file), &item.xpath)?);
    }
    for item in &declared.text {
        Pattern::new(&item.find)
            .map_err(|error| format!("{} is no pattern: {error}", item.find))?;
        entries.push(ParameterEntry::new(EntryKind::TextFile, &scope(&item.file), &item.find));
    }
    for item in &declared.entries {
        let kind = EntryKind::read(&item.kind);
        entries.push(ParameterEntry::new(kind, &item.scope, &item.pattern));
    }
    Ok(entries)
}
