//! Owns telling how workers and helpers are to somebody who asks: the words, and the asking.
//!
//! Does not own how it is shown (`cli`). No request waits for any of it: what is told is counted
//! anyway, and answered by the thread that listens to gates.

mod visit;

mod words;

pub use visit::{Replacement, Status, replace_workers, status};
pub use words::{Start, ToVisitor, WorkerStatus};
