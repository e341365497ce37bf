//! Owns the page that lists a folder, as IIS's `DirectoryListingModule` makes it.
//!
//! Does not decide that a folder is listed. Leaves out what could not be fetched anyway: hidden
//! segments, denied extensions, and names with a dot in front. Times are UTC.

use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;

use iis::directories::DirectoryBrowse;
use iis::request_filtering::RequestFiltering;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::windows_names;

/// The most names on a page.
const NAMES_MAX: usize = 10_000;
/// What a name in a link must not have as it is.
const IN_A_LINK: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'+');
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Entry {
    name: String,
    is_folder: bool,
    bytes: u64,
    modified: Option<SystemTime>,
}

/// Lists a folder. `url_path` ends with a slash.
pub(crate) fn page(
    folder: &Path,
    url_path: &str,
    host: &str,
    browse: &DirectoryBrowse,
    rules: &RequestFiltering,
) -> std::io::Result<String> {
    let title = escape(&format!("{host} - {url_path}"));
    let mut out = format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1><hr>\n\n<pre>"
    );
    if let Some(parent) = parent(url_path) {
        let _ = writeln!(out, "<a href=\"{}\">[To Parent Directory]</a>\n", link(parent));
    }
    let shows = |word: &str| browse.shows.contains(&word);
    for entry in entries(folder, rules)? {
        if shows("Date") || shows("LongDate") || shows("Time") {
            let told = entry.modified.map(|time| date_and_time(time, &shows)).unwrap_or_default();
            let _ = write!(out, "{told:>20} ");
        }
        if shows("Size") {
            let size =
                if entry.is_folder { "&lt;dir&gt;".to_owned() } else { entry.bytes.to_string() };
            let width = if entry.is_folder { 18 } else { 12 };
            let _ = write!(out, "{size:>width$} ");
        }
        let slash = if entry.is_folder { "/" } else { "" };
        let target = link(&format!("{url_path}{}{slash}", entry.name));
        let shown = match entry.name.rsplit_once('.') {
            Some((stem, _)) if !entry.is_folder && !shows("Extension") && !stem.is_empty() => stem,
            _ => entry.name.as_str(),
        };
        let _ = writeln!(out, "<a href=\"{target}\">{}</a>", escape(shown));
    }
    out.push_str("</pre><hr></body></html>\n");
    Ok(out)
}

fn entries(folder: &Path, rules: &RequestFiltering) -> std::io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)?.filter_map(Result::ok).take(NAMES_MAX) {
        let Ok(name) = entry.file_name().into_string() else { continue };
        // A link may lead nowhere.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        let is_folder = metadata.is_dir();
        let is_hidden = name.starts_with('.')
            || rules.hides(&name)
            || windows_names::is_impossible(&name)
            || (!is_folder && (rules.denies(&name) || crate::static_files::is_source(&name)));
        if !is_hidden {
            let (bytes, modified) = (metadata.len(), metadata.modified().ok());
            entries.push(Entry { name, is_folder, bytes, modified });
        }
    }
    entries.sort_by_key(|entry| entry.name.to_lowercase());
    Ok(entries)
}

/// The path above, with its slash; `None` for the root.
fn parent(url_path: &str) -> Option<&str> {
    let above = url_path.trim_end_matches('/').rfind('/')?;
    Some(&url_path[..=above])
}

/// `11/7/2009 12:00 PM`, or what of it is shown.
fn date_and_time(time: SystemTime, shows: &impl Fn(&str) -> bool) -> String {
    // `Sat, 07 Nov 2009 12:00:00 GMT`
    let text = httpdate::fmt_http_date(time);
    let words: Vec<&str> = text.split([' ', ':']).collect();
    let [weekday, day, month, year, hour, minute, ..] = words[..] else { return String::new() };
    let mut parts = Vec::new();
    if shows("LongDate") {
        parts.push(format!("{weekday} {day} {month} {year}"));
    } else if shows("Date") {
        let number = MONTHS.iter().position(|name| *name == month).map_or(0, |at| at + 1);
        parts.push(format!("{number}/{}/{year}", day.trim_start_matches('0')));
    }
    if shows("Time") {
        let hour: u32 = hour.parse().unwrap_or(0);
        let (half, hour) = (if hour < 12 { "AM" } else { "PM" }, hour % 12);
        let hour = if hour == 0 { 12 } else { hour };
        parts.push(format!("{hour:>2}:{minute} {half}"));
    }
    parts.join(" ")
}

fn link(path: &str) -> String {
    utf8_percent_encode(path, IN_A_LINK).to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{date_and_time, parent};

    #[test]
    fn parents() {
        for (path, expected) in [("/", None), ("/a/", Some("/")), ("/a/b/", Some("/a/"))] {
            assert_eq!(parent(path), expected, "{path}");
        }
    }

    #[test]
    fn dates() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_257_595_200 + 3600);
        let all = |words: &'static [&'static str]| move |word: &str| words.contains(&word);
        assert_eq!(date_and_time(time, &all(&["Date", "Time"])), "11/7/2009  1:00 PM");
        assert_eq!(date_and_time(time, &all(&["LongDate"])), "Sat, 07 Nov 2009");
        let midnight = SystemTime::UNIX_EPOCH;
        assert_eq!(date_and_time(midnight, &all(&["Time"])), "12:00 AM");
    }
}
