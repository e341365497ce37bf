//! Owns the names of ways in which IIS may behave: for each one a word, a sentence, and what it
//! changes of the stand-in's conduct.
//!
//! Does not own the conduct itself, nor how the words are typed.

use crate::conduct::{ClientGone, Conduct, Cut};

/// Bytes in a record for `cut-records`: odd, and less than most names and values have.
const CUT_BYTES: usize = 7;

/// A way in which IIS may behave and the stand-in does not by itself.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// What it is asked for by.
    pub name: &'static str,
    /// What happens.
    pub sentence: &'static str,
    set: fn(&mut Conduct),
}

impl Way {
    /// The way of that name.
    pub fn named(name: &str) -> Option<&'static Way> {
        WAYS.iter().find(|way| way.name == name)
    }

    /// Makes it the stand-in's way. Of two that exclude each other the later one counts.
    pub fn set(&self, conduct: &mut Conduct) {
        (self.set)(conduct);
    }
}

const fn way(name: &'static str, sentence: &'static str, set: fn(&mut Conduct)) -> Way {
    Way { name, sentence, set }
}

/// All ways.
pub static WAYS: [Way; 13] = [
    way(
        "synchronous-pipe",
        "instances' end of the pipe takes one call at a time (Windows only)",
        |conduct| conduct.manner.is_synchronous = true,
    ),
    way(
        "connect-late",
        "instances start before their pipe is connected (Windows only)",
        |conduct| conduct.manner.connects_late = true,
    ),
    way(
        "null-output",
        "instances' output and error lead to NUL, not nowhere (Windows only)",
        |conduct| conduct.manner.gives_null = true,
    ),
    way("strict-job", "what an instance starts cannot leave its job (Windows only)", |conduct| {
        conduct.manner.keeps_children = true
    }),
    way("fixed-id", "every request has id 1; otherwise ids rotate", |conduct| {
        conduct.has_fixed_id = true;
    }),
    way("cut-records", "params and bodies come in records of 7 bytes, cut anywhere", |conduct| {
        conduct.cut = Cut::Every(CUT_BYTES);
    }),
    way("ansi", "paths and names come in code page 1252, with ? for what it lacks", |conduct| {
        conduct.is_ansi = true;
    }),
    way("body-first", "a response is read only after the whole body was sent", |conduct| {
        conduct.reads_after_body = true;
    }),
    way(
        "buffer-response",
        "a response leaves when complete or at responseBufferLimit (4 MiB)",
        |conduct| conduct.buffers_response = true,
    ),
    way(
        "keep-on-disconnect",
        "when a client goes, its instance finishes the answer and serves on",
        |conduct| conduct.client_gone = ClientGone::ReadsOn,
    ),
    way("abort", "when a client goes, FCGI_ABORT_REQUEST is sent; the instance stays", |conduct| {
        conduct.client_gone = ClientGone::Aborts
    }),
    way("allow-path-info", "handler mappings behave as with allowPathInfo=\"true\"", |conduct| {
        conduct.allows_path_info = true;
    }),
    way(
        "old-defaults",
        "defaults of IIS 7.0: 4 instances, an activityTimeout of 30 s",
        |conduct| {
            conduct.has_old_defaults = true;
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::{CUT_BYTES, WAYS, Way};
    use crate::conduct::Conduct;

    /// What a help of 100 columns leaves beside the longest name.
    const HELP_COLUMNS: usize = 68;

    #[test]
    fn each_way_is_found_by_its_name_and_changes_something_of_its_own() {
        let mut seen = vec![Conduct::default()];
        for way in &WAYS {
            let found = Way::named(way.name).expect(way.name);
            let mut conduct = Conduct::default();
            found.set(&mut conduct);
            assert!(!seen.contains(&conduct), "{}", way.name);
            seen.push(conduct);
        }
        assert!(Way::named("nonsense").is_none());
    }

    #[test]
    fn sentences_are_true_and_fit_a_line_of_help() {
        for way in &WAYS {
            assert!(way.sentence.chars().count() <= HELP_COLUMNS, "{}", way.name);
            assert!(!way.sentence.ends_with('.'), "{}", way.name);
        }
        let cut = Way::named("cut-records").expect("it is there").sentence;
        assert!(cut.contains(&format!("{CUT_BYTES} bytes")));
    }
}
