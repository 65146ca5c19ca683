//! Tables and figures in Markdown.

/// Returns a Markdown table, aligned so that it is also readable in a terminal. All columns but the first contain
/// figures.
#[must_use]
pub fn markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([head[column].chars().count(), 3]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!(" {cell:<width$} |"),
            _ => format!(" {cell:>width$} |"),
        });
        format!("|{}\n", padded.collect::<String>())
    };
    let head: Vec<String> = head.iter().map(|&name| name.to_owned()).collect();
    let rule = widths.iter().enumerate().map(|(column, width)| match column {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    line(&head) + &line(&rule.collect::<Vec<_>>()) + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// Formats a time in microseconds.
#[must_use]
pub fn micros(nanos: f64) -> String {
    format!("{:.2} µs", nanos / 1e3)
}

/// Formats a ratio with two decimal places.
#[must_use]
pub fn times(ratio: f64) -> String {
    format!("{ratio:.2}")
}

/// Returns a table row for a target: its name, the figure, the target value, and whether it was reached.
#[must_use]
pub fn target(what: &str, figure: &str, wanted: &str, reached: bool) -> Vec<String> {
    let verdict = if reached { "reached" } else { "MISSED" };
    vec![what.to_owned(), wanted.to_owned(), figure.to_owned(), verdict.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["first".to_owned(), "1.00 µs".to_owned()], vec!["x".to_owned(), "10.00 µs".to_owned()]];
        let expected = "| what  |     time |\n| ----- | -------: |\n| first |  1.00 µs |\n| x     | 10.00 µs |\n";
        assert_eq!(markdown(&["what", "time"], &rows), expected);
    }
}
