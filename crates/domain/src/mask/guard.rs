//! The inference guard: what a response shows of one person, taken together, must leave at least
//! [`MIN_CANDIDATES`] ID numbers possible, or it shows nothing of the ID number at all.
//!
//! The asker is taken to know more than the response says: the whole region part (native place is
//! easily guessed), that holders were between 18 and 60 years old when a certificate was issued, as
//! special operations demand, and
//! the check rule of GB 11643 (ISO 7064 MOD 11-2).

use super::{
    clues::{Clues, IdNumber},
    number::{SHOWN_HEAD, SHOWN_TAIL},
};
use crate::Date;
use chrono::{Datelike, NaiveDate};
use smallvec::SmallVec;
use std::{borrow::Cow, ops::RangeInclusive, sync::LazyLock};

/// The least number of ID numbers that have to fit what is shown.
pub const MIN_CANDIDATES: u64 = 1_000;

const AGES_AT_ISSUE: RangeInclusive<i32> = 18..=60;

/// Weights of ISO 7064 MOD 11-2; a number is right when the weighted sum is 1 modulo 11.
const WEIGHTS: [u32; 18] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
const REGION: std::ops::Range<usize> = 0..6;
const BIRTH: std::ops::Range<usize> = 6..14;
const ORDER: std::ops::Range<usize> = 14..17;
const CHECK: usize = 17;

/// A run of the ID number this long, found in another number, is no accident.
const TELLING_RUN: usize = 6;

/// How many numbers have each remainder modulo 11.
type Remainders = [u64; 11];

const YEARS: RangeInclusive<i32> = 1900..=2099;

/// The days of each year, counted by their contribution to the weighted sum.
static DAYS_OF_YEAR: LazyLock<Vec<Remainders>> =
    LazyLock::new(|| YEARS.map(|year| count_days(year, &[None; 8])).collect());

/// What a response may show of the ID number of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disclosure {
    /// The first three and last four characters, in the ID number and in certificate numbers.
    Ends,
    Nothing,
}

/// Judges all certificates of one person that a response shows together.
///
/// `pattern` tells whether it shows an ID number by its ends, be it by itself or in a certificate
/// number.
pub(super) fn judge(together: &[Clues], pattern: bool) -> Disclosure {
    let Some(births) = births(together) else { return Disclosure::Ends };
    let shown: SmallVec<[_; 4]> = together.iter().filter_map(telling).collect();
    if shown.is_empty() && !pattern {
        return Disclosure::Ends;
    }
    let safe = ids(together).iter().all(|id| {
        let mut known = [false; 18];
        if pattern {
            known[..SHOWN_HEAD].fill(true);
            known[18 - SHOWN_TAIL..].fill(true);
        }
        for text in &shown {
            for (_, at) in runs(text.as_bytes(), id) {
                known[at..at + TELLING_RUN].fill(true);
            }
        }
        if known == [false; 18] {
            // Any day of birth and any of a thousand orders fit.
            return true;
        }
        known[REGION].fill(true);
        candidates(id, &known, births.clone()) >= MIN_CANDIDATES
    });
    if safe { Disclosure::Ends } else { Disclosure::Nothing }
}

/// May the ends of the person's ID number be shown with whatever is shown of these certificates? Then they may
/// with any of them, and none of the others has to be looked at: fewer certificates leave more years of birth
/// and show less.
pub fn is_harmless(together: &[Clues]) -> bool {
    judge(together, true) == Disclosure::Ends
}

/// A certificate number that shows nothing of any of the person's ID numbers.
pub(super) fn without_id(number: &Clues, together: &[Clues]) -> String {
    let mut shown = number.always_shown().into_owned();
    for id in ids(together) {
        let starts: Vec<usize> = runs(shown.as_bytes(), id).map(|(start, _)| start).collect();
        for start in starts {
            shown.replace_range(start..start + TELLING_RUN, &"*".repeat(TELLING_RUN));
        }
    }
    shown
}

/// Years in which the holder can have been born.
fn births(together: &[Clues]) -> Option<RangeInclusive<i32>> {
    let first = together.iter().map(|clues| *clues.issued.start()).min()?;
    let last = together.iter().map(|clues| *clues.issued.end()).max()?;
    Some(last - AGES_AT_ISSUE.end()..=first - AGES_AT_ISSUE.start())
}

/// The person's ID numbers, each once.
fn ids(together: &[Clues]) -> SmallVec<[&IdNumber; 4]> {
    let mut ids = SmallVec::<[&IdNumber; 4]>::new();
    for id in together.iter().flat_map(|clues| &clues.ids) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// What of a certificate number is shown whatever the judgement, if a run of it can stand in an ID number.
fn telling(clues: &Clues) -> Option<Cow<'_, str>> {
    let shown = clues.always_shown();
    shown.as_bytes().windows(TELLING_RUN).any(can_stand_in_id).then_some(shown)
}

fn can_stand_in_id(run: &[u8]) -> bool {
    run.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'X' | b'x'))
}

/// Places in the text and in the ID number where [`TELLING_RUN`] equal characters begin. The characters of
/// an ID number are single bytes, which no longer character holds.
fn runs<'a>(text: &'a [u8], id: &'a IdNumber) -> impl Iterator<Item = (usize, usize)> + 'a {
    let of_text = text.windows(TELLING_RUN).enumerate().filter(|(_, run)| can_stand_in_id(run));
    of_text.flat_map(move |(start, run)| {
        let of_id = id.windows(TELLING_RUN).enumerate();
        of_id.filter(move |(_, other)| *other == run).map(move |(at, _)| (start, at))
    })
}

/// How many ID numbers agree with the known characters of this one.
fn candidates(id: &IdNumber, known: &[bool; 18], births: RangeInclusive<i32>) -> u64 {
    let value = |at: usize| -> Option<u32> { known[at].then(|| character_value(id[at])) };
    let birth: [Option<u32>; 8] = std::array::from_fn(|offset| value(BIRTH.start + offset));
    let dates = days(&birth, births);
    let orders = orders(&std::array::from_fn(|offset| value(ORDER.start + offset)));
    let Some(check) = value(CHECK) else {
        // Any combination has a check character that fits.
        return dates.iter().sum::<u64>() * orders.iter().sum::<u64>();
    };
    let region: u32 = REGION.map(|at| character_value(id[at]) * WEIGHTS[at]).sum();
    let fixed = (region + check * WEIGHTS[CHECK]) as usize % 11;
    let pairs = (0..11).flat_map(|date| (0..11).map(move |order| (date, order)));
    pairs
        .filter(|(date, order)| (fixed + date + order) % 11 == 1)
        .map(|(date, order)| dates[date] * orders[order])
        .sum()
}

fn character_value(byte: u8) -> u32 {
    if byte == b'X' { 10 } else { u32::from(byte - b'0') }
}

fn days(birth: &[Option<u32>; 8], years: RangeInclusive<i32>) -> Remainders {
    let mut total = Remainders::default();
    for year in years.filter(|year| YEARS.contains(year)) {
        let of_year = if birth.iter().all(Option::is_none) {
            DAYS_OF_YEAR[(year - YEARS.start()) as usize]
        } else {
            count_days(year, birth)
        };
        for (sum, count) in total.iter_mut().zip(of_year) {
            *sum += count;
        }
    }
    total
}

/// The days of a year that agree with the known digits of `yyyymmdd`.
fn count_days(year: i32, birth: &[Option<u32>; 8]) -> Remainders {
    let mut counts = Remainders::default();
    let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("1 January exists in every year");
    for day in first.iter_days().take_while(|day| day.year() == year) {
        let digits = digits(day);
        if birth.iter().zip(digits).all(|(known, digit)| known.is_none_or(|known| known == digit)) {
            let sum: u32 = digits.iter().zip(&WEIGHTS[BIRTH]).map(|(digit, weight)| digit * weight).sum();
            counts[sum as usize % 11] += 1;
        }
    }
    counts
}

fn digits(day: Date) -> [u32; 8] {
    let number = day.year().unsigned_abs() * 10_000 + day.month() * 100 + day.day();
    std::array::from_fn(|at| number / 10_u32.pow(7 - at as u32) % 10)
}

/// All orders, counted by their contribution to the weighted sum.
static ORDERS: LazyLock<Remainders> = LazyLock::new(|| count_orders(&[None; 3]));

fn orders(known: &[Option<u32>; 3]) -> Remainders {
    if known.iter().all(Option::is_none) { *ORDERS } else { count_orders(known) }
}

fn count_orders(known: &[Option<u32>; 3]) -> Remainders {
    let weights = &WEIGHTS[ORDER];
    let sums = |at: usize| {
        let digits = known[at].map_or(0..=9, |digit| digit..=digit);
        digits.map(move |digit| (digit * weights[at]) as usize)
    };
    let mut counts = Remainders::default();
    for sum in sums(0)
        .flat_map(|first| sums(1).flat_map(move |second| sums(2).map(move |third| first + second + third)))
    {
        counts[sum % 11] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::citizen_id::has_right_check;

    const ID: &str = "11010519491231002X";
    const BYTES: &IdNumber = b"11010519491231002X";

    /// Known where the mask has an `x`.
    fn known(mask: &str) -> [bool; 18] {
        let places: Vec<bool> = mask.bytes().map(|byte| byte == b'x').collect();
        places.try_into().expect("a mask has 18 places")
    }

    #[test]
    fn the_count_is_that_of_trying_all_numbers() {
        for mask in ["xxxxxx........xxxx", "xxxxxxxxxx....xxxx", "xxxxxx....xxxxxxxx", "xxxxxxxxxxxxxxxxxx"] {
            let known = known(mask);
            let tried = (1940..=1960)
                .flat_map(|year| (1..=12).flat_map(move |month| (1..=31).map(move |day| (year, month, day))))
                .filter(|&(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).is_some())
                .map(|(year, month, day)| format!("{}{year}{month:02}{day:02}{}", &ID[..6], &ID[14..]))
                .filter(|number| has_right_check(number))
                .filter(|number| (0..18).all(|at| !known[at] || number.as_bytes()[at] == ID.as_bytes()[at]))
                .count();
            assert_eq!(candidates(BYTES, &known, 1940..=1960), tried as u64);
        }
        assert_eq!(candidates(BYTES, &known("xxxxxxxxxxxxxxxxxx"), 1940..=1960), 1);
    }

    #[test]
    fn a_hidden_order_multiplies_and_a_known_check_divides() {
        assert_eq!(candidates(BYTES, &known("xxxxxxxxxxxxxx...."), 1940..=1960), 1_000);
        let check_known = candidates(BYTES, &known("xxxxxxxxxxxxxx...x"), 1940..=1960);
        assert!((90..=91).contains(&check_known), "{check_known}");
    }
}
