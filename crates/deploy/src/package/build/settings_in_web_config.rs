//! Owns that every variable which a parameter sets has a place in the packaged `web.config`.
//!
//! Does not change the project's own file.

use super::BuildError;
use super::files::Chosen;
use super::table::{PackageTable, PyProject};

/// The file with what it lacks, and what to tell of it; `None` when it lacks nothing.
pub(super) fn with_settings(
    file: &Chosen,
    table: &PackageTable,
    pyproject: &PyProject,
) -> Result<Option<(Vec<u8>, String)>, BuildError> {
    let parameters = table.parameters();
    let variables: Vec<(&str, &str)> = parameters
        .iter()
        .filter_map(|(_, p)| Some((p.environment.as_deref()?, p.default.as_deref().unwrap_or(""))))
        .collect();
    if variables.is_empty() {
        return Ok(None);
    }
    if let Some((name, _)) = variables.iter().find(|(name, _)| pyproject.sets_variable(name)) {
        let message = format!("{name} is set by a parameter and in [tool.iisgate.env], too");
        return Err(BuildError::refused(message, "take it out of [tool.iisgate.env]"));
    }
    let bytes = std::fs::read(&file.path).map_err(BuildError::io("read", &file.path))?;
    let refused = |error: xml::Error| {
        let message = format!("{}: {error}", file.path.display());
        BuildError::refused(message, "iisgate check tells more")
    };
    let mut document = xml::Document::parse(&bytes).map_err(refused)?;
    let mut added = Vec::new();
    for (name, default) in variables {
        let root = document.root();
        let settings = root.children().find(|child| child.name() == "appSettings");
        let has = |element: xml::Element<'_>| {
            element.attribute("key").is_some_and(|key| key.value() == name)
        };
        if settings.is_some_and(|settings| settings.children().any(has)) {
            continue;
        }
        let item = xml::NewElement::new("add").attribute("key", name).attribute("value", default);
        match settings.map(|settings| settings.id()) {
            Some(settings) => document.insert(settings, xml::Place::End, &item).map_err(refused)?,
            None => {
                let settings = xml::NewElement::new("appSettings").child(item);
                document.insert(root.id(), xml::Place::End, &settings).map_err(refused)?
            }
        };
        added.push(name);
    }
    if added.is_empty() {
        return Ok(None);
    }
    let note = format!("web.config in the package has a place for {}", added.join(", "));
    Ok(Some((document.to_bytes(), note)))
}
