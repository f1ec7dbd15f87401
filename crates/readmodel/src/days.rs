//! Days as the index keeps them: whole days since 1970-01-01, as in [`domain::query::Cursor`].

use chrono::Datelike;
use domain::Date;

/// Stands for "no last day"; sorts after every day.
pub const OPEN_ENDED: i32 = i32::MAX;

/// Days from the first of January of year 1 to 1970-01-01, as chrono counts them.
const UNIX_EPOCH_FROM_CE: i32 = 719_163;

pub fn number(date: Date) -> i32 {
    date.num_days_from_ce() - UNIX_EPOCH_FROM_CE
}

pub fn number_or_open(date: Option<Date>) -> i32 {
    date.map_or(OPEN_ENDED, number)
}

/// The month as `2026-11`; `None` for open-ended.
pub fn month(day: i32) -> Option<String> {
    let date = Date::from_num_days_from_ce_opt(day.checked_add(UNIX_EPOCH_FROM_CE)?)?;
    Some(format!("{:04}-{:02}", date.year(), date.month()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970_and_open_ended_sorts_last() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(number(date("1970-01-01")), 0);
        assert_eq!(number(date("2000-02-29")), 11_016);
        assert!(number(Date::MAX) < OPEN_ENDED);
        assert_eq!(month(number(date("2026-11-30"))).as_deref(), Some("2026-11"));
        assert_eq!(month(OPEN_ENDED), None);
    }
}
