//! Owns what the ways in which a process can end mean, in plain words.
//!
//! Does not own what follows for the app.

use crate::codes;
use std::process::ExitStatus;

/// NTSTATUS values with which Windows ends processes, and what they mean for Python.
/// (Names and values: Microsoft's `ntstatus.h`.)
const NT: [(u32, &str, &str); 16] = [
    (
        0xC000_0005,
        "STATUS_ACCESS_VIOLATION",
        "a compiled module touched memory that is not its own: it crashed",
    ),
    (
        0xC000_0006,
        "STATUS_IN_PAGE_ERROR",
        "a program file could not be read to its end: the disk or network failed",
    ),
    (0xC000_0017, "STATUS_NO_MEMORY", "there was no memory left"),
    (
        0xC000_001D,
        "STATUS_ILLEGAL_INSTRUCTION",
        "a compiled module was built for a newer processor",
    ),
    (
        0xC000_0022,
        "STATUS_ACCESS_DENIED",
        "a program file or DLL may not be read by the web server's user",
    ),
    (
        0xC000_007B,
        "STATUS_INVALID_IMAGE_FORMAT",
        "a DLL is of the wrong kind: 32-bit instead of 64-bit, or damaged",
    ),
    (0xC000_00FD, "STATUS_STACK_OVERFLOW", "a recursion never ended"),
    (0xC000_012D, "STATUS_COMMITMENT_LIMIT", "there was no memory left, nor room in the page file"),
    (0xC000_0135, "STATUS_DLL_NOT_FOUND", "a DLL that python.exe needs was not found"),
    (
        0xC000_0138,
        "STATUS_ORDINAL_NOT_FOUND",
        "a DLL was found, but it is another version than the one needed",
    ),
    (
        0xC000_0139,
        "STATUS_ENTRYPOINT_NOT_FOUND",
        "a DLL was found, but it is another version than the one needed",
    ),
    (
        0xC000_013A,
        "STATUS_CONTROL_C_EXIT",
        "it was ended from a console, by Ctrl-C or by closing the window",
    ),
    (
        0xC000_0142,
        "STATUS_DLL_INIT_FAILED",
        "a DLL could not set itself up, often for want of desktop memory",
    ),
    (0xC000_0374, "STATUS_HEAP_CORRUPTION", "a compiled module has damaged memory: it crashed"),
    (
        0xC000_0409,
        "STATUS_STACK_BUFFER_OVERRUN",
        "a compiled module, or Python itself, gave up at once (abort)",
    ),
    (
        0x8000_0003,
        "STATUS_BREAKPOINT",
        "a compiled module stopped for a debugger that is not there",
    ),
];

/// Unix signals that end processes.
const SIGNALS: [(u32, &str); 9] = [
    (4, "a compiled module was built for a newer processor (SIGILL)"),
    (6, "a compiled module, or Python itself, gave up (SIGABRT)"),
    (7, "memory that was mapped from a file is gone (SIGBUS)"),
    (8, "a compiled module divided by zero (SIGFPE)"),
    (9, "somebody killed it; the system does when memory runs out"),
    (11, "a compiled module touched memory that is not its own: it crashed (SIGSEGV)"),
    (15, "somebody told it to end (SIGTERM)"),
    (24, "it used up its processor time (SIGXCPU)"),
    (31, "it did what a sandbox forbids (SIGSYS)"),
];

/// Exit codes that have a meaning by custom.
const CODES: [(u32, &str); 5] = [
    (120, "Python could not write its output"),
    (126, "it is no program, or may not be started"),
    (127, "a program or shared library was not found"),
    (106, "Python's launcher of virtual environments found no pyvenv.cfg"),
    (103, "Python's launcher could not start the Python that pyvenv.cfg names"),
];

/// Statuses of a program whose DLLs are missing or are another version.
pub(super) const DLL_MISSING: [u32; 3] = [0xC000_0135, 0xC000_0138, 0xC000_0139];

/// The status of a program with a DLL of another kind.
pub(super) const OTHER_KIND: u32 = 0xC000_007B;

/// Explains an NTSTATUS with which a process may end, however its number is written: `0xC0000135`,
/// `C0000135`, `3221225781`, `-1073741515`.
pub fn explain_status(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let hexadecimal = text.strip_prefix("0x").unwrap_or(&text);
    let number = match text.parse::<i64>() {
        Ok(number) => u32::try_from(number & 0xFFFF_FFFF).ok()?,
        Err(_) => u32::from_str_radix(hexadecimal, 16).ok()?,
    };
    let (_, name, meaning) = NT.iter().find(|(known, ..)| *known == number)?;
    let code = match number {
        OTHER_KIND => &codes::OTHER_BITNESS,
        _ if DLL_MISSING.contains(&number) => &codes::LIBRARY_MISSING,
        _ => &codes::WORKER_ENDED,
    };
    Some(format!(
        "0x{number:08X} – {name}: {meaning}\n\nA worker that ends so is told under {code}: iisgate explain \
         {code}\n"
    ))
}

/// How a process ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    /// As the system tells it.
    pub(super) told: String,
    /// What that means; maybe nothing is known.
    pub(super) meaning: String,
    /// The exit code, on Windows an NTSTATUS.
    pub(super) code: Option<u32>,
}

impl Ended {
    pub(super) fn new(status: ExitStatus) -> Self {
        Self::of(&status.to_string(), status.code().map(i32::cast_unsigned))
    }

    /// From what std's `Display` says: `signal: 9 (SIGKILL)`, `exit status: 7`,
    /// `exit code: 0xc0000135`.
    fn of(told: &str, code: Option<u32>) -> Self {
        let signal = told
            .strip_prefix("signal: ")
            .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok());
        let mut meaning = String::new();
        if let Some((_, text)) = SIGNALS.iter().find(|(number, _)| Some(*number) == signal) {
            meaning = (*text).to_owned();
        } else if let Some((_, name, text)) = NT.iter().find(|(number, ..)| Some(*number) == code) {
            meaning = format!("{name}: {text}");
        } else if let Some((_, text)) = CODES.iter().find(|(number, _)| Some(*number) == code) {
            meaning = (*text).to_owned();
        }
        Self { told: told.to_owned(), meaning, code }
    }

    /// Both in one.
    pub(super) fn sentence(&self) -> String {
        match (self.told.as_str(), self.meaning.as_str()) {
            ("", _) => "it is not known how".to_owned(),
            (told, "") => told.to_owned(),
            (told, meaning) => format!("{told}, {meaning}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_explained() {
        for (told, code, expected) in [
            (
                "signal: 9 (SIGKILL)",
                None,
                "somebody killed it; the system does when memory runs out",
            ),
            ("signal: 11 (SIGSEGV) (core dumped)", None, "it crashed"),
            ("exit status: 7", Some(7), "exit status: 7"),
            ("exit status: 127", Some(127), "a program or shared library was not found"),
            (
                "exit code: 0xc0000135",
                Some(0xC000_0135),
                "STATUS_DLL_NOT_FOUND: a DLL that python.exe",
            ),
            ("exit code: 0xc0000409", Some(0xC000_0409), "STATUS_STACK_BUFFER_OVERRUN"),
            ("exit code: 0xc000007b", Some(0xC000_007B), "32-bit instead of 64-bit"),
        ] {
            let sentence = Ended::of(told, code).sentence();
            assert!(sentence.starts_with(told) && sentence.contains(expected), "{sentence}");
        }
        assert_eq!(Ended::default().sentence(), "it is not known how");
    }
}
