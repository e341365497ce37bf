//! Owns the bounds on what is downloaded and read: each with its reason.
//!
//! Does not own the bounds on XML: `xml::limits`, which bound a feed, too.

use std::time::Duration;

/// The largest file that is downloaded. Web Deploy's packages end at 2 GB (they know no Zip64), and no
/// installer of a runtime comes near.
pub const DOWNLOAD_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// The largest feed that is downloaded: what the XML reader takes.
pub const FEED_BYTES_MAX: u64 = xml::limits::DOCUMENT_BYTES_MAX as u64;

/// How long a server may take to be reached, and to begin its answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a whole download may take: 2 GB at 5 Mbit/s.
pub const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// How long an installer may run: those of Visual Studio, the slowest that feeds name, take less.
pub const INSTALLER_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// How long the registry may take to answer: it does within a tenth of a second.
pub const REGISTRY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a server may send elsewhere. Browsers follow 20; downloads of releases need 2.
pub const REDIRECTS_MAX: u32 = 8;

/// How many feeds may belong to one (`enclosure`): Microsoft's had 4.
pub const ENCLOSURES_MAX: usize = 16;

/// How many products one installation may come to: WebPI's longest were about 30.
pub const STEPS_MAX: usize = 200;

/// How many names an expression may lead through, one to the next: the real ones need 4.
pub const NAMES_DEEP_MAX: usize = 32;

/// How much of all expressions together is looked at: shared dependencies that name others twice each
/// would double the work with every name. The real feeds need some thousands.
pub const EXPRESSION_STEPS_MAX: usize = 100_000;
