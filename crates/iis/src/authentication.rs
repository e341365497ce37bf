//! Owns `<authentication>`: by which ways a client may say who it is.
//!
//! Does not sign anyone on (`front::sign_on` does). Providers, realms and mappings are not read.

use crate::Inheritance;
use crate::attributes::{ANONYMOUS, OTHER_AUTHENTICATION, WINDOWS};
use crate::error::Error;
use crate::place::Place;
use crate::read::Reader;

/// The effective authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// Whether a client need not say who it is.
    pub allows_anonymous: bool,
    /// Whether it may sign on with Windows.
    pub allows_windows: bool,
    /// Other ways that are switched on, by their sections' names, and where.
    pub others: Vec<(&'static str, Place)>,
    /// Where it is written, innermost; `None` when nobody says anything about it.
    pub place: Option<Place>,
}

const SECTIONS: &str = "system.webServer/security/authentication";

/// Sections whose ways are not simulated.
const OTHERS: [&str; 4] = [
    "basicAuthentication",
    "digestAuthentication",
    "clientCertificateMappingAuthentication",
    "iisClientCertificateMappingAuthentication",
];

/// Reads what a chain of levels says.
///
/// # Errors
/// On attributes of another type.
pub fn read(chain: &Inheritance) -> Result<Authentication, Error> {
    let levels = |name: &str| chain.sections(&format!("{SECTIONS}/{name}"));
    let (anonymous, windows) = (levels("anonymousAuthentication"), levels("windowsAuthentication"));
    let enabled = |levels: &[_], row| Reader::innermost(levels, row, "enabled").flag("enabled");
    let mut others = Vec::new();
    for name in OTHERS {
        let levels = levels(name);
        if let Some(last) = levels.last()
            && enabled(&levels, OTHER_AUTHENTICATION)?
        {
            others.push((name, last.place()));
        }
    }
    let innermost = windows.last().or(anonymous.last());
    Ok(Authentication {
        allows_anonymous: enabled(&anonymous, ANONYMOUS)?,
        allows_windows: enabled(&windows, WINDOWS)?,
        place: innermost.map(|element| element.place()).or(others.last().map(|(_, at)| at.clone())),
        others,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Authentication, read};
    use crate::Inheritance;
    use crate::document;
    use crate::place::Source;

    fn told(inner: &str) -> Authentication {
        let text = format!(
            "<configuration><system.webServer><security><authentication>{inner}</authentication>\
             </security></system.webServer></configuration>"
        );
        let mut chain = Inheritance::defaults();
        chain.push(&Arc::new(document::parse(Source::new("web.config", text)).unwrap()));
        read(&chain).unwrap()
    }

    #[test]
    fn ways() {
        let nothing = read(&Inheritance::defaults()).unwrap();
        assert!(nothing.allows_anonymous && !nothing.allows_windows && nothing.place.is_none());
        let windows = told(
            "<anonymousAuthentication enabled='false'/><windowsAuthentication enabled='true'/>\
             <basicAuthentication enabled='false'/>",
        );
        assert!(!windows.allows_anonymous && windows.allows_windows && windows.others.is_empty());
        assert!(windows.place.is_some());
        let basic = told("<basicAuthentication enabled='true'/>");
        assert_eq!(basic.others[0].0, "basicAuthentication");
    }
}
