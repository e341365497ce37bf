//! Owns reading what Windows' own programs say: appcmd of sites and app pools, wevtutil of events.
//!
//! Does not run them.

use super::machine::Event;

/// What appcmd says of the states of sites and app pools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct States {
    sites: Vec<(String, String)>,
    pools: Vec<(String, String)>,
}

impl States {
    /// The state of a site, as `Started`.
    pub fn site(&self, name: &str) -> Option<&str> {
        state(&self.sites, name)
    }

    /// The state of an IIS app pool.
    pub fn pool(&self, name: &str) -> Option<&str> {
        state(&self.pools, name)
    }
}

fn state<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = all.iter().find(|(told, _)| told.eq_ignore_ascii_case(name));
    found.map(|(_, state)| state.as_str())
}

/// Reads `appcmd list site /xml` and `appcmd list apppool /xml`; `None` when one is not to be
/// understood.
pub fn states(sites: &str, pools: &str) -> Option<States> {
    Some(States {
        sites: listed(sites, "SITE", "SITE.NAME")?,
        pools: listed(pools, "APPPOOL", "APPPOOL.NAME")?,
    })
}

fn listed(text: &str, element: &str, key: &str) -> Option<Vec<(String, String)>> {
    let document = xml::Document::parse(text.trim().as_bytes()).ok()?;
    let root = document.root();
    let all = root.children().filter(|child| child.name() == element);
    let value = |child: &xml::Element<'_>, name: &str| Some(child.attribute(name)?.value());
    Some(all.filter_map(|child| Some((value(&child, key)?, value(&child, "state")?))).collect())
}

/// Programs of which a crash is told.
const PROGRAMS: [&str; 4] = ["iisgate.exe", "python.exe", "pythonw.exe", "w3wp.exe"];

/// Who tells of IIS.
const SOURCES: [&str; 7] = [
    "WAS",
    "W3SVC",
    "W3SVC-WP",
    "HttpEvent",
    "Microsoft-Windows-WAS",
    "Microsoft-Windows-IIS-W3SVC",
    "Microsoft-Windows-IIS-W3SVC-WP",
];

/// Characters of an event's data that are shown.
const SHOWN_MAX: usize = 200;

/// Reads what `wevtutil qe … /f:xml` prints, newest first: the events of IIS, of crashes of programs
/// that matter here, and of our own service, those of one kind together.
pub fn events(text: &str) -> Vec<Event> {
    let mut found: Vec<Event> = Vec::new();
    // Each by itself: text in one of them may be no good XML.
    for piece in text.split("<Event ").skip(1) {
        let Some(end) = piece.find("</Event>") else { continue };
        let Some(event) = event(&format!("<Event {}</Event>", &piece[..end])) else { continue };
        match found.iter_mut().find(|it| it.source == event.source && it.id == event.id) {
            Some(known) => known.count += 1,
            None => found.push(event),
        }
    }
    found
}

fn event(text: &str) -> Option<Event> {
    let document = xml::Document::parse(text.as_bytes()).ok()?;
    let root = document.root();
    let system = root.child("System")?;
    let source = system.child("Provider")?.attribute("Name")?.value();
    let id = system.child("EventID")?.text().trim().parse().ok()?;
    let data: Vec<String> = root
        .child("EventData")
        .into_iter()
        .flat_map(|data| data.children())
        .map(|item| item.text().split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|text| !text.is_empty())
        .collect();
    let is_crash = ["Application Error", "Application Hang", "Windows Error Reporting"]
        .contains(&source.as_str())
        && data.iter().any(|text| PROGRAMS.iter().any(|name| text.eq_ignore_ascii_case(name)));
    let is_iis = SOURCES.iter().any(|name| source.eq_ignore_ascii_case(name));
    if !is_crash && !is_iis && !source.to_lowercase().starts_with("iisgate") {
        return None;
    }
    let message: String = data.join(", ").chars().take(SHOWN_MAX).collect();
    let time = system.child("TimeCreated")?.attribute("SystemTime")?.value();
    Some(Event { source, id, message, count: 1, last: time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appcmds_lists_are_read() {
        let sites = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<appcmd>\r\n    <SITE SITE.NAME=\"Shop &amp; Co\" \
                     SITE.ID=\"2\" bindings=\"http/*:80:\" state=\"Stopped\" />\r\n</appcmd>\r\n";
        let pools = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<appcmd>\n<APPPOOL APPPOOL.NAME=\"Shop\" \
                     PipelineMode=\"Integrated\" RuntimeVersion=\"\" state=\"Started\" /></appcmd>";
        let read = states(sites, pools).unwrap();
        assert_eq!(read.site("shop & co"), Some("Stopped"));
        assert_eq!((read.pool("Shop"), read.pool("Other")), (Some("Started"), None));
        assert_eq!(states("ERROR ( message:Cannot read )", pools), None);
    }

    #[test]
    fn events_of_one_kind_are_told_once() {
        let one = |source: &str, id: u32, data: &str| {
            format!(
                "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
                 <Provider Name='{source}'/><EventID Qualifiers='49152'>{id}</EventID><Level>2</Level>\
                 <TimeCreated SystemTime='2026-11-22T20:00:00.000Z'/></System><EventData>{data}</EventData>\
                 </Event>\r\n"
            )
        };
        let text = [
            one("Microsoft-Windows-WAS", 5002, "<Data Name='AppPoolID'>Shop</Data>"),
            one("Microsoft-Windows-WAS", 5002, "<Data Name='AppPoolID'>Other</Data>"),
            one("Application Error", 1000, "<Data>python.exe</Data><Data>3.13.1</Data>"),
            one("Application Error", 1000, "<Data>winword.exe</Data>"),
            one("Outlook", 1, "<Data>python.exe</Data>"),
            one("iisgate shop", 1, "<Data>bad \u{1} text</Data>"),
        ];
        let found = events(&text.concat());
        let told: Vec<_> = found.iter().map(|it| (it.source.as_str(), it.count)).collect();
        assert_eq!(told, [("Microsoft-Windows-WAS", 2), ("Application Error", 1)]);
        assert_eq!((found[0].id, found[0].message.as_str()), (5002, "Shop"));
        assert!(events("").is_empty());
    }
}
