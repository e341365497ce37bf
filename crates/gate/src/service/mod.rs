//! Owns helpers that run as services of the system instead of with the app: how a service is named,
//! made, started, asked and removed, and what its process does.
//!
//! Does not own the system's calls (`platform::service`), nor a helper's life (`helpers`).

mod subject;

mod plan;

mod unit;

mod control;

mod running;

mod trouble;

pub use control::{add, remove, restart, start, status, stop};
pub use plan::{ServicePlan, Wishes};
pub use running::{Running, run};
pub use subject::Subject;
pub use trouble::Trouble;
pub use unit::unit;

pub(crate) use subject::service_name;
