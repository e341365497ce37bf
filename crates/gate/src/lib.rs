//! Owns what a web server starts: finding the interpreter, keeping the workers, handing the pipe
//! over, and saying why Python did not start.
//!
//! Links no Python and parses no flags.

pub mod limits;

pub mod codes;

mod failure;

pub mod control;

mod settings;

pub mod debug;

pub mod circumstances;

mod interpreter;

mod plan;

mod seat;

mod rendezvous;

pub mod helpers;

pub mod service;

pub mod status;

mod diagnosis;

mod answer;

mod offline;

mod first_request;

mod events;

mod passing;

mod succession;

mod pipe;

mod listening;

mod supervisor;

pub mod relay;

mod turns;

pub mod recording;

pub use diagnosis::explain_status;
pub use failure::StartFailure;
pub use listening::run as run_listening;
pub use pipe::run as run_connected;
pub use plan::{LogPlan, Plan, log_places, open_log};
pub use settings::Settings;
pub use supervisor::{Ended as SupervisorEnded, run as supervise};
