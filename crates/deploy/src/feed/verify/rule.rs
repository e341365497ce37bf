//! Owns the rules' words: code, title, why, what mends it.
//!
//! Does not own looking (`structure`, `files`).

use iis::checks::Severity;

/// A rule about feeds.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The stable name under which its findings are told.
    pub code: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What is wrong, in few words.
    pub title: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What mends it.
    pub fix: &'static str,
}

const fn error(words: [&'static str; 4]) -> Rule {
    rule(Severity::Error, words)
}

const fn warning(words: [&'static str; 4]) -> Rule {
    rule(Severity::Warning, words)
}

const fn note(words: [&'static str; 4]) -> Rule {
    rule(Severity::Note, words)
}

const fn rule(severity: Severity, [code, title, why, fix]: [&'static str; 4]) -> Rule {
    Rule { code, severity, title, why, fix }
}

/// All rules.
#[rustfmt::skip]
pub const ALL: &[Rule] = &[
    note(["feed-element-unknown", "nobody knows this element", "No feed in reach has it: readers skip it, or refuse the feed.", "Take it out, or correct its name; names are compared with regard to case"]),
    error(["feed-value-missing", "something that must be said is not said", "Readers hide an entry without an id, a title, a version or an installer.", "Add the element"]),
    error(["feed-time-malformed", "this is no time", "Atom's times are those of RFC 3339: 2026-01-31T12:00:00Z.", "Write it as 2026-01-31T12:00:00Z"]),
    error(["feed-product-twice", "two entries have one product id", "Whoever installs the product gets the first one.", "Give one of them another productId"]),
    error(["feed-reference-unknown", "a name leads nowhere", "What refers to a missing list of systems, dependency or discovery hint is never shown.", "Define it in this feed, or correct the name"]),
    warning(["feed-product-unknown", "it depends on a product that this feed lacks", "Microsoft's own feed, which had the usual products, is switched off: nothing else would bring it.", "Add an entry for it, or name a feed that has it (link rel=\"enclosure\")"]),
    warning(["feed-label-unknown", "a keyword or language is not in the feed's lists", "Readers do not show what carries it.", "Add it to keywords or languages"]),
    error(["feed-dependency-empty", "a dependency says nothing", "An `and`, `or` or `dependency` without anything in it can never be met, or always is.", "Take it out, or fill it"]),
    error(["feed-dependency-ring", "products need each other in a ring", "None of them can be installed first.", "Take one of the dependencies out"]),
    error(["feed-installer-mute", "an installer does not say what to do", "Without msDeploy or installCommands the file is downloaded, and nothing follows.", "Add msDeploy for a package, installCommands for a program"]),
    warning(["feed-installer-asks", "an installer may ask questions", "It is run where nobody sits: a program that waits for an answer waits for ever.", "Add the argument that silences it, such as /quiet"]),
    error(["feed-hash-missing", "a file has no digest", "Nobody can tell whether the file is the right one; iisgate does not install it.", "Add sha1: iisgate feed build computes it"]),
    error(["feed-hash-malformed", "this is no digest", "A SHA-1 is 40 hexadecimal digits; base64, as fciv writes it with -xml, is refused.", "Write 40 hexadecimal digits"]),
    error(["feed-hash-mismatch", "the file is another than the feed tells of", "Whoever installs from the feed refuses the file.", "Run iisgate feed build again, or put the right file there"]),
    warning(["feed-size-wrong", "fileSize is not the file's size in KB", "It is what the progress bar goes by; bytes instead of KB are a frequent mistake.", "Write the size in KB, rounded"]),
    error(["feed-file-missing", "a file that the feed names is not there", "It cannot be downloaded.", "Put it there, or correct installerURL"]),
    error(["feed-url-refused", "no reader follows this address", "Known are http, https, file and paths; a feed from the web may name nothing but the web.", "Write a whole address"]),
    warning(["feed-url-open", "the address is http, not https", "Who is in between sees what is downloaded; the digest alone tells whether it is the right file.", "Use https"]),
    error(["feed-url-unreachable", "an address cannot be reached", "Whoever installs from the feed gets what we got.", "Put the file there, or correct the address"]),
    warning(["feed-tab-missing", "no tab shows an entry", "WebPI shows applications of a private feed only in a tab of that feed, by keyword.", "Add a keywordTab with one of the entry's keywords"]),
];

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.code.eq_ignore_ascii_case(code.trim()))
}
