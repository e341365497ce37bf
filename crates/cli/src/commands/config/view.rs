//! Owns how configuration is shown: a line for each value, in front of it the file and line that it
//! came from; or JSON.
//!
//! Does not own what counts (`iis::effective`).

use ::iis::effective::{Effective, Entry, Value};
use ::iis::site::WEB_CONFIG;
use ::iis::{Element, Error, Inheritance, Place};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// The column in which values begin is at most this, so that one long name does not move them all.
const ORIGIN_COLUMNS_MAX: usize = 40;

/// More items than these that come from the server, one behind the other, can be one line.
const FOLDED_ITEMS_MIN: usize = 5;

/// A section's lines.
#[derive(Debug)]
pub(crate) struct View {
    section: String,
    entries: Vec<Entry>,
}

/// What counts.
pub(crate) fn effective(effective: &Effective) -> View {
    View { section: effective.section.clone(), entries: effective.entries.clone() }
}

/// What each file says, outermost first.
pub(crate) fn written(section: &str, chain: &Inheritance) -> View {
    let mut entries = Vec::new();
    for element in chain.sections(section) {
        gather(element, "", &mut entries);
    }
    View { section: section.to_owned(), entries }
}

fn gather(element: &Element, shown: &str, entries: &mut Vec<Entry>) {
    let values: Vec<Value> = element
        .attributes()
        .iter()
        .map(|attribute| Value {
            name: attribute.name.clone(),
            value: attribute.value.clone(),
            expanded: None,
            place: Some(element.attribute_name_place(&attribute.name)),
        })
        .collect();
    // An element that only holds others is told with them.
    if !values.is_empty() || !shown.is_empty() && element.children().next().is_none() {
        let place = Some(element.place());
        entries.push(Entry { element: shown.to_owned(), is_item: true, values, place });
    }
    for child in element.children() {
        let inner = if shown.is_empty() {
            child.name().into()
        } else {
            format!("{shown}/{}", child.name())
        };
        gather(child, &inner, entries);
    }
}

/// For people: sections apart, values in one column. `folds` makes one line of many items that come
/// from the server, one behind the other.
pub(crate) fn text(views: &[View], base: &Path, folds: bool) -> String {
    let lines: Vec<Vec<(String, String)>> =
        views.iter().map(|view| lines(view, base, folds)).collect();
    let widths = lines.iter().flatten().map(|(origin, _)| origin.chars().count());
    let width = widths.filter(|width| *width <= ORIGIN_COLUMNS_MAX).max().unwrap_or(0);
    let mut out = String::new();
    for (index, (view, lines)) in views.iter().zip(&lines).enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", view.section);
        if lines.is_empty() {
            out.push_str("  (nothing)\n");
        }
        for (origin, line) in lines {
            let _ = writeln!(out, "  {origin:<width$}  {line}");
        }
    }
    out
}

/// Origin and text of each line.
fn lines(view: &View, base: &Path, folds: bool) -> Vec<(String, String)> {
    let is_like = |a: &Entry, b: &Entry| {
        let path = |entry: &Entry| entry.place.as_ref().map(|place| place.path.clone());
        a.is_item && b.is_item && a.element == b.element && path(a) == path(b)
    };
    let mut lines = Vec::new();
    for run in view.entries.chunk_by(is_like) {
        if folds && run.len() > FOLDED_ITEMS_MIN && !is_own(&run[0]) {
            let origin = origin(run[0].place.as_ref(), base);
            lines.push((origin, format!("{} … {} items", run[0].element, run.len())));
        } else {
            let line = |entry: &Entry| (origin(entry.place.as_ref(), base), shown(entry));
            lines.extend(run.iter().map(line));
        }
    }
    lines
}

/// Whether somebody wrote it for the site.
fn is_own(entry: &Entry) -> bool {
    let name = entry.place.as_ref().and_then(|place| place.path.file_name());
    name.is_some_and(|name| name.eq_ignore_ascii_case(WEB_CONFIG))
}

fn shown(entry: &Entry) -> String {
    let expanded = entry.values.iter().filter_map(|value| value.expanded.as_deref());
    let expanded: String = expanded.map(|text| format!("  → {text}")).collect();
    // What files say must not move a terminal's cursor.
    let line = format!("{entry}{expanded}");
    line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn origin(place: Option<&Place>, base: &Path) -> String {
    let Some(place) = place else { return "(default)".to_owned() };
    let path = place.path.strip_prefix(base).unwrap_or(&place.path).display().to_string();
    // What IIS ships is no file that anybody could open.
    if path.starts_with('(') { path } else { format!("{path}:{}", place.line) }
}

/// For programs: full paths, the place of each attribute.
pub(crate) fn json(views: &[View], errors: &[Error]) -> String {
    let sections: Vec<_> = views
        .iter()
        .map(|view| {
            let entries: Vec<_> = view
                .entries
                .iter()
                .map(|entry| {
                    let values: Vec<_> = entry.values.iter().map(value).collect();
                    json!({
                        "element": entry.element,
                        "item": entry.is_item,
                        "attributes": values,
                        "place": place(entry.place.as_ref()),
                    })
                })
                .collect();
            json!({ "section": view.section, "entries": entries })
        })
        .collect();
    let errors: Vec<_> = errors
        .iter()
        .map(|error| {
            let message = error.to_string();
            let line = message.lines().next().unwrap_or_default();
            json!({ "message": line, "place": place(error.place()) })
        })
        .collect();
    let all = json!({ "sections": sections, "errors": errors });
    format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default())
}

fn value(value: &Value) -> serde_json::Value {
    json!({
        "name": value.name,
        "value": value.value,
        "expanded": value.expanded,
        "place": place(value.place.as_ref()),
    })
}

fn place(place: Option<&Place>) -> serde_json::Value {
    match place {
        Some(place) => json!({
            "file": place.path.display().to_string(),
            "line": place.line,
            "column": place.column,
        }),
        None => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::{effective, json, text, written};
    use ::iis::{Error, Inheritance, site};
    use std::path::Path;

    fn chain(folder: &Path, xml: &str) -> Inheritance {
        let file = folder.join("web.config");
        std::fs::write(&file, format!("<configuration>\n{xml}\n</configuration>")).unwrap();
        let mut chain = Inheritance::defaults();
        chain.push(&site::load_configuration(&file).unwrap());
        chain
    }

    const XML: &str = "<system.webServer>\n<directoryBrowse enabled=\"true\" />\n<handlers>\n\
        <remove name=\"StaticFile\" />\n<add name=\"a\u{1b}\" path=\"&lt;*\" verb=\"*\" />\n\
        </handlers></system.webServer>";

    #[test]
    fn values_stand_behind_the_file_and_line_they_come_from() {
        let folder = tempfile::tempdir().unwrap();
        let xml = XML.replace('\u{1b}', "");
        let chain = chain(folder.path(), &xml);
        let views: Vec<_> = ["system.webServer/directoryBrowse", "system.webServer/urlCompression"]
            .iter()
            .map(|section| effective(&chain.effective(section, false).unwrap()))
            .collect();
        assert_eq!(
            text(&views, folder.path(), true),
            "system.webServer/directoryBrowse\n  web.config:3  enabled=\"true\"\n\n\
             system.webServer/urlCompression\n  (nothing)\n"
        );
        let view = written("system.webServer/handlers", &chain);
        let text = text(&[view], folder.path(), true);
        assert!(text.contains("\n  web.config:5          remove name=\"StaticFile\"\n"), "{text}");
        assert!(
            text.contains("\n  (defaults of IIS 10)  accessPolicy=\"Read, Script\"\n"),
            "{text}"
        );
    }

    #[test]
    fn long_lists_are_one_line_unless_asked_for() {
        let chain = Inheritance::defaults();
        let section = "system.webServer/staticContent";
        let view = || effective(&chain.effective(section, false).unwrap());
        let folded = text(&[view()], Path::new("/"), true);
        assert!(folded.lines().count() == 2 && folded.contains("mimeMap … 3"), "{folded}");
        assert!(text(&[view()], Path::new("/"), false).lines().count() > 300);
    }

    #[test]
    fn programs_get_places_and_errors() {
        let folder = tempfile::tempdir().unwrap();
        let chain = chain(folder.path(), &XML.replace('\u{1b}', ""));
        let view = effective(&chain.effective("system.webServer/handlers", false).unwrap());
        let error = Error::absent("web.config", "nothing there");
        let parsed: serde_json::Value = serde_json::from_str(&json(&[view], &[error])).unwrap();
        let first = &parsed["sections"][0]["entries"][1];
        assert_eq!(first["attributes"][1]["value"], "<*");
        assert_eq!(first["attributes"][1]["place"]["line"], 6);
        assert_eq!(parsed["errors"][0]["message"], "web.config: nothing there");
    }
}
