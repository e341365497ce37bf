//! Owns what a site's configuration files say: `web.config`, `applicationHost.config` and
//! `[tool.iisgate]` in `pyproject.toml`, read into typed values that know their place.
//!
//! Does not act on them (`front` and `gate` do), does not write, and judges nothing that reads well.
//!
//! ```no_run
//! let site = iis::Site::load(std::path::Path::new("."))?;
//! if let Some(handler) = site.app_settings.get("WSGI_HANDLER") {
//!     // a wfastcgi site
//! }
//! # Ok::<(), iis::Error>(())
//! ```

pub mod app_settings;
pub mod attributes;
mod collection;
pub mod directories;
pub mod document;
mod encoding;
mod error;
pub mod expand;
pub mod fastcgi;
pub mod handlers;
pub mod http_errors;
pub mod http_protocol;
pub mod http_redirect;
pub mod inherit;
mod locks;
pub mod pattern;
mod place;
pub mod project;
mod project_code_page;
pub mod project_helpers;
mod read;
pub mod request_filtering;
pub mod rewrite;
pub mod script_processor;
pub mod site;
pub mod sites;
mod spelling;
pub mod static_content;

pub use document::Element;
pub use error::Error;
pub use inherit::Inheritance;
pub use place::{Place, Source};
pub use project::Project;
pub use project_code_page::CodePage;
pub use project_helpers::Helper;
pub use script_processor::ScriptProcessor;
pub use site::Site;
