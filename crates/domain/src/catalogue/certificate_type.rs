use super::{CatalogueError, Names};
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
