//! Owns reading which names a Windows library exports, and making them another library's.
//!
//! Does not own running the tools.

/// What stands above the list in what `objdump --private-headers` says.
const HEADING: &str = "[Ordinal/Name Pointer] Table";

/// The names that `objdump --private-headers` lists: `[   0] +base[   1]  0000 PyAIter_Check`.
pub(super) fn names(told: &str) -> Vec<&str> {
    told.lines()
        .skip_while(|line| !line.contains(HEADING))
        .skip(1)
        .take_while(|line| line.trim_start().starts_with('['))
        .filter_map(|line| line.split_whitespace().next_back())
        .collect()
}

/// A module definition by which a library passes each of the names on to `library`.
pub(super) fn forwarders(names: &[&str], library: &str) -> String {
    let lines = names.iter().map(|name| format!("  {name} = {library}.{name}\n"));
    format!("EXPORTS\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exported_name_becomes_a_forwarder() {
        let told = "Export Address Table -- Ordinal Base 1\n\
                    \t[   0] +base[   1] 2af31c Export RVA\n\n\
                    [Ordinal/Name Pointer] Table -- Ordinal Base 1\n\
                    \t[   0] +base[   1]  0000 PyAIter_Check\n\
                    \t[   1] PyArg_Parse\n\n\
                    The Function Table\n\t[   9] nothing\n";
        assert_eq!(names(told), ["PyAIter_Check", "PyArg_Parse"]);
        assert_eq!(
            forwarders(&names(told), "python311"),
            "EXPORTS\n  PyAIter_Check = python311.PyAIter_Check\n  \
             PyArg_Parse = python311.PyArg_Parse\n"
        );
    }
}
