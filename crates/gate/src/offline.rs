//! Owns a site's being offline, as ASP.NET Core's users know it: while `app_offline.htm` lies in its
//! folder, that is the answer to every request, and no worker is started.
//!
//! Does not own letting go of a worker that runs: it looks for the file itself (`iisgate.recycling`).

use crate::answer::{self, Refused};
use platform::Stream;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The file's name, as ASP.NET and ASP.NET Core have it.
const FILE: &str = "app_offline.htm";

/// Most bytes of it that are sent: it is a page that asks for patience.
const BYTES_MAX: u64 = 1024 * 1024;

/// Whether a site is offline.
pub(crate) fn is_so(site: &Path) -> bool {
    site.join(FILE).is_file()
}

/// Waits for one request and answers it.
///
/// # Errors
/// When the web server breaks the protocol or the pipe.
pub(crate) fn answer(
    stream: &Stream,
    preface: &[u8],
    site: &Path,
    is_ending: impl Fn() -> bool,
) -> io::Result<Refused> {
    answer::answer_one(stream, preface, is_ending, |id, asked| {
        log::debug!("{}: the site is offline: {FILE} is there", asked.what);
        answer::whole(id, "503 Service Unavailable", "text/html", &page(site))
    })
}

/// What the file holds. It may be empty, and may just have been removed.
fn page(site: &Path) -> Vec<u8> {
    let mut page = Vec::new();
    if let Ok(file) = File::open(site.join(FILE)) {
        let _ = file.take(BYTES_MAX).read_to_end(&mut page);
    }
    page
}
