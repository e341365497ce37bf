//! Owns tables for people: columns as wide as what stands in them.
//!
//! Does not own what stands there.

/// A column.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// Words.
    Left(&'static str),
    /// Numbers.
    Right(&'static str),
}

/// Draws a table, each line after two spaces.
pub(super) fn draw(columns: &[Column], rows: &[Vec<String>]) -> String {
    let title = |column: &Column| match column {
        Column::Left(title) | Column::Right(title) => (*title).to_owned(),
    };
    let titles: Vec<String> = columns.iter().map(title).collect();
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.chain([titles[at].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells =
            columns.iter().zip(row).zip(&widths).map(|((column, cell), width)| match column {
                Column::Left(_) => format!("{cell:<width$}"),
                Column::Right(_) => format!("{cell:>width$}"),
            });
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned() + "\n"
    };
    [&titles].into_iter().chain(rows).map(line).collect()
}

/// A time that has passed: its two largest units.
pub(super) fn duration(seconds: f64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let whole = seconds.max(0.0) as u64;
    let Some(at) = UNITS.iter().position(|(unit, _)| whole >= *unit) else { return "0 s".into() };
    let (unit, name) = UNITS[at];
    match UNITS.get(at + 1) {
        Some((next, next_name)) => {
            format!("{} {name} {} {next_name}", whole / unit, whole % unit / next)
        }
        None => format!("{whole} s"),
    }
}

/// A number with its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out
}

/// Memory.
pub(super) fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    format!("{} MiB", bytes.div_ceil(MIB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let columns = [Column::Left("WORKER"), Column::Right("UP"), Column::Left("STATE")];
        let rows = [["1", "12 min 3 s", "ready"], ["4711", "0 s", "leaving"]];
        let rows: Vec<_> = rows.map(|row| row.map(String::from).to_vec()).into();
        assert_eq!(
            draw(&columns, &rows),
            "  WORKER          UP  STATE\n  1       12 min 3 s  ready\n  4711           0 s  leaving\n"
        );
    }

    #[test]
    fn numbers_are_read_at_a_glance() {
        for (seconds, expected) in [
            (0.4, "0 s"),
            (59.9, "59 s"),
            (60.0, "1 min 0 s"),
            (3_599.0, "59 min 59 s"),
            (11_000.0, "3 h 3 min"),
            (200_000.0, "2 d 7 h"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(mebibytes(84 * 1024 * 1024 + 1), "85 MiB");
    }
}
