use crate::cell::{Cell, RawRow};
use std::collections::HashMap;

/// Cells shown as one, numbered from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merge {
    pub first_row: u32,
    pub last_row: u32,
    pub first_column: usize,
    pub last_column: usize,
}

impl Merge {
    /// From row and column of the first and the last cell; one that ends before it begins is none.
    pub fn of(first: (u32, usize), last: (u32, usize)) -> Option<Self> {
        let merge = Self { first_row: first.0, last_row: last.0, first_column: first.1, last_column: last.1 };
        (merge.first_row <= merge.last_row && merge.first_column <= merge.last_column).then_some(merge)
    }

    /// Reads a range such as `B2:C5`.
    pub fn parse(range: &str) -> Option<Self> {
        let (first, last) = range.split_once(':')?;
        Self::of(position(first)?, position(last)?)
    }
}

fn position(cell: &str) -> Option<(u32, usize)> {
    let digits = cell.find(|c: char| c.is_ascii_digit())?;
    let column = cell[..digits].bytes().try_fold(0_usize, |column, letter| {
        let digit =
            letter.is_ascii_alphabetic().then(|| usize::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        column.checked_mul(26)?.checked_add(digit)
    })?;
    let row: u32 = cell[digits..].parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

/// Gives every row of a cell merged downwards the value that the file keeps in the first one.
pub(super) struct FillDown<I> {
    rows: I,
    /// Merges over several rows, the next one last.
    coming: Vec<Merge>,
    /// Last row and value of the merge that is open in a column.
    open: HashMap<usize, (u32, Cell)>,
}

impl<I> FillDown<I> {
    pub fn new(rows: I, merges: &[Merge]) -> Self {
        let mut coming: Vec<Merge> =
            merges.iter().copied().filter(|merge| merge.last_row > merge.first_row).collect();
        coming.sort_by_key(|merge| std::cmp::Reverse(merge.first_row));
        Self { rows, coming, open: HashMap::new() }
    }

    fn fill(&mut self, row: &mut RawRow) {
        let index = row.number.saturating_sub(1);
        self.open.retain(|_, (last_row, _)| *last_row >= index);
        for (&column, (_, value)) in &self.open {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            if row.cells[column].is_blank() {
                row.cells[column] = value.clone();
            }
        }
        while let Some(merge) = self.coming.pop_if(|merge| merge.first_row <= index) {
            let value = row.cells.get(merge.first_column).filter(|cell| !cell.is_blank());
            if let Some(value) = value.filter(|_| merge.first_row == index) {
                self.open.insert(merge.first_column, (merge.last_row, value.clone()));
            }
        }
    }
}

impl<I, E> Iterator for FillDown<I>
where
    I: Iterator<Item = Result<RawRow, E>>,
{
    type Item = Result<RawRow, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = self.rows.next()?;
        if let Ok(row) = &mut row {
            // A row that holds nothing of its own stays blank.
            if !row.is_blank() {
                self.fill(row);
            }
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let merge = Merge { first_row: 1, last_row: 4, first_column: 1, last_column: 27 };
        assert_eq!(Merge::parse("B2:AB5"), Some(merge));
        for broken in ["", "B2", "B2:", "2:3", "B0:C1", "C5:B2", "ZZZZZZZZZZZZZZZZZZZZ1:A2"] {
            assert_eq!(Merge::parse(broken), None, "{broken}");
        }
    }
}
