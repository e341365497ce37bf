//! Owns what a site's configuration files say: `web.config`, `applicationHost.config` and
//! `[tool.iisgate]` in `pyproject.toml`, read into typed values that know their place, merged as IIS
//! does, and changed without touching another byte.
//!
//! Does not act on them (`front` and `gate` do) and judges nothing that reads well.
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
pub mod authentication;
pub mod authorization;
pub mod checks;
pub mod codes;
mod collection;
mod collections;
pub mod directories;
pub mod doctor;
pub mod document;
pub mod editor;
pub mod effective;
mod element_locks;
mod error;
pub mod expand;
mod external;
pub mod fastcgi;
pub mod handlers;
pub mod http_errors;
pub mod http_protocol;
pub mod http_redirect;
pub mod inherit;
pub mod init;
pub mod install;
pub mod letter_case;
mod locks;
pub mod pattern;
mod place;
pub mod project;
mod project_code_page;
pub mod project_helpers;
mod read;
pub mod request_filtering;
pub mod rewrite;
pub mod saving;
pub mod script_processor;
pub mod sections;
pub mod site;
pub mod sites;
mod spelling;
pub mod static_content;
pub mod way;

pub use document::Element;
pub use editor::Editor;
pub use effective::Effective;
pub use error::Error;
pub use inherit::Inheritance;
pub use place::{Place, Source};
pub use project::Project;
pub use project_code_page::CodePage;
pub use project_helpers::Helper;
pub use script_processor::ScriptProcessor;
pub use site::Site;
pub use way::Way;
