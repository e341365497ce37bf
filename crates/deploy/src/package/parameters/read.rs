//! Owns reading `Parameters.xml`.
//!
//! Does not own what is wrong with parameters that read well (`verify`).

use std::path::Path;

use super::{EntryKind, Localised, Parameter, ParameterEntry, Parameters, Validation};
use crate::package::error::PackageError;
use crate::package::limits::PARAMETERS_MAX;
use crate::package::read::{Reading, comma_list, is, value};

impl Parameters {
    /// Reads `Parameters.xml`; `path` is told with what is wrong. Elements that are none of ours are
    /// left out, as Web Deploy does.
    ///
    /// # Errors
    /// When it is no well-formed XML or too large, or a parameter has no name or one that is taken.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, PackageError> {
        let reading = Reading::new(path, bytes)?;
        let root = reading.document.root();
        if !is(root, "parameters") {
            let message = format!("<parameters> must be the root, not <{}>", root.name());
            return Err(reading.error(root, message));
        }
        let mut parameters: Vec<Parameter> = Vec::new();
        for element in root.children().filter(|element| is(*element, "parameter")) {
            let parameter = parameter(&reading, element)?;
            if parameters.len() == PARAMETERS_MAX {
                return Err(
                    reading.error(element, format!("more than {PARAMETERS_MAX} parameters"))
                );
            }
            if parameters.iter().any(|other| other.name == parameter.name) {
                let message = format!("a second parameter of the name {}", parameter.name);
                return Err(reading.error(element, message));
            }
            parameters.push(parameter);
        }
        Ok(Parameters { parameters })
    }
}

fn parameter(reading: &Reading, element: xml::Element<'_>) -> Result<Parameter, PackageError> {
    let name = value(element, &["name"]).filter(|name| !name.is_empty());
    let Some(name) = name else {
        return Err(reading.error(element, "a parameter without a name"));
    };
    let tags = value(element, &["tags"]).unwrap_or_default();
    let mut parameter = Parameter {
        name,
        friendly_name: value(element, &["friendlyName"]),
        description: value(element, &["description"]),
        default: value(element, &["defaultValue"]),
        tags: comma_list(&tags),
        place: Some(reading.place(element)),
        ..Parameter::default()
    };
    for child in element.children() {
        if is(child, "parameterEntry") {
            parameter.entries.push(entry(reading, child));
        } else if is(child, "parameterValidation") {
            let kind = value(child, &["kind", "type"]).unwrap_or_default();
            let text = value(child, &["validationString"]).unwrap_or_default();
            let place = Some(reading.place(child));
            parameter.validation = Some(Validation { place, ..Validation::read(&kind, &text) });
        } else if is(child, "friendlyName") || is(child, "description") {
            parameter.localised.push(Localised {
                element: if is(child, "description") { "description" } else { "friendlyName" }
                    .into(),
                culture: value(child, &["culture"]).unwrap_or_default(),
                text: child.text(),
            });
        }
    }
    Ok(parameter)
}

fn entry(reading: &Reading, element: xml::Element<'_>) -> ParameterEntry {
    // Web Deploy 1 wrote `type` where later ones write `kind`.
    let kind = value(element, &["kind", "type"]).unwrap_or_default();
    ParameterEntry {
        kind: EntryKind::read(&kind),
        scope: value(element, &["scope"]).unwrap_or_default(),
        pattern: value(element, &["match"]).unwrap_or_default(),
        tags: comma_list(&value(element, &["tags"]).unwrap_or_default()),
        place: Some(reading.place(element)),
    }
}
