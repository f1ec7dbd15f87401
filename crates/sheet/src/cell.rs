//! Cells as the file holds them, before anything is read into them.

use domain::Date;
use std::fmt;

/// Spreadsheets keep fifteen significant digits: a longer number has lost its end.
const EXACT_BELOW: f64 = 1e15;

/// The value of one cell. Formulas count as their last computed value.
#[derive(Clone, PartialEq, Default)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    /// A cell formatted as date, the time of day dropped.
    Day(Date),
    Truth(bool),
    /// An error value such as `#N/A`.
    Failed(String),
}

impl Cell {
    /// A cell of a format that knows only text. `="…"` is the idiom that keeps spreadsheets from
    /// reading digits as a number; it means the text inside.
    pub fn from_text(text: &str) -> Self {
        let visible = text.trim_matches(is_invisible);
        let inner = visible.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
        let visible = inner.unwrap_or(visible);
        match visible {
            "" => Cell::Empty,
            "#N/A" | "#REF!" | "#VALUE!" | "#NAME?" | "#DIV/0!" | "#NUM!" | "#NULL!" => {
                Cell::Failed(visible.to_owned())
            }
            _ => Cell::Text(visible.to_owned()),
        }
    }

    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.chars().all(is_invisible),
            _ => false,
        }
    }

    /// The value as text: numbers without a fraction as digits, days as `yyyy-mm-dd`.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Failed(text) => text.clone(),
            Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e21 => format!("{number:.0}"),
            Cell::Number(number) => number.to_string(),
            Cell::Day(day) => day.to_string(),
            Cell::Truth(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        }
    }

    /// A number so long that its last digits are not what was typed.
    pub fn lost_precision(&self) -> bool {
        matches!(self, Cell::Number(number) if number.abs() >= EXACT_BELOW)
    }
}

// Cells hold names and ID numbers, which must not reach a log through `{:?}`.
impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cell::Empty => "Empty",
            Cell::Text(_) => "Text(…)",
            Cell::Number(_) => "Number(…)",
            Cell::Day(_) => "Day(…)",
            Cell::Truth(_) => "Truth(…)",
            Cell::Failed(_) => "Failed(…)",
        })
    }
}

/// Spaces of all kinds, control characters, byte order marks, zero-width characters.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// The letters of a column, counted from 0: A, B, … Z, AA, …
pub fn column_letters(index: usize) -> String {
    let mut letters = String::new();
    let mut rest = index + 1;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.insert(0, char::from(b'A' + digit as u8));
        rest = (rest - 1) / 26;
    }
    letters
}

/// One row as the file holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRow {
    /// As spreadsheets count, from 1.
    pub number: u32,
    pub cells: Vec<Cell>,
}

impl RawRow {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_name_them() {
        for (index, letters) in [(0, "A"), (2, "C"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_letters(index), letters);
        }
    }

    #[test]
    fn numbers_read_as_the_digits_that_were_typed() {
        assert_eq!(Cell::Number(13_800_000_000.0).text(), "13800000000");
        assert_eq!(Cell::Number(1.5).text(), "1.5");
        assert_eq!(Cell::Number(110105194912310000.0).text(), "110105194912310000");
        assert!(Cell::Number(110105194912310000.0).lost_precision());
        assert!(!Cell::Number(110105491231002.0).lost_precision());
    }

    #[test]
    fn text_loses_what_cannot_be_seen() {
        assert_eq!(Cell::from_text("\u{FEFF} 张三\t\u{200B}"), Cell::Text("张三".to_owned()));
        assert_eq!(Cell::from_text("=\"007\""), Cell::Text("007".to_owned()));
        assert_eq!(Cell::from_text("\u{3000}\u{A0}"), Cell::Empty);
        assert_eq!(Cell::from_text("#N/A"), Cell::Failed("#N/A".to_owned()));
    }
}
