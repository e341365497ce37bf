//! Owns the steps of an installation: their order and names.
//!
//! Does not own what is done in them.

use serde::{Deserialize, Serialize};

/// A step, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The package's files become a release.
    Files,
    /// The parameters' values are put into them.
    Parameters,
    /// `web.config` is made to fit this server.
    Configuration,
    /// The release gets its Python packages.
    Environment,
    /// What the app writes is linked into the release.
    Data,
    /// The package's own commands run.
    Commands,
    /// The release answers a request.
    Health,
    /// The release becomes the live one.
    Switch,
    /// Old releases go.
    Tidy,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 9] = [
        Step::Files,
        Step::Parameters,
        Step::Configuration,
        Step::Environment,
        Step::Data,
        Step::Commands,
        Step::Health,
        Step::Switch,
        Step::Tidy,
    ];

    /// What is shown while it is under way.
    pub const fn words(self) -> &'static str {
        match self {
            Step::Files => "placing the files",
            Step::Parameters => "putting the parameters in",
            Step::Configuration => "fitting web.config to this server",
            Step::Environment => "making the Python environment",
            Step::Data => "linking the data",
            Step::Commands => "running the package's commands",
            Step::Health => "asking the new release for a page",
            Step::Switch => "switching to the new release",
            Step::Tidy => "removing old releases",
        }
    }
}
