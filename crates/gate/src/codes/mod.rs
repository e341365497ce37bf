//! Owns the table of stable codes: for each way in which an app fails to start, what happened, why,
//! and what mends it. Pages, logs, `iisgate explain` and `docs/reference/codes.md` say what stands
//! here.
//!
//! Knows nothing of ours: whoever tells a failure may name a code.

mod app;

mod interpreter;

mod nearest;

mod places;

mod site;

mod text;

mod worker;

use std::fmt;

pub use app::*;
pub use interpreter::*;
pub use nearest::nearest;
pub use places::*;
pub use site::*;
pub use text::{markdown, plain};
pub use worker::*;

/// A stable code. Its number never means something else, whatever becomes of it.
pub struct Code {
    /// `IG050`: what is shown and searched for.
    pub id: &'static str,
    /// What broke, in few words.
    pub title: &'static str,
    /// What happened.
    pub happened: &'static str,
    /// Why that happens, under IIS above all.
    pub why: &'static str,
    /// What mends it: sentences, each with the command that follows it, if there is one.
    pub mend: &'static [Mend],
    /// Where it is told.
    pub told: Told,
}

/// One way to mend a failure.
#[derive(Debug, PartialEq, Eq)]
pub struct Mend {
    /// A sentence.
    pub text: &'static str,
    /// What to type, maybe nothing.
    pub command: &'static str,
}

const fn mend(text: &'static str, command: &'static str) -> Mend {
    Mend { text, command }
}

/// Where a failure is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// By the gate: each request is answered with it.
    Page,
    /// In the log that was taken instead: no request fails for it.
    Log,
    /// At the console of `iisgate fcgi --listen`.
    Console,
}

impl Told {
    /// The place as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Page => {
                "On the page that answers each request (in full with --debug or under iisgate serve; a \
                 visitor sees the code and the request's id alone), and in the site's log. With --listen \
                 also at the console."
            }
            Self::Log => {
                "In the log that is taken instead, each time a worker is started; iisgate logs tells \
                 where that is."
            }
            Self::Console => "At the console of iisgate fcgi --listen, and in the site's log.",
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

/// All codes, by number.
pub static ALL: &[&Code] = &[
    &UNKNOWN,
    &SITE_FOLDER,
    &CONFIGURATION,
    &WORKING_DIRECTORY,
    &NO_PYTHON,
    &PYTHON_NOT_THERE,
    &VENV_MOVED,
    &PYTHON_DENIED,
    &PYTHON_IS_NO_PROGRAM,
    &PYTHON_TOO_OLD,
    &OTHER_BITNESS,
    &PYTHON_BROKEN,
    &NOT_INSTALLED,
    &BUILT_FOR_ANOTHER,
    &NO_TARGET,
    &BAD_TARGET,
    &FILE_MISSING,
    &MODULE_MISSING,
    &ATTRIBUTE_MISSING,
    &NO_APP,
    &ASGI_STARTUP,
    &OTHER_CALL,
    &IMPORT_MISSING,
    &SYNTAX,
    &LIBRARY_MISSING,
    &IMPORT_ERROR,
    &APP_RAISED,
    &FACTORY_RAISED,
    &APP_EXITS,
    &LIBRARY_FOR_ANOTHER,
    &APP_DENIED,
    &WORKER_ENDED,
    &WORKER_SLOW,
    &WORKER_DENIED,
    &ADDRESS_TAKEN,
    &ADDRESS_REFUSED,
    &MEETING_PLACE,
    &DISK_FULL,
    &LOG_UNWRITABLE,
    &SYSTEM_REFUSES,
    &WORKER_LOST,
    &WORKER_GONE,
    &HELPER_UNREADY,
    &HELPER_IN_THE_WAY,
    &HELPER_SERVICE,
];

/// The code of a text such as `IG050`, `ig50` or `50`.
pub fn find(text: &str) -> Option<&'static Code> {
    let text = text.trim().to_ascii_uppercase();
    let digits = text.strip_prefix("IG").unwrap_or(&text);
    let number: u32 = digits.trim_start_matches('-').parse().ok()?;
    ALL.iter().copied().find(|code| code.number() == number)
}

/// The code of an id that one of our own programs said; [`UNKNOWN`] for what is none.
pub fn known(id: &str) -> &'static Code {
    ALL.iter().copied().find(|code| code.id == id).unwrap_or(&UNKNOWN)
}

impl Code {
    /// The number behind `IG`.
    pub fn number(&self) -> u32 {
        self.id.trim_start_matches("IG").parse().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_says_everything() {
        assert!(ALL.is_sorted_by(|one, other| one.number() < other.number()));
        for code in ALL {
            assert!(code.id.len() == 5 && code.id.starts_with("IG"), "{code}");
            assert_eq!(code.id, format!("IG{:03}", code.number()));
            for text in [code.title, code.happened, code.why] {
                assert!(!text.is_empty(), "{code}");
            }
            assert!(!code.title.ends_with('.') && !code.mend.is_empty(), "{code}");
            for Mend { text, command } in code.mend {
                assert!(!text.ends_with(['.', ':']), "{code}: {text}");
                assert!(!command.contains('\n'), "{code}: {command}");
            }
            assert!(code.mend.iter().any(|mend| !mend.command.is_empty()), "{code} has no command");
        }
    }

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        for text in ["IG050", "ig050", "IG50", " 50 ", "IG-050"] {
            assert_eq!(find(text), Some(&IMPORT_MISSING), "{text}");
        }
        for text in ["IG999", "", "IG", "import"] {
            assert_eq!(find(text), None, "{text}");
        }
        assert_eq!(known("IG011"), &CONFIGURATION);
        assert_eq!(known("nonsense"), &UNKNOWN);
    }
}
