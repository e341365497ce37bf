//! Owns what the end of a process says about its cause.
//!
//! Does not own how the end became known.

use crate::instance::Ended;

/// Exit statuses of Windows that name their cause, and what usually stands behind it.
const STATUSES: [(u32, &str); 9] = [
    (0xC000_0005, "Access violation: a compiled module wrote or read where it may not."),
    (0xC000_0017, "The machine was out of memory."),
    (0xC000_001D, "Illegal instruction: a compiled module was built for another processor."),
    (0xC000_007B, "A DLL has the other bitness than the program (32 and 64 bits are mixed)."),
    (0xC000_00FD, "The stack overflowed: recursion without an end."),
    (0xC000_0135, "A DLL that the program needs was not found."),
    (0xC000_0142, "A DLL could not be initialized."),
    (0xC000_0374, "The heap was damaged by a compiled module."),
    (0xC000_0409, "Fail-fast in the C runtime; with Python often an invalid handle at its start."),
];

/// Signals by the names that the system gives them.
const SIGNALS: [(&str, &str); 5] = [
    ("SIGSEGV", "Segmentation fault: a compiled module wrote or read where it may not."),
    ("SIGABRT", "It gave itself up (abort), for instance after a failed assertion."),
    ("SIGKILL", "Someone killed it, or the system did, for lack of memory."),
    ("SIGTERM", "Someone told it to end."),
    ("SIGILL", "Illegal instruction: a compiled module was built for another processor."),
];

/// What on the application's side has most likely ended the process.
pub(super) fn cause(ended: &Ended) -> &'static str {
    let status = ended.code.map(i32::cast_unsigned);
    match status {
        Some(0) => {
            "It ended by itself and was content (exit status 0): the program called exit, read the \
             end of its input, or has a quota of requests that is less than instanceMaxRequests."
        }
        Some(1) => {
            "Exit status 1 is what Python ends with after an exception that nobody caught, for \
             instance while it imports the application."
        }
        Some(status) => {
            let known = STATUSES.iter().find(|(number, _)| *number == status);
            known.map_or("The program chose this exit status.", |(_, cause)| cause)
        }
        None => {
            let known = SIGNALS.iter().find(|(name, _)| ended.told.contains(name));
            known.map_or("It was ended from outside.", |(_, cause)| cause)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SIGNALS, STATUSES, cause};
    use crate::instance::Ended;

    fn ended(told: &str, code: Option<i32>) -> Ended {
        Ended { told: told.to_owned(), code }
    }

    #[test]
    fn ends_say_something_about_their_cause() {
        for (told, code, expected) in [
            ("exit status: 0", Some(0), "exit status 0"),
            ("exit status: 1", Some(1), "while it imports"),
            ("exit status: 3", Some(3), "chose this exit status"),
            ("exit code: 0xc0000135", Some(-1_073_741_515), "DLL that the program needs"),
            ("signal: 11 (SIGSEGV) (core dumped)", None, "Segmentation fault"),
            ("signal: 64", None, "from outside"),
        ] {
            let told = cause(&ended(told, code));
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn all_are_sentences() {
        let numbers = STATUSES.iter().map(|(_, cause)| cause);
        assert!(numbers.chain(SIGNALS.iter().map(|(_, cause)| cause)).all(|c| c.ends_with('.')));
    }
}
