//! Conditions on a certificate: what postings decide ([`Condition`]) and what columns decide
//! ([`Check`]). The index compiles the first and evaluates the second; the overlay evaluates both.

use crate::{days, facts::Row, tokens::Token};
use domain::{Date, certificate::Terms, lifecycle::Status, query::DateRange};

/// A condition over the tokens of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Always,
    Token(Token),
    Any(Vec<Condition>),
    All(Vec<Condition>),
}

impl Condition {
    pub const NEVER: Condition = Condition::Any(Vec::new());

    pub fn any_token(tokens: impl IntoIterator<Item = Token>) -> Self {
        Condition::Any(tokens.into_iter().map(Condition::Token).collect())
    }

    /// `tokens` are sorted.
    pub fn admits(&self, tokens: &[Token]) -> bool {
        match self {
            Condition::Always => true,
            Condition::Token(token) => tokens.binary_search(token).is_ok(),
            Condition::Any(conditions) => conditions.iter().any(|condition| condition.admits(tokens)),
            Condition::All(conditions) => conditions.iter().all(|condition| condition.admits(tokens)),
        }
    }
}

/// A date of the certificate's present terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayColumn {
    IssuedOn,
    ValidUntil,
    ReviewDueOn,
}

impl DayColumn {
    pub fn of(self, terms: &Terms) -> i32 {
        match self {
            DayColumn::IssuedOn => days::number(terms.issued_on),
            DayColumn::ValidUntil => days::number_or_open(terms.valid_until),
            DayColumn::ReviewDueOn => days::number_or_open(terms.review_due_on),
        }
    }
}

/// A condition over the columns of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The day lies in the range, both ends included. An absent day lies in no range.
    Day { column: DayColumn, first: i32, last: i32 },
    /// The status on the day is one of these.
    Status { on: i32, among: Vec<Status> },
}

impl Check {
    /// `None` for a range without ends, which says nothing.
    pub fn range(column: DayColumn, range: &DateRange) -> Option<Self> {
        if range.is_unbounded() {
            return None;
        }
        let first = range.from.map_or(i32::MIN, days::number);
        let last = range.to.map_or(days::OPEN_ENDED - 1, days::number);
        Some(Check::Day { column, first, last })
    }

    pub fn status(on: Date, among: &[Status]) -> Self {
        Check::Status { on: days::number(on), among: among.to_vec() }
    }

    /// The day on which a status is asked for, if one is.
    pub fn status_day(&self) -> Option<i32> {
        match self {
            Check::Day { .. } => None,
            Check::Status { on, .. } => Some(*on),
        }
    }

    pub fn admits(&self, row: &impl Row) -> bool {
        match self {
            Check::Day { column, first, last } => (*first..=*last).contains(&row.day(*column)),
            Check::Status { on, among } => row.status_on(*on).is_some_and(|status| among.contains(&status)),
        }
    }
}
