//! Owns `SetParameters.xml`: values that are given in a file.
//!
//! Does not own which parameters there are.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Parameters, Resolved};
use crate::package::error::PackageError;
use crate::package::read::{Reading, is, value};
use crate::package::write::escaped;

/// Reads the values of a `SetParameters.xml`. Of a name that stands twice the first counts, as for
/// Microsoft's own tools.
///
/// # Errors
/// When it is no well-formed XML, or a `setParameter` has no name.
pub fn read(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, String>, PackageError> {
    let reading = Reading::new(path, bytes)?;
    let root = reading.document.root();
    if !is(root, "parameters") {
        let message = format!("<parameters> must be the root, not <{}>", root.name());
        return Err(reading.error(root, message));
    }
    let mut values = BTreeMap::new();
    for element in root.children().filter(|element| is(*element, "setParameter")) {
        let Some(name) = value(element, &["name"]).filter(|name| !name.is_empty()) else {
            return Err(reading.error(element, "a setParameter without a name"));
        };
        values.entry(name).or_insert_with(|| value(element, &["value"]).unwrap_or_default());
    }
    Ok(values)
}

/// Writes a `SetParameters.xml` of what is asked for: the values, or nothing where there is none.
pub fn write(parameters: &Parameters, values: &Resolved) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<parameters>\n".to_owned();
    for parameter in parameters.parameters.iter().filter(|parameter| !parameter.is_hidden()) {
        let value = values.get(&parameter.name).or(parameter.default.as_deref());
        let (name, value) = (escaped(&parameter.name), escaped(value.unwrap_or_default()));
        out += &format!("  <setParameter name=\"{name}\" value=\"{value}\" />\n");
    }
    out + "</parameters>\n"
}
