//! One day as rosters write it.

use crate::problem::ProblemCode;
use chrono::{Datelike, Days, Months};
use domain::Date;

/// Days that certificates can bear.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2150;

/// Which day a month stands for when the day is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    First,
    Last,
}

/// A day, and what had to be assumed to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub date: Date,
    pub doubt: Option<ProblemCode>,
}

/// Refuses days that no certificate bears.
pub(super) fn checked(date: Date, doubt: Option<ProblemCode>) -> Result<Day, ProblemCode> {
    let plausible = YEARS.contains(&date.year()) || is_open_end(date);
    if plausible { Ok(Day { date, doubt }) } else { Err(ProblemCode::DateUnreadable) }
}

/// The last day that programs know stands for "never".
pub(super) fn is_open_end(date: Date) -> bool {
    date.year() == 9999 || date.year() == 2999
}

/// The day that a spreadsheet counts from 1900, or from 1904; or digits such as 20230501.
pub(super) fn read_number(number: f64, days_from_1904: bool) -> Result<Day, ProblemCode> {
    if number.fract() == 0.0 && (19_000_101.0..=21_501_231.0).contains(&number) {
        return compact(&format!("{number:.0}"));
    }
    if !(1.0..=92_000.0).contains(&number) {
        return Err(ProblemCode::DateUnreadable);
    }
    // Day 60 of the 1900 system is a 29 February that never was, so days count from 30 December.
    let epoch = if days_from_1904 { (1904, 1, 1) } else { (1899, 12, 30) };
    let epoch = Date::from_ymd_opt(epoch.0, epoch.1, epoch.2).expect("a day of the calendar");
    checked(epoch + Days::new(number as u64), Some(ProblemCode::DateFromSerial))
}

/// Reads a day in half-width lower-case characters without spaces.
pub(super) fn read_day(text: &str, edge: Edge) -> Result<Day, ProblemCode> {
    let text = chinese_digits(text);
    let Some(numbers) = numbers(&text) else { return english(&text) };
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    match numbers[..] {
        [digits] if digits.len() == 8 => compact(digits),
        [digits] if digits.len() == 5 => {
            let number = digits.parse().map_err(|_| ProblemCode::DateUnreadable)?;
            read_number(number, false)
        }
        [year, month] if year.len() == 4 => month_only(year, month, edge),
        [year, month, day] if year.len() == 4 => date(year, month, day, None),
        [first, second, year] if year.len() == 4 && first.len() <= 2 && second.len() <= 2 => {
            year_last(first, second, year)
        }
        [year, month, day] if year.len() == 2 && month.len() <= 2 && day.len() <= 2 => {
            // `05/01/23` can be meant in three ways.
            let year = year.parse::<i32>().map_err(|_| ProblemCode::DateUnreadable)?;
            if year <= 12 && !text.contains('年') {
                return Err(ProblemCode::DateAmbiguous);
            }
            let year = if year < 70 { 2000 + year } else { 1900 + year };
            date(&year.to_string(), month, day, Some(ProblemCode::DateTwoDigitYear))
        }
        [first, _, year] if first.len() <= 2 && year.len() <= 2 => Err(ProblemCode::DateAmbiguous),
        _ => Err(ProblemCode::DateUnreadable),
    }
}

fn compact(digits: &str) -> Result<Day, ProblemCode> {
    date(&digits[..4], &digits[4..6], &digits[6..], None)
}

fn date(year: &str, month: &str, day: &str, doubt: Option<ProblemCode>) -> Result<Day, ProblemCode> {
    let read = |text: &str| text.parse::<u32>().map_err(|_| ProblemCode::DateUnreadable);
    let (year, month, day) = (read(year)?, read(month)?, read(day)?);
    let year = i32::try_from(year).map_err(|_| ProblemCode::DateUnreadable)?;
    checked(Date::from_ymd_opt(year, month, day).ok_or(ProblemCode::DateImpossible)?, doubt)
}

fn month_only(year: &str, month: &str, edge: Edge) -> Result<Day, ProblemCode> {
    let first = date(year, month, "1", Some(ProblemCode::DateDayMissing))?;
    let date = match edge {
        Edge::First => first.date,
        Edge::Last => first.date + Months::new(1) - Days::new(1),
    };
    Ok(Day { date, ..first })
}

/// Month first, as spreadsheets set to American English write it, unless only the other order is
/// a day.
fn year_last(first: &str, second: &str, year: &str) -> Result<Day, ProblemCode> {
    let month_first = date(year, first, second, None);
    let day_first = date(year, second, first, None);
    match (month_first, day_first) {
        (Ok(one), Ok(other)) if one != other => Ok(Day { doubt: Some(ProblemCode::DateOrderAssumed), ..one }),
        (Ok(day), _) | (_, Ok(day)) => Ok(day),
        (Err(problem), _) => Err(problem),
    }
}

/// The numbers of a text that is otherwise only what stands between parts of a date.
pub(super) fn numbers(text: &str) -> Option<Vec<String>> {
    let between = |c: char| matches!(c, '-' | '/' | '.' | ',' | '、' | '年' | '月' | '日' | '号' | '。');
    if !text.chars().all(|c| c.is_ascii_digit() || between(c)) {
        return None;
    }
    Some(text.split(between).filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

/// `1-may-2023`, `may 1, 2023`.
fn english(text: &str) -> Result<Day, ProblemCode> {
    let spaced: String = text.replace([',', '.'], "-");
    let formats = ["%d-%b-%Y", "%b%d-%Y", "%b-%d-%Y", "%d%b%Y", "%Y-%b-%d"];
    let read = formats.iter().find_map(|format| Date::parse_from_str(&spaced, format).ok());
    checked(read.ok_or(ProblemCode::DateUnreadable)?, None)
}

/// `二〇二三年五月十二日` with the digits of the rest of the world.
pub(super) fn chinese_digits(text: &str) -> String {
    const DIGITS: &str = "〇一二三四五六七八九";
    let digit = |c: char| match c {
        '零' | '○' | '◯' => Some(0),
        _ => DIGITS.chars().position(|digit| digit == c),
    };
    let characters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    for (at, &c) in characters.iter().enumerate() {
        let neighbour = |offset: isize| {
            let at = at.checked_add_signed(offset)?;
            characters.get(at).copied().and_then(digit)
        };
        match (c, digit(c)) {
            (_, Some(value)) => plain.push_str(&value.to_string()),
            // 十 counts as 1, 10 or 0, depending on what stands beside it.
            ('十', _) => match (neighbour(-1), neighbour(1)) {
                (None, None) => plain.push_str("10"),
                (None, Some(_)) => plain.push('1'),
                (Some(_), None) => plain.push('0'),
                (Some(_), Some(_)) => {}
            },
            _ => plain.push(c),
        }
    }
    plain
}
