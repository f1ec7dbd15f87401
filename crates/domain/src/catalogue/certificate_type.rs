use super::{CatalogueError, Names};
use crate::{
    Date,
    certificate::Terms,
    lifecycle::{anniversary, end_of_validity, review_days},
};
use chrono::{Days, Months};
use regex_lite::Regex;
use serde::Deserialize;

/// One kind of certificate and its rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateType {
    pub code: String,
    pub category: String,
    pub names: Names,
    /// The everyday name in Chinese, for narrow columns.
    pub short_zh: String,
    /// Kind of body that issues it.
    pub issuer_kind: String,
    pub legal_basis: Option<String>,
    /// Standard of the electronic certificate, such as `C 0317-2022`.
    pub e_certificate_standard: Option<String>,
    /// False for training proofs, which are no licence of an authority.
    pub administrative_licence: bool,
    /// `None`: open-ended, or not confirmed.
    pub validity_years: Option<u16>,
    /// Years between reviews inside the validity; `None`: no review.
    pub review_every_years: Option<u16>,
    pub long_review: Option<LongReview>,
    /// Age in full years from which it is issued.
    pub youngest_age: Option<u16>,
    /// Age in full years up to which it is issued.
    pub oldest_age: Option<u16>,
    /// How many days before the end a certificate counts as expiring.
    pub expiring_days: u16,
    /// How many days before a review a certificate counts as due for it.
    pub review_due_days: u16,
    #[serde(rename = "number_pattern")]
    pub number: NumberPattern,
    /// Letters that every number begins with and rosters leave out or write twice, such as `T`.
    pub number_prefix: Option<String>,
    /// Numbers that the pattern has to accept, for forms and tests.
    pub number_examples: Vec<String>,
    /// Scheme of the items that certificates of this type name today.
    pub item_scheme: Option<String>,
    /// Schemes of items that older certificates name.
    #[serde(default)]
    pub older_item_schemes: Vec<String>,
    /// Table of official numeric status codes.
    pub status_codes: Option<String>,
    /// Hours before the first examination; in high-risk industries where the law tells two figures.
    pub initial_training_hours: Option<u16>,
    pub training_hours_per_year: Option<u16>,
    pub training_hours_per_review: Option<u16>,
    /// Address of the official look-up.
    pub official_lookup: Option<String>,
}

/// A longer review cycle for those long in the trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongReview {
    pub every_years: u16,
    /// Years of continuous work in the trade from which it holds.
    pub after_years: u16,
}

impl CertificateType {
    /// Do certificates of this type name items of the scheme, today or in older lists?
    pub fn accepts_scheme(&self, scheme: &str) -> bool {
        self.item_scheme.as_deref() == Some(scheme)
            || self.older_item_schemes.iter().any(|older| older == scheme)
    }

    /// Years between reviews for someone with so many years of continuous work in the trade.
    pub fn review_years(&self, continuous_years: u16) -> Option<u16> {
        match self.long_review {
            Some(long) if continuous_years >= long.after_years => Some(long.every_years),
            _ => self.review_every_years,
        }
    }

    /// Do the terms end later than certificates of this type can?
    pub fn is_too_long(&self, terms: &Terms) -> bool {
        let latest = self.validity_years.and_then(|years| end_of_validity(terms.valid_from, years));
        latest.zip(terms.valid_until).is_some_and(|(latest, end)| end > latest)
    }

    /// The day of the first review by the ordinary cycle, which counts when nobody tells another;
    /// `None` where there is no review inside the terms.
    pub fn first_review(&self, terms: &Terms) -> Option<Date> {
        review_days(self.term_begin(terms), terms.valid_until, self.review_years(0)?).next()
    }

    /// The terms with the first review by the ordinary cycle, where they tell none: nobody is taken
    /// for reviewed because nothing was said.
    pub fn with_review(&self, terms: Terms) -> Terms {
        Terms { review_due_on: terms.review_due_on.or_else(|| self.first_review(&terms)), ..terms }
    }

    /// May the first review be due on this day? By the ordinary cycle or before; or by the longer
    /// one, which a registry that knows no careers takes from whoever issues the certificate.
    pub fn allows_first_review_on(&self, due: Date, terms: &Terms) -> bool {
        let long =
            self.long_review.and_then(|long| end_of_validity(self.term_begin(terms), long.every_years));
        let long = long.map(|day| terms.valid_until.map_or(day, |end| end.min(day)));
        self.first_review(terms).is_none_or(|ordinary| due <= ordinary) || long == Some(due)
    }

    /// May it be issued on this day to somebody born on that one?
    pub fn admits_age(&self, born: Date, issued_on: Date) -> bool {
        let reached = |years: u16| anniversary(born, years).is_some_and(|day| day <= issued_on);
        self.youngest_age.is_none_or(reached) && self.oldest_age.is_none_or(|age| !reached(age + 1))
    }

    /// Rosters often name the day of the very first issue beside the end that holds today. Terms
    /// longer than the type allows are therefore the last of several that follow one another.
    fn term_begin(&self, terms: &Terms) -> Date {
        let last = self.validity_years.zip(terms.valid_until).and_then(|(years, end)| {
            end.checked_add_days(Days::new(1))?.checked_sub_months(Months::new(12 * u32::from(years)))
        });
        last.map_or(terms.valid_from, |last| last.max(terms.valid_from))
    }
}

/// The form of a type's certificate numbers, as normalised by
/// [`crate::number::certificate_number::normalise`].
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct NumberPattern(Regex);

impl NumberPattern {
    pub fn matches(&self, number: &str) -> bool {
        self.0.is_match(number)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for NumberPattern {
    type Error = CatalogueError;

    fn try_from(pattern: String) -> Result<Self, CatalogueError> {
        if !(pattern.starts_with('^') && pattern.ends_with('$')) {
            return Err(CatalogueError::Pattern {
                pattern,
                problem: "must begin with ^ and end with $".to_owned(),
            });
        }
        match Regex::new(&pattern) {
            Ok(regex) => Ok(Self(regex)),
            Err(error) => Err(CatalogueError::Pattern { pattern, problem: error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Date, catalogue::Catalogue, certificate::Terms};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn terms(valid_from: &str, valid_until: Option<&str>) -> Terms {
        let valid_from = day(valid_from);
        Terms { issued_on: valid_from, valid_from, valid_until: valid_until.map(day), review_due_on: None }
    }

    #[test]
    fn the_first_review_follows_from_the_terms() {
        let catalogue = Catalogue::work_safety();
        let kind = catalogue.type_by_code("mem_special_ops").unwrap();
        let review = |from, until| kind.first_review(&terms(from, until));
        assert_eq!(review("2022-05-01", Some("2028-04-30")), Some(day("2025-04-30")));
        assert_eq!(review("2022-05-01", None), Some(day("2025-04-30")));
        assert_eq!(review("2022-05-01", Some("2025-04-30")), None, "that day is the renewal");
        // The day of the very first issue, and the end of the second term.
        assert_eq!(review("2016-05-01", Some("2028-04-30")), Some(day("2025-04-30")));
        let unreviewed = catalogue.type_by_code("con_a").unwrap();
        assert_eq!(unreviewed.first_review(&terms("2022-05-01", Some("2025-04-30"))), None);
    }

    #[test]
    fn a_review_may_be_early_or_by_the_longer_cycle_but_nothing_between() {
        let catalogue = Catalogue::work_safety();
        let kind = catalogue.type_by_code("mem_special_ops").unwrap();
        let six_years = terms("2022-05-01", Some("2028-04-30"));
        let allowed = |due| kind.allows_first_review_on(day(due), &six_years);
        assert!(allowed("2025-04-30") && allowed("2025-01-31") && allowed("2028-04-30"));
        assert!(!allowed("2025-05-01") && !allowed("2028-04-29"));
    }

    #[test]
    fn no_validity_outlasts_its_type() {
        let catalogue = Catalogue::work_safety();
        let kind = catalogue.type_by_code("mem_special_ops").unwrap();
        assert!(!kind.is_too_long(&terms("2022-05-01", Some("2028-04-30"))));
        assert!(kind.is_too_long(&terms("2022-05-01", Some("2028-05-01"))));
        let endless = catalogue.type_by_code("cse_senior").unwrap();
        assert!(!endless.is_too_long(&terms("2022-05-01", Some("2099-05-01"))));
    }

    #[test]
    fn age_counts_in_full_years_on_the_day_of_issue() {
        let catalogue = Catalogue::work_safety();
        let young = catalogue.type_by_code("mem_special_ops").unwrap();
        assert!(young.admits_age(day("2004-05-01"), day("2022-05-01")));
        assert!(!young.admits_age(day("2004-05-02"), day("2022-05-01")));
        let old = catalogue.type_by_code("cse_mid").unwrap();
        assert!(old.admits_age(day("1951-05-02"), day("2022-05-01")));
        assert!(!old.admits_age(day("1951-05-01"), day("2022-05-01")));
    }
}
