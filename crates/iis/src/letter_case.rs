//! Owns when two names are one, as IIS and Windows compare paths, names and keys: whatever the case of letters.
//!
//! Does not own which names are compared so.

/// Whether two texts differ in nothing but the case of letters. Without a copy of either where both are ASCII.
pub fn alike(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn letters() {
        for (one, other, expected) in [
            ("", "", true),
            ("App", "aPP", true),
            ("app", "apps", false),
            ("Büro", "BÜRO", true),
            ("Büro", "Buro", false),
            // The sign for kelvin has our k for its small letter.
            ("\u{212a}", "K", true),
            ("straße", "STRASSE", false),
        ] {
            assert_eq!(alike(one, other), expected, "{one} {other}");
            assert_eq!(one.to_lowercase() == other.to_lowercase(), expected, "{one} {other}");
        }
    }
}
