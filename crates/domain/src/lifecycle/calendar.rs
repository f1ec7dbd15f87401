use crate::Date;
use chrono::{Datelike, Days};

/// The same day so many years later. 29 February has its anniversary on 1 March of common years, so
/// that what begins on it lasts through 28 February.
///
/// `None` beyond the calendar (year 262,142).
pub fn anniversary(day: Date, years: u16) -> Option<Date> {
    let year = day.year().checked_add(i32::from(years))?;
    day.with_year(year).or_else(|| Date::from_ymd_opt(year, 3, 1))
}

/// The last day of a validity of so many years: the day before the anniversary.
pub fn end_of_validity(valid_from: Date, years: u16) -> Option<Date> {
    anniversary(valid_from, years)?.checked_sub_days(Days::new(1))
}

/// The last days for each review inside a validity, every so many years. A review that would fall
/// on the end is the renewal and is left out, so a cycle as long as the validity has none.
pub fn review_days(
    valid_from: Date,
    valid_until: Option<Date>,
    every_years: u16,
) -> impl Iterator<Item = Date> {
    let cycles = u16::MAX.checked_div(every_years).unwrap_or(0);
    (1..=cycles)
        .map_while(move |cycle| end_of_validity(valid_from, cycle * every_years))
        .take_while(move |day| valid_until.is_none_or(|end| *day < end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_validity_ends_the_day_before_its_anniversary() {
        let cases = [
            ("2020-05-01", 6, "2026-04-30"),
            ("2020-01-01", 3, "2022-12-31"),
            ("2020-02-29", 3, "2023-02-28"),
            ("2020-02-29", 4, "2024-02-28"),
            ("2023-03-01", 1, "2024-02-29"),
            ("2022-03-01", 1, "2023-02-28"),
        ];
        for (from, years, end) in cases {
            assert_eq!(end_of_validity(day(from), years), Some(day(end)), "{from} + {years}");
        }
    }

    #[test]
    fn special_operations_are_reviewed_once_in_six_years_and_not_at_all_after_ten() {
        let catalogue = Catalogue::work_safety();
        let kind = catalogue.type_by_code("mem_special_ops").unwrap();
        let from = day("2020-05-01");
        let until = end_of_validity(from, kind.validity_years.unwrap());
        let reviews = |years| review_days(from, until, kind.review_years(years).unwrap()).collect::<Vec<_>>();
        assert_eq!(reviews(0), [day("2023-04-30")]);
        assert_eq!(reviews(9), [day("2023-04-30")]);
        assert_eq!(reviews(10), []);
    }

    #[test]
    fn open_ended_certificates_are_reviewed_for_ever() {
        let reviews: Vec<Date> = review_days(day("2020-02-29"), None, 2).take(3).collect();
        assert_eq!(reviews, [day("2022-02-28"), day("2024-02-28"), day("2026-02-28")]);
        assert_eq!(review_days(day("2020-02-29"), None, 0).count(), 0);
    }

    proptest! {
        #[test]
        fn terms_that_follow_one_another_leave_no_gap(days in 0u64..40_000, years in 1u16..20) {
            let from = day("1990-01-01") + Days::new(days);
            let end = end_of_validity(from, years).unwrap();
            let next = end + Days::new(1);
            prop_assert_eq!(anniversary(from, years), Some(next));
            prop_assert!(end_of_validity(next, years).unwrap() > end);
        }
    }
}
