//! Owns `%VAR%` expansion, as Windows does it.
//!
//! Does not decide where IIS expands: the `attributes` table says that, attribute by attribute
//! (`fullPath` yes, `monitorChangesTo` no). `<appSettings>` are never expanded by IIS; wfastcgi
//! expands its `PYTHONPATH`, Helicon its `WSGI_CONFIG_FILE`, and whoever does the same calls this.

/// Replaces each `%NAME%` for which `lookup` knows a value; all else stays as written, percent
/// signs included (`ExpandEnvironmentStrings`). Values are not expanded again.
///
/// ```
/// let lookup = |name: &str| (name == "APPL_PHYSICAL_PATH").then(|| "/srv/site/".to_owned());
/// let expanded = iis::expand::environment_variables("%APPL_PHYSICAL_PATH%a.ini%NO%", lookup);
/// assert_eq!(expanded, "/srv/site/a.ini%NO%");
/// ```
pub fn environment_variables(text: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('%') else {
            out.push('%');
            rest = after;
            continue;
        };
        match lookup(name).filter(|_| !name.is_empty()) {
            Some(value) => out.push_str(&value),
            None => out.extend(["%", name, "%"]),
        }
        rest = behind;
    }
    out + rest
}

/// A variable of this process's environment; names are matched without regard to case on every
/// system, since configuration is written for Windows. An exact match wins.
pub fn from_process(name: &str) -> Option<String> {
    std::env::var(name).ok().or_else(|| {
        std::env::vars_os().find_map(|(key, value)| {
            key.to_str()?.eq_ignore_ascii_case(name).then(|| value.to_str().map(str::to_owned))?
        })
    })
}

#[cfg(test)]
mod tests {
    use super::environment_variables;

    #[test]
    fn windows_rules() {
        let lookup = |name: &str| match name.to_ascii_uppercase().as_str() {
            "A" => Some("1".to_owned()),
            "LOOP" => Some("%A%".to_owned()),
            "EMPTY" | "" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("%A%", "1"),
            ("x%a%y%A%z", "x1y1z"),
            ("%EMPTY%|", "|"),
            ("%NO%", "%NO%"),
            ("%NO%%A%", "%NO%1"),
            ("100%", "100%"),
            ("100% of %A%", "100% of %A%"),
            ("%%", "%%"),
            ("%LOOP%", "%A%"),
        ] {
            assert_eq!(environment_variables(text, lookup), expected, "{text}");
        }
    }
}
