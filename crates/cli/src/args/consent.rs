//! Owns the two flags of whatever changes a machine: without them it shows its plan and asks.
//!
//! Does not own asking (`commands::planned`).

/// Whether the user has agreed beforehand, or wants to see the plan only.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct ConsentArgs {
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}
