//! The peers side by side as a table that can be pasted into a document, with ours where it is known.

use crate::{
    questions::Kind,
    results::{Figures, Table},
};

const PEERS: &str =
    "| question | PostgreSQL p50 ms | p99 ms | per second | SQLite FTS5 p50 ms | p99 ms | per second |";
const OURS: &str = " ours p50 ms | p99 ms | per second | ours ÷ better peer, p50 |";

/// A row for each kind of question that was asked of at least one of them.
pub fn render(postgres: &Table, sqlite: &Table, ours: Option<&Table>) -> String {
    let mut table = format!("{PEERS}{}\n", ours.map_or("", |_| OURS));
    table.push_str(&"|---".repeat(if ours.is_some() { 11 } else { 7 }));
    table.push_str("|\n");
    for name in Kind::ALL.map(Kind::name) {
        let peers = [postgres.row(name), sqlite.row(name)];
        if peers.iter().all(Option::is_none) {
            continue;
        }
        table.push_str(&format!("| {name} |"));
        for peer in peers {
            table.push_str(&figures(peer));
        }
        if let Some(ours) = ours {
            let ours = ours.row(name);
            table.push_str(&ours.map_or_else(|| " — | — | — |".to_owned(), |ours| figures(Some(ours))));
            let ratio = ratio(ours, peers).map_or_else(|| "—".to_owned(), |ratio| format!("{ratio:.3}"));
            table.push_str(&format!(" {ratio} |"));
        }
        table.push('\n');
    }
    table
}

fn figures(figures: Option<&Figures>) -> String {
    let Some(figures) = figures else { return " cannot | | |".to_owned() };
    let milliseconds =
        |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.2}"));
    // A peer that gave up on some was slower than the rest of them say.
    let given_up = match figures.refused {
        0 => String::new(),
        some => format!(" ({some} given up)"),
    };
    format!(
        " {}{given_up} | {} | {} |",
        milliseconds(figures.p50_ms),
        milliseconds(figures.p99_ms),
        rate(figures.per_second)
    )
}

/// Slow ones are told by their decimals.
fn rate(per_second: f64) -> String {
    if per_second < 100.0 { format!("{per_second:.1}") } else { format!("{per_second:.0}") }
}

/// Below one, ours is the faster.
fn ratio(ours: Option<&Figures>, peers: [Option<&Figures>; 2]) -> Option<f64> {
    let medians = peers.into_iter().flatten().filter_map(|peer| peer.p50_ms);
    let better = medians.min_by(f64::total_cmp)?;
    Some(ours?.p50_ms? / better)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(question: &str, p50: f64) -> Table {
        let figures = Figures {
            question: question.to_owned(),
            per_second: 12.34,
            p50_ms: Some(p50),
            p99_ms: Some(9.0),
            refused: 0,
        };
        Table { connections: 1, rows: vec![figures] }
    }

    #[test]
    fn the_ratio_is_to_the_better_peer() {
        let name = Kind::Name.name();
        let text = render(&table(name, 4.0), &table(name, 2.0), Some(&table(name, 1.0)));
        let row = "| name | 4.00 | 9.00 | 12.3 | 2.00 | 9.00 | 12.3 | 1.00 | 9.00 | 12.3 | 0.500 |\n";
        assert!(text.ends_with(row), "{text}");
    }

    #[test]
    fn what_a_peer_cannot_answer_is_said() {
        let name = Kind::Typo.name();
        let text = render(&table(name, 4.0), &Table { connections: 1, rows: Vec::new() }, None);
        assert!(text.ends_with("| number with one typo | 4.00 | 9.00 | 12.3 | cannot | | |\n"), "{text}");
    }
}
