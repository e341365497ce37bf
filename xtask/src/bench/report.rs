//! Owns the tables: medians over rounds, and how many times ours each figure is.
//!
//! Does not own measuring.

use super::samples::{Sample, Scene};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Text,
    Markdown,
}

/// A table of words.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(title: String, head: &[&str]) -> Table {
        Table { title, rows: vec![head.iter().map(ToString::to_string).collect()] }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table, its first column to the left, all others to the right.
    pub(crate) fn write(&self, format: Format) -> String {
        let columns = self.rows[0].len();
        let widths: Vec<usize> = (0..columns)
            .map(|at| self.rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
            .collect();
        let (title, start, between, end) = match format {
            Format::Text => ("== ", "", "  ", ""),
            Format::Markdown => ("### ", "| ", " | ", " |"),
        };
        let mut text = format!("{title}{}\n\n", self.title);
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(
                    |(at, (cell, width))| {
                        if at == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
                    },
                )
                .collect();
            text += &format!("{start}{}{end}\n", cells.join(between).trim_end());
            if index == 0 && format == Format::Markdown {
                let rules: Vec<String> = widths
                    .iter()
                    .enumerate()
                    .map(|(at, width)| {
                        let colon = if at == 0 { '-' } else { ':' };
                        format!("{}{colon}", "-".repeat(width.saturating_sub(1).max(2)))
                    })
                    .collect();
                text += &format!("{start}{}{end}\n", rules.join(between));
            }
        }
        text
    }
}

/// One table for each scene, the best CPU time first.
pub(crate) fn tables(samples: &[Sample], scenes: &[Scene], base: &str) -> Vec<Table> {
    let head = ["peer", "CPU µs", "×", "req/s", "×", "p99 µs", "×", "bad"];
    let mut tables = Vec::new();
    for scene in scenes {
        let of_scene: Vec<&Sample> = samples.iter().filter(|s| s.scene == *scene).collect();
        let mut rows: Vec<Figures> = Vec::new();
        for sample in &of_scene {
            if !rows.iter().any(|row| row.peer == sample.peer) {
                rows.push(Figures::of(sample.peer, &of_scene));
            }
        }
        if rows.is_empty() {
            continue;
        }
        rows.sort_by(|a, b| a.cpu_us.total_cmp(&b.cpu_us));
        let base = rows.iter().find(|row| row.peer == base).cloned();
        let mut table = Table::new(scene.to_string(), &head);
        for row in &rows {
            let ratio = |figure: fn(&Figures) -> f64| match &base {
                Some(base) => decimal(figure(row) / figure(base), 2),
                None => decimal(f64::NAN, 2),
            };
            table.row(vec![
                row.peer.to_owned(),
                decimal(row.cpu_us, 1),
                ratio(|f| f.cpu_us),
                decimal(row.rate, 0),
                ratio(|f| f.rate),
                decimal(row.p99_us, 0),
                ratio(|f| f.p99_us),
                row.bad.to_string(),
            ]);
        }
        tables.push(table);
    }
    tables
}

/// A peer's medians in a scene.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    peer: &'static str,
    pub(crate) cpu_us: f64,
    pub(crate) rate: f64,
    pub(crate) p99_us: f64,
    bad: u64,
}

impl Figures {
    /// Those of a peer in a scene, if it was measured there.
    pub(crate) fn in_scene(peer: &str, samples: &[Sample], scene: Scene) -> Option<Figures> {
        let here: Vec<&Sample> = samples.iter().filter(|s| s.scene == scene).collect();
        let name = here.iter().find(|sample| sample.peer == peer)?.peer;
        Some(Figures::of(name, &here))
    }

    fn of(peer: &'static str, samples: &[&Sample]) -> Figures {
        let mine: Vec<&&Sample> = samples.iter().filter(|sample| sample.peer == peer).collect();
        let over = |figure: fn(&Sample) -> f64| median(mine.iter().map(|s| figure(s)).collect());
        Figures {
            peer,
            cpu_us: over(Sample::cpu_us),
            rate: over(Sample::rate),
            p99_us: over(|sample| sample.seen.p99_us),
            bad: mine.iter().map(|sample| sample.seen.bad).sum(),
        }
    }
}

/// The figure, or a dash where there is none: no response was right.
pub(crate) fn decimal(figure: f64, places: usize) -> String {
    if figure.is_finite() { format!("{figure:.places$}") } else { "–".to_owned() }
}

/// The middle one; of an even number the mean of the two in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.retain(|figure| figure.is_finite());
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => f64::midpoint(figures[half - 1], figures[half]),
        _ => figures[half],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, f64::NAN, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn a_table_is_aligned_either_way() {
        let mut table = Table::new("hello".into(), &["peer", "µs"]);
        table.row(vec!["worker".into(), "12.5".into()]);
        assert_eq!(table.write(Format::Text), "== hello\n\npeer      µs\nworker  12.5\n");
        let markdown = "### hello\n\n| peer   |   µs |\n| ------ | ---: |\n| worker | 12.5 |\n";
        assert_eq!(table.write(Format::Markdown), markdown);
    }
}
