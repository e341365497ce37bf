//! Owns what may follow what within one request, as two tables blind to the side (§5, §6).
//!
//! Does not own buffers or bytes. Check it against the specification with a finger: the inbound
//! half (web server → application) and the outbound half (application → web server) never meet
//! but in BEGIN_REQUEST, which opens both, and END_REQUEST, which closes both.

/// Where the stream of BEGIN, PARAMS, STDIN stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inbound {
    /// BEGIN_REQUEST was seen, PARAMS are coming.
    Params,
    /// PARAMS ended, STDIN is coming.
    Stdin,
    /// STDIN ended: nothing more is expected but an abort.
    Complete,
    /// The rest of the input is thrown away: the request was aborted or is over a limit.
    Discard,
}

/// Where the stream of STDOUT and STDERR stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outbound {
    /// STDOUT may flow.
    Open,
    /// STDOUT's empty record was sent; END_REQUEST is due.
    StdoutEnded,
}

/// What a record means to the inbound half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InSignal {
    /// PARAMS with content.
    Params,
    /// The empty PARAMS record.
    EndOfParams,
    /// STDIN with content.
    Stdin,
    /// The empty STDIN record.
    EndOfStdin,
    /// ABORT_REQUEST.
    Abort,
}

/// What a record means to the outbound half. (STDERR may come at any time and needs no row.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutSignal {
    /// STDOUT with content.
    Stdout,
    /// The empty STDOUT record.
    EndOfStdout,
}

/// The inbound table. `Err` is the rule that is broken.
pub(crate) const fn inbound(state: Inbound, signal: InSignal) -> Result<Inbound, &'static str> {
    use InSignal::{Abort, EndOfParams, EndOfStdin, Params, Stdin};
    use Inbound as S;
    match (state, signal) {
        (S::Params, Params) => Ok(S::Params),
        (S::Params, EndOfParams) => Ok(S::Stdin),
        // PHP skips stray empty STDIN records before the params' end; so do we.
        (S::Params, EndOfStdin) => Ok(S::Params),
        (S::Params, Stdin) => Err("STDIN before the end of PARAMS"),

        (S::Stdin, Stdin) => Ok(S::Stdin),
        (S::Stdin, EndOfStdin) => Ok(S::Complete),
        (S::Stdin, Params | EndOfParams) => Err("PARAMS after their end"),

        (S::Complete, EndOfStdin) => Ok(S::Complete),
        (S::Complete, Stdin) => Err("STDIN after its end"),
        (S::Complete, Params | EndOfParams) => Err("PARAMS after their end"),

        (S::Discard, _) => Ok(S::Discard),
        (_, Abort) => Ok(S::Discard),
    }
}

/// The outbound table. `strict` is how we send; a peer is read leniently, because wfastcgi ends
/// STDOUT after each chunk and IIS bears it.
pub(crate) const fn outbound(
    state: Outbound,
    signal: OutSignal,
    strict: bool,
) -> Result<Outbound, &'static str> {
    match (state, signal) {
        (Outbound::Open, OutSignal::Stdout) => Ok(Outbound::Open),
        (Outbound::Open, OutSignal::EndOfStdout) => Ok(Outbound::StdoutEnded),
        (Outbound::StdoutEnded, OutSignal::Stdout) if !strict => Ok(Outbound::Open),
        (Outbound::StdoutEnded, OutSignal::EndOfStdout) if !strict => Ok(Outbound::StdoutEnded),
        (Outbound::StdoutEnded, _) => Err("STDOUT was ended already"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abort_is_allowed_in_every_state_and_silences_the_rest() {
        for state in [Inbound::Params, Inbound::Stdin, Inbound::Complete, Inbound::Discard] {
            assert_eq!(inbound(state, InSignal::Abort), Ok(Inbound::Discard));
        }
        for signal in
            [InSignal::Params, InSignal::EndOfParams, InSignal::Stdin, InSignal::EndOfStdin]
        {
            assert_eq!(inbound(Inbound::Discard, signal), Ok(Inbound::Discard));
        }
    }

    #[test]
    fn stdout_is_ended_once_by_us_and_often_by_others() {
        use OutSignal::{EndOfStdout, Stdout};
        let ended = outbound(Outbound::Open, EndOfStdout, true).expect("first end");
        assert!(outbound(ended, Stdout, true).is_err());
        assert!(outbound(ended, EndOfStdout, true).is_err());
        assert_eq!(outbound(ended, Stdout, false), Ok(Outbound::Open));
    }
}
