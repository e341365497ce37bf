//! Owns for whom the developer's page is: it shows code, settings and log lines, so visitors must
//! not see it.
//!
//! Does not own the page.

use std::net::IpAddr;
use std::str::FromStr;

/// Params by which a reverse proxy tells that a request is somebody else's: its own address says
/// nothing about who asks. (That a client sends one itself hides the page from it, no more.)
const FORWARDED: [&str; 6] = [
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
    "HTTP_X_ARR_LOG_ID",
    "HTTP_X_FORWARDED_HOST",
];

/// Who sees the developer's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewers {
    /// Nobody.
    Nobody,
    /// Who asks from this machine.
    #[default]
    Loopback,
    /// Who asks from this address.
    Address(IpAddr),
    /// Whoever asks: only by force.
    Anyone,
}

impl Viewers {
    /// Whether a request's sender is among them; `param` gives the request's params.
    pub fn admits(&self, param: impl Fn(&str) -> Option<String>) -> bool {
        let wanted = match self {
            Self::Nobody => return false,
            Self::Anyone => return true,
            Self::Loopback => None,
            Self::Address(address) => Some(address.to_canonical()),
        };
        if FORWARDED.iter().any(|name| param(name).is_some()) {
            return false;
        }
        let Some(remote) = param("REMOTE_ADDR") else { return false };
        // IIS tells a link's address with its zone.
        let remote = remote.split('%').next().unwrap_or_default();
        let Ok(remote) = remote.parse::<IpAddr>() else { return false };
        let remote = remote.to_canonical();
        wanted.map_or_else(|| remote.is_loopback(), |wanted| wanted == remote)
    }

    /// The word for it, as [`FromStr`] reads it.
    pub fn word(&self) -> String {
        match self {
            Self::Nobody => "nobody".to_owned(),
            Self::Loopback => "local".to_owned(),
            Self::Address(address) => address.to_string(),
            Self::Anyone => "anyone".to_owned(),
        }
    }
}

impl FromStr for Viewers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "nobody" => Self::Nobody,
            "local" => Self::Loopback,
            "anyone" => Self::Anyone,
            _ => Self::Address(
                text.parse()
                    .map_err(|_| format!("not an IP address, `local` or `anyone`: {text}"))?,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_the_page() {
        for (viewers, remote, other, expected) in [
            ("local", "127.0.0.1", "", true),
            ("local", "127.8.8.8", "", true),
            ("local", "::1", "", true),
            ("local", "::ffff:127.0.0.1", "", true),
            ("local", "10.0.0.5", "", false),
            ("local", "", "", false),
            ("local", "127.0.0.1.example", "", false),
            // A proxy on this machine speaks for others.
            ("local", "127.0.0.1", "HTTP_X_FORWARDED_FOR", false),
            ("local", "::1", "HTTP_X_ARR_LOG_ID", false),
            ("10.0.0.5", "10.0.0.5", "", true),
            ("10.0.0.5", "::ffff:10.0.0.5", "", true),
            ("10.0.0.5", "10.0.0.55", "", false),
            ("10.0.0.5", "127.0.0.1", "", false),
            ("10.0.0.5", "10.0.0.5", "HTTP_FORWARDED", false),
            ("fe80::1", "fe80::1%4", "", true),
            ("anyone", "10.0.0.5", "HTTP_VIA", true),
            ("anyone", "", "", true),
            ("nobody", "127.0.0.1", "", false),
        ] {
            let parsed: Viewers = viewers.parse().expect("a word");
            assert_eq!(parsed.word(), viewers);
            let param = |name: &str| match name {
                "REMOTE_ADDR" => Some(remote.to_owned()),
                name => (name == other).then(String::new),
            };
            assert_eq!(parsed.admits(param), expected, "{viewers} {remote} {other}");
        }
        assert!(!Viewers::Loopback.admits(|_| None));
        assert!("everybody".parse::<Viewers>().is_err());
    }
}
