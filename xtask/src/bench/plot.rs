//! Owns drawing bars as SVG: one figure for each peer, ours in colour.
//!
//! Does not own the figures.

use std::fmt::Write;

/// A bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) is_ours: bool,
}

/// Pixels.
const WIDTH: f64 = 720.0;
const NAMES: f64 = 130.0;
const FIGURES: f64 = 90.0;
const ROW: f64 = 24.0;
const TOP: f64 = 44.0;

/// Horizontal bars in their order, from nought; on white, so that it can be read on any page.
pub(crate) fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let height = TOP + ROW * bars.len() as f64 + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-size=\"16\" font-weight=\"600\" fill=\"#222\">{title}</text>\n"
    );
    for (row, bar) in bars.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        let length = (WIDTH - NAMES - FIGURES) * bar.value / most;
        let (fill, weight) = if bar.is_ours { ("#2f6fde", "600") } else { ("#b8c0cc", "400") };
        let places = if bar.value < 100.0 { 1 } else { 0 };
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#222\" \
             font-weight=\"{weight}\">{}</text>\n\
             <rect x=\"{NAMES}\" y=\"{}\" width=\"{length:.1}\" height=\"16\" rx=\"2\" fill=\"{fill}\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" fill=\"#222\">{:.places$} {unit}</text>\n",
            NAMES - 8.0,
            top + 13.0,
            bar.name,
            top,
            NAMES + length + 6.0,
            top + 13.0,
            bar.value,
        );
    }
    svg += "</svg>\n";
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_room_and_it_is_xml() {
        let bar = |name: &str, value, is_ours| Bar { name: name.into(), value, is_ours };
        let svg = bars("CPU", "µs", &[bar("worker", 5.0, true), bar("flup", 50.0, false)]);
        assert!(svg.contains("width=\"500.0\"") && svg.contains("width=\"50.0\""), "{svg}");
        roxmltree::Document::parse(&svg).expect("XML");
    }
}
