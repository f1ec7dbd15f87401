//! The result as a table that can be pasted into a document.

use super::load::Measured;
use std::fmt::Write;

/// `rows` begin with the floor; each share is the row's rate against it.
pub fn render(rows: &[(String, Measured)]) -> String {
    let floor = rows.first().map_or(f64::NAN, |(_, measured)| measured.rate);
    let mut table = String::from(
        "| request | per second | of the floor | p50 ms | p99 ms | max ms | refused |\n|---|---|---|---|---|---|---|\n",
    );
    for (name, measured) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "| {name} | {:.0} | {:.1} % | {:.2} | {:.2} | {:.2} | {} |",
            measured.rate,
            measured.rate / floor * 100.0,
            measured.percentile_ms(0.5),
            measured.percentile_ms(0.99),
            measured.percentile_ms(1.0),
            measured.refused
        );
    }
    table
}

/// Requests that came at a fixed rate, by that rate.
pub fn render_paced(rows: &[(u32, Measured)]) -> String {
    let mut table = String::from(
        "| due per second | answered per second | p50 ms | p99 ms | p99.9 ms | max ms | refused |\n|---|---|---|---|---|---|---|\n",
    );
    for (rate, measured) in rows {
        let _ = writeln!(
            table,
            "| {rate} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
            measured.rate,
            measured.percentile_ms(0.5),
            measured.percentile_ms(0.99),
            measured.percentile_ms(0.999),
            measured.percentile_ms(1.0),
            measured.refused
        );
    }
    table
}

/// What was waited for, and how long.
pub fn render_waits(rows: &[(&str, Measured)]) -> String {
    let mut table = String::from("| seen by | p50 ms | p99 ms | max ms |\n|---|---|---|---|\n");
    for (name, measured) in rows {
        let [half, most, longest] = [0.5, 0.99, 1.0].map(|share| measured.percentile_ms(share));
        let _ = writeln!(table, "| {name} | {half:.2} | {most:.2} | {longest:.2} |");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_first_row() {
        let measured = |rate| Measured { rate, latencies_us: vec![1000, 2000], refused: 1 };
        let table = render(&[("floor".to_owned(), measured(1000.0)), ("search".to_owned(), measured(250.0))]);
        assert!(table.ends_with("| search | 250 | 25.0 % | 2.00 | 2.00 | 2.00 | 1 |\n"), "{table}");
    }
}
