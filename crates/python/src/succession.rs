//! Owns how far it is with the worker that is to follow this one: wanted, asked for, refused.
//!
//! Does not own who is asked (`gates`), nor when one is wanted (`iisgate.recycling`).

/// How far it is with the next worker.
#[derive(Debug, Default)]
pub(crate) enum Succession {
    #[default]
    NotWanted,
    /// The next gate that comes is asked for it.
    Wanted,
    /// This gate was.
    Asked(u64),
    /// It cannot be had, for this reason.
    Refused(String),
    /// It is there, or none is needed any more.
    Done,
}

impl Succession {
    /// It is wanted from now on; `false` when it was already, or is there.
    pub(crate) fn want(&mut self) -> bool {
        let is_new = matches!(self, Self::NotWanted | Self::Refused(_));
        if is_new {
            *self = Self::Wanted;
        }
        is_new
    }

    /// Whether somebody is yet to be asked.
    pub(crate) const fn is_wanted(&self) -> bool {
        matches!(self, Self::Wanted)
    }

    /// A gate was asked.
    pub(crate) fn asked(&mut self, gate: u64) {
        if self.is_wanted() {
            *self = Self::Asked(gate);
        }
    }

    /// A gate has gone; whether another one is to be asked instead.
    pub(crate) fn has_gone(&mut self, gate: u64) -> bool {
        let was_asked = matches!(self, Self::Asked(of) if *of == gate);
        if was_asked {
            *self = Self::Wanted;
        }
        was_asked
    }

    /// It could not be started.
    pub(crate) fn refuse(&mut self, why: String) {
        if !matches!(self, Self::Done) {
            *self = Self::Refused(why);
        }
    }

    /// Why it could not be started, once.
    pub(crate) fn take_refusal(&mut self) -> Option<String> {
        match self {
            Self::Refused(why) => {
                let why = std::mem::take(why);
                *self = Self::NotWanted;
                Some(why)
            }
            _ => None,
        }
    }

    /// It is there, or none is needed any more.
    pub(crate) fn end(&mut self) {
        *self = Self::Done;
    }
}
