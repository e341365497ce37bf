//! Owns which helpers of a site there are: starts what is new, ends what is no more wanted.
//!
//! Does not own their lives (`tending`).

use super::board::{Board, Standing};
use super::definition::Definition;
use super::tending::Tending;
use platform::kept::Keeper;
use platform::log_file::LogFile;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

struct Member {
    definition: Definition,
    thread: JoinHandle<()>,
}

/// The helpers of a site.
pub(super) struct Crew {
    members: Vec<Member>,
    board: Arc<Board>,
    keeper: Arc<Keeper>,
    log: &'static LogFile,
    is_closed: bool,
}

impl Crew {
    pub(super) fn new(board: Arc<Board>, keeper: Keeper, log: &'static LogFile) -> Self {
        Self { members: Vec::new(), board, keeper: Arc::new(keeper), log, is_closed: false }
    }

    /// Makes these the helpers: those that are run otherwise now are ended first, the last one first;
    /// those that stay go on.
    pub(super) fn arrange(&mut self, definitions: &[Definition]) {
        if self.is_closed {
            return;
        }
        self.end_others(definitions);
        for definition in definitions {
            if !self.members.iter().any(|member| member.definition == *definition) {
                self.start(definition);
            }
        }
        let names: Vec<_> = definitions.iter().map(|one| one.name.as_str()).collect();
        let place = |member: &Member| {
            definitions.iter().position(|definition| *definition == member.definition)
        };
        self.members.sort_by_key(place);
        self.board.arrange(&names);
    }

    /// Ends all, and starts none any more.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        self.end_others(&[]);
    }

    fn end_others(&mut self, definitions: &[Definition]) {
        for index in (0..self.members.len()).rev() {
            if definitions.contains(&self.members[index].definition) {
                continue;
            }
            let member = self.members.remove(index);
            let name = &member.definition.name;
            self.board.stop(name);
            // A thread that panicked took its helper with it.
            let _ = member.thread.join();
            self.board.remove(name);
        }
    }

    fn start(&mut self, definition: &Definition) {
        let (sender, notes) = channel();
        self.board.add(&definition.name, sender.clone());
        let tending = Tending {
            definition: definition.clone(),
            board: Arc::clone(&self.board),
            keeper: Arc::clone(&self.keeper),
            log: self.log,
            sender,
            notes,
        };
        let thread = std::thread::Builder::new().name("helper".into());
        match thread.spawn(move || tending.run()) {
            Ok(thread) => self.members.push(Member { definition: definition.clone(), thread }),
            Err(error) => {
                let title = format!("helper {} cannot be tended: {error}", definition.name);
                let failure = super::unready(title, "the machine may be overloaded");
                log::error!("{failure}");
                self.board.set(&definition.name, Standing::Failed(failure));
            }
        }
    }
}
