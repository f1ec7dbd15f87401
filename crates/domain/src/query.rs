//! What can be asked of the registry, free of any engine. Limits are types: a query that exists is
//! within bounds.

use crate::{Date, ids::CertificateId, lifecycle::Status, text::nfkc};

/// A search, all conditions joined by AND, the values of one list by OR.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// The one box: number, name, pinyin or organisation, told apart by [`crate::text`].
    pub q: Option<Text>,
    /// Certificate number: exact, prefix, or one typo where it can hold no ID number.
    pub number: Option<Text>,
    /// ID number, exact only.
    pub id_number: Option<Text>,
    /// Holder name: exact, one wrong or missing character, pinyin, initials.
    pub name: Option<Text>,
    /// Names only as written: for those who may not search for similar names or by their sound.
    pub exact_names: bool,
    /// Part of an organisation's name, or its credit code.
    pub organisation: Option<Text>,
    pub types: Vec<String>,
    pub items: Vec<String>,
    pub categories: Vec<String>,
    pub issuer: Option<Text>,
    /// This region and everything under it.
    pub region: Option<String>,
    pub industry: Option<String>,
    pub statuses: Vec<Status>,
    /// The day the status is asked for; `None` = today.
    pub on: Option<Date>,
    pub issued: DateRange,
    pub valid_until: DateRange,
    pub review_due: DateRange,
    pub sort: Sort,
    pub page: Page,
    pub facets: Vec<Facet>,
}

impl SearchQuery {
    /// The certificate number, if nothing else is asked and the first page is wanted.
    pub fn only_number(&self) -> Option<&Text> {
        // All fields are named, so that one more condition cannot be overlooked.
        let Self { q, number, id_number, name, exact_names: _, organisation, types, .. } = self;
        let Self { items, categories, issuer, region, industry, statuses, on, .. } = self;
        let Self { issued, valid_until, review_due, sort: _, page, facets, .. } = self;
        let texts = [q, id_number, name, organisation, issuer].into_iter().all(Option::is_none);
        let codes = region.is_none() && industry.is_none() && on.is_none();
        let lists = [types, items, categories].into_iter().all(Vec::is_empty);
        let ranges = [issued, valid_until, review_due].into_iter().all(|range| range.is_unbounded());
        let rest =
            statuses.is_empty() && facets.is_empty() && matches!(page, Page::Numbered { number: 1, .. });
        number.as_ref().filter(|_| texts && codes && lists && ranges && rest)
    }
}

/// Text of a condition: trimmed, 1 to 100 characters, no control characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text(String);

impl Text {
    pub const MAX_CHARS: usize = 100;

    pub fn new(text: &str) -> Result<Self, QueryError> {
        // Full-width letters and digits are meant as plain ones.
        let text = nfkc(text);
        let text = text.trim();
        if text.is_empty() {
            return Err(QueryError::Empty);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(QueryError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(QueryError::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// A keyword can be a name or an ID number.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} chars)", self.0.chars().count())
    }
}

/// Both ends included; `None` = unbounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateRange {
    pub from: Option<Date>,
    pub to: Option<Date>,
}

impl DateRange {
    /// Refuses a range that ends before it begins.
    pub fn new(from: Option<Date>, to: Option<Date>) -> Result<Self, QueryError> {
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(QueryError::RangeReversed),
            _ => Ok(Self { from, to }),
        }
    }

    pub fn is_unbounded(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    pub fn contains(&self, day: Option<Date>) -> bool {
        match day {
            Some(day) => self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to),
            None => self.is_unbounded(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    ValidUntil,
    IssuedOn,
    ReviewDueOn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub key: SortKey,
    pub descending: bool,
}

impl Default for Sort {
    /// What ends first needs attention first.
    fn default() -> Self {
        Self { key: SortKey::ValidUntil, descending: false }
    }
}

/// Where in the result to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Page `number` (from 1) of `size` rows, no deeper than [`Page::MAX_OFFSET`] rows.
    Numbered { number: u32, size: u16 },
    /// The rows after an opaque position of an earlier answer.
    After { cursor: Cursor, size: u16 },
}

impl Default for Page {
    fn default() -> Self {
        Page::Numbered { number: 1, size: 10 }
    }
}

impl Page {
    pub const SIZES: [u16; 4] = [10, 20, 50, 100];
    /// Deeper than this a reader has to use the cursor.
    pub const MAX_OFFSET: u32 = 100_000;

    /// Page `number` counts from 1; 0 is read as 1.
    pub fn numbered(number: u32, size: u16) -> Result<Self, QueryError> {
        let number = number.max(1);
        let end = u64::from(number) * u64::from(Self::allowed(size)?);
        if end > u64::from(Self::MAX_OFFSET) {
            return Err(QueryError::TooDeep);
        }
        Ok(Page::Numbered { number, size })
    }

    /// The rows after a position of an earlier answer, as deep as wanted.
    pub fn after(cursor: Cursor, size: u16) -> Result<Self, QueryError> {
        Ok(Page::After { cursor, size: Self::allowed(size)? })
    }

    fn allowed(size: u16) -> Result<u16, QueryError> {
        if Self::SIZES.contains(&size) { Ok(size) } else { Err(QueryError::PageSize) }
    }

    pub fn size(&self) -> u16 {
        match self {
            Page::Numbered { size, .. } | Page::After { size, .. } => *size,
        }
    }
}

/// The sort value and identifier of the last row read. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Days since 1970-01-01 of the sort key; `i32::MAX` = open-ended.
    pub sort_value: i32,
    pub id: CertificateId,
}

impl Cursor {
    /// Forty hexadecimal digits: the sort value, then the identifier. A cursor names a row and
    /// opens nothing: the scope is asked again on every page.
    pub fn to_text(self) -> String {
        format!("{:08x}{}", self.sort_value, self.id.uuid().simple())
    }

    /// Strict: one cursor has one spelling.
    pub fn from_text(text: &str) -> Option<Self> {
        let (sort_value, id) = text.split_at_checked(8)?;
        let cursor = Self {
            sort_value: u32::from_str_radix(sort_value, 16).ok()?.cast_signed(),
            id: CertificateId::from_uuid(id.parse().ok()?),
        };
        (cursor.to_text() == text).then_some(cursor)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Facet {
    Status,
    Type,
    /// By the level under the queried or permitted region.
    Region,
    ExpiryMonth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("the condition is empty")]
    Empty,
    #[error("the condition is longer than {} characters", Text::MAX_CHARS)]
    TooLong,
    #[error("the condition holds a control character")]
    ControlCharacter,
    #[error("page size must be 10, 20, 50 or 100")]
    PageSize,
    #[error("pages end at row {}; use the cursor", Page::MAX_OFFSET)]
    TooDeep,
    #[error("the range ends before it begins")]
    RangeReversed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pages_end_where_the_cursor_takes_over() {
        assert_eq!(Page::numbered(0, 10), Ok(Page::Numbered { number: 1, size: 10 }));
        assert_eq!(Page::numbered(10_000, 10), Ok(Page::Numbered { number: 10_000, size: 10 }));
        assert_eq!(Page::numbered(10_001, 10), Err(QueryError::TooDeep));
        assert_eq!(Page::numbered(u32::MAX, 100), Err(QueryError::TooDeep));
        assert_eq!(Page::numbered(1, 30), Err(QueryError::PageSize));
    }

    #[test]
    fn a_text_is_trimmed_and_bounded() {
        assert_eq!(Text::new(" 张伟\u{3000}").unwrap().as_str(), "张伟");
        assert_eq!(Text::new("\u{3000} "), Err(QueryError::Empty));
        assert_eq!(Text::new(&"张".repeat(100)).unwrap().as_str().chars().count(), 100);
        assert_eq!(Text::new(&"张".repeat(101)), Err(QueryError::TooLong));
        assert_eq!(Text::new("张\0伟"), Err(QueryError::ControlCharacter));
        assert!(!format!("{:?}", Text::new("张伟").unwrap()).contains('张'), "keywords stay out of logs");
    }

    #[test]
    fn a_range_holds_both_its_ends() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let range = DateRange::new(Some(day("2024-01-01")), Some(day("2024-01-31"))).unwrap();
        assert!(range.contains(Some(day("2024-01-01"))) && range.contains(Some(day("2024-01-31"))));
        assert!(!range.contains(Some(day("2024-02-01"))) && !range.contains(None));
        assert!(DateRange::default().contains(None));
        assert_eq!(DateRange::new(range.to, range.from), Err(QueryError::RangeReversed));
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back(sort_value: i32, id: u128) {
            let cursor = Cursor { sort_value, id: CertificateId::from_uuid(uuid::Uuid::from_u128(id)) };
            let text = cursor.to_text();
            prop_assert_eq!(Cursor::from_text(&text), Some(cursor));
            prop_assert_eq!(Cursor::from_text(&text[1..]), None);
            prop_assert_eq!(Cursor::from_text(&format!("{text}0")), None);
        }
    }
}
