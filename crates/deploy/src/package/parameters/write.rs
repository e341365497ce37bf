//! Owns writing `Parameters.xml`.
//!
//! Does not own which parameters a package has.

use super::{Parameter, Parameters};
use crate::package::write::escaped;

impl Parameters {
    /// Writes a `Parameters.xml`; reading it gives the same parameters.
    pub fn to_xml(&self) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<parameters>\n".to_owned();
        for parameter in &self.parameters {
            write(&mut out, parameter);
        }
        out + "</parameters>\n"
    }
}

fn write(out: &mut String, parameter: &Parameter) {
    *out += "  <parameter";
    attribute(out, "name", Some(&parameter.name));
    attribute(out, "friendlyName", parameter.friendly_name.as_deref());
    attribute(out, "description", parameter.description.as_deref());
    attribute(out, "defaultValue", parameter.default.as_deref());
    list(out, &parameter.tags);
    let is_empty = parameter.localised.is_empty()
        && parameter.entries.is_empty()
        && parameter.validation.is_none();
    if is_empty {
        *out += " />\n";
        return;
    }
    *out += ">\n";
    for localised in &parameter.localised {
        *out += &format!("    <{}", localised.element);
        attribute(out, "culture", Some(&localised.culture));
        *out += &format!(">{}</{}>\n", escaped(&localised.text), localised.element);
    }
    if let Some(validation) = &parameter.validation {
        *out += "    <parameterValidation";
        attribute(out, "kind", Some(&validation.kinds()));
        let text = Some(&*validation.text).filter(|text| !text.is_empty());
        attribute(out, "validationString", text);
        *out += " />\n";
    }
    for entry in &parameter.entries {
        *out += "    <parameterEntry";
        attribute(out, "kind", Some(entry.kind.name()));
        attribute(out, "scope", Some(&entry.scope));
        attribute(out, "match", Some(&entry.pattern));
        list(out, &entry.tags);
        *out += " />\n";
    }
    *out += "  </parameter>\n";
}

fn attribute(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        *out += &format!(" {name}=\"{}\"", escaped(value));
    }
}

fn list(out: &mut String, tags: &[String]) {
    attribute(out, "tags", Some(&*tags.join(",")).filter(|tags| !tags.is_empty()));
}
