//! Days as rosters write them.

use super::day::{Day, Edge, checked, chinese_digits, is_open_end, numbers, read_day, read_number};
use crate::{cell::Cell, problem::ProblemCode};
use unicode_normalization::UnicodeNormalization;

/// What stands where there is no end or no such day, as [`plain`] makes it.
const NO_END: &[&str] = &[
    "长期",
    "永久",
    "长期有效",
    "永久有效",
    "无",
    "无期限",
    "无限期",
    "不限",
    "长期有效期",
    "/",
    "\\",
    "-",
    "--",
    "长",
    "永久性",
    "無",
    "無期限",
    "無限期",
    "長期",
    "permanent",
    "longterm",
    "none",
    "n/a",
    "nolimit",
    "indefinite",
];

/// What a cell for a date says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dates {
    Blank,
    /// `长期`, `/`, `无`: no end, or no such day.
    OpenEnded,
    Day(Day),
    /// From a day to a day or to no end.
    Range(Day, Option<Day>),
    /// So many years.
    Years(u16),
}

/// Reads a cell. A number is the day that spreadsheets count from 1900, or from 1904.
pub(super) fn read(cell: &Cell, edge: Edge, days_from_1904: bool) -> Result<Dates, ProblemCode> {
    match cell {
        Cell::Empty => Ok(Dates::Blank),
        Cell::Day(date) => checked(*date, None).map(day_or_no_end),
        Cell::Number(number) => read_number(*number, days_from_1904).map(Dates::Day),
        Cell::Text(text) => read_text(text, edge),
        Cell::Failed(_) => Err(ProblemCode::FormulaFailed),
        Cell::Truth(_) => Err(ProblemCode::DateUnreadable),
    }
}

fn day_or_no_end(day: Day) -> Dates {
    if is_open_end(day.date) { Dates::OpenEnded } else { Dates::Day(day) }
}

fn read_text(text: &str, edge: Edge) -> Result<Dates, ProblemCode> {
    let text = without_time(&plain(text)).to_owned();
    if text.is_empty() {
        return Ok(Dates::Blank);
    }
    if NO_END.contains(&text.as_str()) {
        return Ok(Dates::OpenEnded);
    }
    if let Some(range) = split_range(&text) {
        return range;
    }
    if let Some(years) = text.strip_suffix("年").and_then(|years| chinese_digits(years).parse::<u16>().ok())
        && (1..=30).contains(&years)
    {
        return Ok(Dates::Years(years));
    }
    read_day(&text, edge).map(day_or_no_end)
}

/// Half-width, lower case, without spaces but the one before a time; one kind of dash.
fn plain(text: &str) -> String {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let words: Vec<&str> = folded.split(crate::cell::is_invisible).filter(|word| !word.is_empty()).collect();
    let joined = words.iter().fold(String::new(), |mut joined, word| {
        if word.contains(':') && !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
        joined
    });
    joined.replace(['‐', '‑', '‒', '–', '—', '―', '−'], "-").replace(['〜', '～'], "~")
}

/// `2023-05-01 00:00:00` and `2023-05-01t00:00:00z` without the time of day.
fn without_time(text: &str) -> &str {
    let day = text.split_once(' ').filter(|(_, time)| time.contains(':')).map(|(day, _)| day);
    let iso =
        text.split_once('t').filter(|(day, time)| day.len() == 10 && time.contains(':')).map(|(day, _)| day);
    day.or(iso).unwrap_or(text)
}

/// Splits where both sides read as days, or the second as no end.
fn split_range(text: &str) -> Option<Result<Dates, ProblemCode>> {
    let text = text.trim_start_matches(['自', '从']).trim_end_matches('止');
    let separators = ["有效期至", "至", "到", "~", "--", "-", "to"];
    let splits = separators.iter().flat_map(|separator| {
        text.match_indices(separator).map(|(at, separator)| (&text[..at], &text[at + separator.len()..]))
    });
    for (from, to) in splits {
        let from = from.trim_end_matches('起');
        let Ok(from) = read_day(from, Edge::First) else { continue };
        match read_end(to) {
            Some(to) => return Some(Ok(Dates::Range(from, to))),
            // A whole day on the left and something like a day on the right.
            None if full_shape(to) => return Some(Err(ProblemCode::DateImpossible)),
            None => {}
        }
    }
    None
}

fn read_end(text: &str) -> Option<Option<Day>> {
    if NO_END.contains(&text) {
        return Some(None);
    }
    let day = read_day(text, Edge::Last).ok()?;
    Some((!is_open_end(day.date)).then_some(day))
}

/// Has the text a year, a month and a day, whether or not there is such a day?
fn full_shape(text: &str) -> bool {
    let numbers = numbers(&chinese_digits(text));
    matches!(numbers.as_deref(), Some([year, _, _]) if year.len() == 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use domain::Date;
    use proptest::prelude::*;

    fn text(text: &str) -> Result<Dates, ProblemCode> {
        read(&Cell::Text(text.to_owned()), Edge::Last, false)
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn one_day_has_many_spellings() {
        let spellings = [
            "2023.5.1",
            "2023/5/1",
            "2023-05-01",
            "20230501",
            "2023年5月1日",
            "2023年05月01号",
            "二〇二三年五月一日",
            "2023-05-01 00:00:00",
            "2023/5/1 0:00",
            "２０２３．５．１",
            "2023 年 5 月 1 日",
            "2023-05-01T00:00:00",
            "1-May-2023",
            "May 1, 2023",
            "2023—05—01",
        ];
        for spelling in spellings {
            let day = Day { date: date("2023-05-01"), doubt: None };
            assert_eq!(text(spelling), Ok(Dates::Day(day)), "{spelling}");
        }
        assert_eq!(text("二〇二三年十二月二十五日"), text("2023-12-25"));
        assert_eq!(text("二零二三年十月三十日"), text("2023-10-30"));
        assert_eq!(text("二〇二三年十一月十日"), text("2023-11-10"));
    }

    #[test]
    fn what_is_assumed_is_said() {
        use ProblemCode::*;
        let table = [
            ("23.5.1", "2023-05-01", Some(DateTwoDigitYear)),
            ("98年5月1日", "1998-05-01", Some(DateTwoDigitYear)),
            ("5/1/2023", "2023-05-01", Some(DateOrderAssumed)),
            ("5/5/2023", "2023-05-05", None),
            ("25/12/2023", "2023-12-25", None),
            ("12/25/2023", "2023-12-25", None),
            ("二〇二三年五月", "2023-05-31", Some(DateDayMissing)),
            ("2024.2", "2024-02-29", Some(DateDayMissing)),
            ("45047", "2023-05-01", Some(DateFromSerial)),
        ];
        for (spelling, day, doubt) in table {
            assert_eq!(text(spelling), Ok(Dates::Day(Day { date: date(day), doubt })), "{spelling}");
        }
        let start = read(&Cell::Text("2023年5月".to_owned()), Edge::First, false);
        assert_eq!(start, Ok(Dates::Day(Day { date: date("2023-05-01"), doubt: Some(DateDayMissing) })));
    }

    #[test]
    fn numbers_count_days_from_1900_or_1904() {
        let serial = |number, from_1904| match read(&Cell::Number(number), Edge::First, from_1904) {
            Ok(Dates::Day(day)) => Some(day.date),
            _ => None,
        };
        assert_eq!(serial(45047.0, false), Some(date("2023-05-01")));
        assert_eq!(serial(45047.0 - 1462.0, true), Some(date("2023-05-01")));
        assert_eq!(serial(45047.75, false), Some(date("2023-05-01")));
        assert_eq!(serial(20230501.0, false), Some(date("2023-05-01")));
        assert_eq!(serial(-1.0, false), None);
        assert_eq!(serial(1e300, false), None);
        assert_eq!(serial(f64::NAN, false), None);
    }

    #[test]
    fn ends_can_be_open() {
        for spelling in ["长期", "永久", "/", "—", "无", " 长期有效 ", "9999-12-31", "N/A"] {
            assert_eq!(text(spelling), Ok(Dates::OpenEnded), "{spelling}");
        }
        assert_eq!(text("  "), Ok(Dates::Blank));
        assert_eq!(text("6年"), Ok(Dates::Years(6)));
        assert_eq!(text("六年"), Ok(Dates::Years(6)));
    }

    #[test]
    fn ranges_are_split() {
        let day = |text: &str| Day { date: date(text), doubt: None };
        let range = Ok(Dates::Range(day("2023-05-01"), Some(day("2029-04-30"))));
        let spellings = [
            "2023.05.01-2029.04.30",
            "2023-05-01-2029-04-30",
            "2023年5月1日至2029年4月30日",
            "2023/5/1 ~ 2029/4/30",
            "2023.5.1——2029.4.30",
            "自2023年5月1日起至2029年4月30日止",
            "20230501-20290430",
            "2023-05-01 至 2029-04-30",
            "2023-05-01到2029-04-30",
        ];
        for spelling in spellings {
            assert_eq!(text(spelling), range, "{spelling}");
        }
        assert_eq!(text("2023年5月1日至长期"), Ok(Dates::Range(day("2023-05-01"), None)));
        assert_eq!(text("2023.05.01-2029.02.30"), Err(ProblemCode::DateImpossible));
    }

    #[test]
    fn days_that_are_none_are_named() {
        let table = [
            ("2023-02-30", ProblemCode::DateImpossible),
            ("2023-13-01", ProblemCode::DateImpossible),
            ("05/01/23", ProblemCode::DateAmbiguous),
            ("0023-05-01", ProblemCode::DateUnreadable),
            ("见证书", ProblemCode::DateUnreadable),
            ("1", ProblemCode::DateUnreadable),
            ("2023", ProblemCode::DateUnreadable),
        ];
        for (spelling, problem) in table {
            assert_eq!(text(spelling), Err(problem), "{spelling}");
        }
    }

    proptest! {
        #[test]
        fn every_day_reads_back_in_every_spelling(days in 0u64..90_000, format in prop::sample::select(vec!["%Y-%m-%d", "%Y.%-m.%-d", "%Y/%-m/%-d", "%Y年%-m月%-d日", "%Y%m%d"])) {
            let day = date("1901-01-01") + Days::new(days);
            prop_assert_eq!(text(&day.format(format).to_string()), Ok(Dates::Day(Day { date: day, doubt: None })));
        }

        #[test]
        fn nothing_makes_it_panic(content in "\\PC{0,20}|[0-9年月日./~至 -]{0,24}", number in any::<f64>()) {
            let _ = text(&content);
            let _ = read(&Cell::Number(number), Edge::First, true);
        }
    }
}
