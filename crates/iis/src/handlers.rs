//! Owns the `<handlers>` section: handler mappings, merged across levels.
//!
//! Does not match requests: `front::mapping` does.

use crate::attributes::{HANDLERS, HANDLERS_ADD};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::place::Place;
use crate::read::Reader;
use crate::script_processor::ScriptProcessor;

/// What must exist at the physical path for a mapping to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A file or a folder.
    Either,
    /// Nothing: URLs need not exist on disk.
    Unspecified,
}

/// The right in `accessPolicy` that a mapping needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequireAccess {
    /// None.
    None,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Running scripts.
    Script,
    /// Running programs.
    Execute,
}

/// An entry of `<handlers>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerMapping {
    /// Its unique name.
    pub name: String,
    /// The URL patterns, `*` and `?` being wildcards.
    pub path_patterns: Vec<String>,
    /// The verbs, or `*` alone for all.
    pub verbs: Vec<String>,
    /// The native modules, tried in this order.
    pub modules: Vec<String>,
    /// The managed type, empty for native handlers.
    pub managed_type: String,
    /// The FastCGI application that answers; `None` when the attribute is empty.
    pub script_processor: Option<ScriptProcessor>,
    /// What must exist on disk.
    pub resource_type: ResourceType,
    /// What `accessPolicy` must allow.
    pub require_access: RequireAccess,
    /// Whether `PATH_INFO` is the part after the script alone.
    pub allow_path_info: bool,
    /// Conditions such as `bitness64`, as written.
    pub pre_condition: String,
    /// How many bytes of a response IIS gathers before it sends any; 0 streams.
    pub response_buffer_limit_bytes: u32,
    /// Whether that was written, rather than IIS's default: sources disagree about what the default
    /// does, not about what is written.
    pub sets_response_buffer_limit: bool,
    /// Where it is written.
    pub place: Place,
}

impl HandlerMapping {
    /// Tells whether a module is among the mapping's modules.
    pub fn names_module(&self, module: &str) -> bool {
        self.modules.iter().any(|name| name == module)
    }
}

/// The effective `<handlers>` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handlers {
    /// The mappings in the order in which IIS tries them.
    pub mappings: Vec<HandlerMapping>,
    /// The rights that are given: words of the `accessPolicy` attribute.
    pub access_policy: Vec<&'static str>,
}

/// Reads and merges `<handlers>` elements, outermost first.
///
/// # Errors
/// On attributes out of range, missing ones, and duplicate names.
pub fn read(levels: &[&Element]) -> Result<Handlers, Error> {
    let policy = levels.iter().rev().find(|level| level.attribute("accessPolicy").is_some());
    let access_policy = match policy.or(levels.first()) {
        Some(level) => Reader::new(level, HANDLERS).choices("accessPolicy")?,
        None => vec!["Read"],
    };
    let mappings = collections::of_items(HANDLERS_ADD)
        .merge(levels)?
        .into_iter()
        .map(mapping)
        .collect::<Result<_, _>>()?;
    Ok(Handlers { mappings, access_policy })
}

fn mapping(element: &Element) -> Result<HandlerMapping, Error> {
    let reader = Reader::new(element, HANDLERS_ADD);
    let script_processor = Some(reader.text("scriptProcessor")?).filter(|text| !text.is_empty());
    use RequireAccess::{Execute, None as NoAccess, Read, Script, Write};
    use ResourceType::{Directory, Either, File, Unspecified};
    Ok(HandlerMapping {
        name: reader.text("name")?,
        path_patterns: list(&reader.text("path")?),
        verbs: list(&reader.text("verb")?),
        modules: list(&reader.text("modules")?),
        managed_type: reader.text("type")?,
        script_processor: script_processor.map(|text| ScriptProcessor::parse(&text)),
        resource_type: [File, Directory, Either, Unspecified][reader.choice("resourceType")?],
        require_access: [NoAccess, Read, Write, Script, Execute][reader.choice("requireAccess")?],
        allow_path_info: reader.flag("allowPathInfo")?,
        pre_condition: reader.text("preCondition")?,
        response_buffer_limit_bytes: reader.number("responseBufferLimit")?,
        sets_response_buffer_limit: element.attribute("responseBufferLimit").is_some(),
        place: element.place(),
    })
}

/// A comma-separated list without empty items.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
#[path = "handlers_tests.rs"]
mod tests;
