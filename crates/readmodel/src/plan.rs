//! A query as the index works on it: the caller's scope and one clause for each condition.

use crate::{
    condition::{Check, Condition, DayColumn},
    days,
    facts::{Facts, Row},
    reading::{Meaning, Reader, Target},
    tokens::{Kind, Tokens},
};
use domain::{
    Date,
    access::Rows,
    query::{SearchQuery, Sort, SortKey},
};

/// One condition of the query, under the name of its parameter.
#[derive(Clone)]
pub struct Clause {
    pub field: &'static str,
    condition: ClauseCondition,
    pub check: Option<Check>,
}

#[derive(Clone)]
enum ClauseCondition {
    Exact(Condition),
    /// A text, which can mean several fields and be read more or less strictly.
    Text(Meaning),
}

impl Clause {
    fn exact(field: &'static str, condition: Condition) -> Self {
        Self { field, condition: ClauseCondition::Exact(condition), check: None }
    }

    fn text(field: &'static str, meaning: Meaning) -> Self {
        Self { field, condition: ClauseCondition::Text(meaning), check: None }
    }

    fn checked(field: &'static str, condition: Condition, check: Check) -> Self {
        Self { field, condition: ClauseCondition::Exact(condition), check: Some(check) }
    }

    fn condition(&self, degree: usize) -> Condition {
        match &self.condition {
            ClauseCondition::Exact(condition) => condition.clone(),
            ClauseCondition::Text(meaning) => meaning.up_to(degree),
        }
    }

    fn meaning(&self) -> Option<&Meaning> {
        match &self.condition {
            ClauseCondition::Exact(_) => None,
            ClauseCondition::Text(meaning) => Some(meaning),
        }
    }

    /// The words of its text, where there are several.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.meaning().into_iter().flat_map(Meaning::words)
    }

    /// The fields that the text of this clause may mean; none for other clauses.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.meaning().into_iter().flat_map(Meaning::targets)
    }
}

/// Scope and clauses, all joined by AND.
#[derive(Clone)]
pub struct Plan {
    scope: Condition,
    pub clauses: Vec<Clause>,
    pub order: Order,
    /// The day on which statuses are asked for.
    pub on: i32,
}

/// Readings of one clause that are looser than all that were tried, the nearest first.
pub struct Loosened {
    pub clause: usize,
    /// Which of its words is read so; `None` = the text as a whole.
    pub word: Option<usize>,
    pub readings: Vec<Condition>,
}

/// By which day the rows are ordered; equal days by identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub column: DayColumn,
    pub descending: bool,
}

impl Order {
    /// Behind every day in both directions.
    const LAST: i64 = i64::MAX;

    /// A number that sorts as the order demands. What never ends is valid longest; what has no review
    /// to come has no place among the reviews and stands last.
    pub fn rank(self, day: i32) -> i64 {
        if self.column == DayColumn::ReviewDueOn && day == days::OPEN_ENDED {
            return Self::LAST;
        }
        if self.descending { -i64::from(day) } else { i64::from(day) }
    }

    /// The day a rank was made from.
    pub fn day(self, rank: i64) -> i32 {
        if rank == Self::LAST {
            return days::OPEN_ENDED;
        }
        let day = if self.descending { -rank } else { rank };
        i32::try_from(day).expect("a rank is made from a day")
    }
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        let column = match sort.key {
            SortKey::ValidUntil => DayColumn::ValidUntil,
            SortKey::IssuedOn => DayColumn::IssuedOn,
            SortKey::ReviewDueOn => DayColumn::ReviewDueOn,
        };
        Self { column, descending: sort.descending }
    }
}

impl Plan {
    pub fn new(query: &SearchQuery, rows: &Rows, today: Date, reader: &Reader<'_>) -> Self {
        let on = query.on.unwrap_or(today);
        let mut clauses = texts(query, reader);
        clauses.extend(classes(query, reader));
        clauses.extend(dates(query, on, reader.tokens));
        Self { scope: scope(rows, reader.tokens), clauses, order: query.sort.into(), on: days::number(on) }
    }

    /// The degree of forgiveness from which on nothing more is forgiven.
    pub fn last_degree(&self) -> usize {
        let targets = self.clauses.iter().flat_map(Clause::targets);
        targets.map(|target| target.readings.len() - 1).max().unwrap_or(0)
    }

    /// What the texts of the query may mean.
    pub fn fields(&self) -> Vec<&'static str> {
        self.clauses.iter().flat_map(Clause::targets).map(|target| target.field).collect()
    }

    /// What postings have to satisfy.
    pub fn condition(&self, degree: usize) -> Condition {
        let conditions = self.clauses.iter().map(|clause| clause.condition(degree));
        let mut all: Vec<Condition> = std::iter::once(self.scope.clone()).chain(conditions).collect();
        all.retain(|condition| *condition != Condition::Always);
        match all.len() {
            0 => Condition::Always,
            1 => all.remove(0),
            _ => Condition::All(all),
        }
    }

    /// What columns have to satisfy.
    pub fn checks(&self) -> Vec<Check> {
        self.clauses.iter().filter_map(|clause| clause.check.clone()).collect()
    }

    /// One of its clauses by itself.
    pub fn only(&self, clause: usize) -> Self {
        Self { clauses: vec![self.clauses[clause].clone()], ..self.clone() }
    }

    /// The same question without one of its clauses.
    pub fn without(&self, clause: usize) -> Self {
        let mut plan = self.clone();
        plan.clauses.remove(clause);
        plan
    }

    /// One word of a clause by itself.
    pub fn only_word(&self, clause: usize, word: usize) -> Self {
        self.only(clause).with_text(0, |meaning| meaning.only_word(word))
    }

    /// The same question without one word of a clause.
    pub fn without_word(&self, clause: usize, word: usize) -> Self {
        self.clone().with_text(clause, |meaning| meaning.without_word(word))
    }

    fn with_text(mut self, clause: usize, change: impl Fn(&Meaning) -> Meaning) -> Self {
        if let ClauseCondition::Text(meaning) = &mut self.clauses[clause].condition {
            *meaning = change(meaning);
        }
        self
    }

    /// What could be forgiven beyond the last degree, one field of one text at a time.
    pub fn loosened(&self, reader: &Reader<'_>) -> Vec<Loosened> {
        let degree = self.last_degree();
        let clauses = self.clauses.iter().enumerate();
        let texts = clauses.filter_map(|(at, clause)| Some((at, clause.meaning()?)));
        texts
            .flat_map(|(clause, meaning)| {
                let loosened = meaning.loosened(degree, |target| reader.looser(target)).into_iter();
                loosened.map(move |(word, readings)| Loosened { clause, word, readings })
            })
            .collect()
    }

    /// The same question with one of its clauses read so.
    pub fn with_reading(&self, of: &Loosened, reading: &Condition) -> Self {
        let mut plan = self.clone();
        plan.clauses[of.clause].condition = ClauseCondition::Exact(reading.clone());
        plan
    }
}

/// The part of a plan that decides on single certificates.
pub fn admits(condition: &Condition, checks: &[Check], facts: &Facts) -> bool {
    condition.admits(&facts.tokens) && admits_row(checks, facts)
}

pub fn admits_row(checks: &[Check], row: &impl Row) -> bool {
    checks.iter().all(|check| check.admits(row))
}

fn scope(rows: &Rows, tokens: &Tokens) -> Condition {
    match rows {
        Rows::None => Condition::NEVER,
        Rows::Holder(id) => Condition::Token(tokens.holder(*id)),
        Rows::Holders(ids) => Condition::any_token(ids.iter().map(|id| tokens.holder(*id))),
        Rows::Organisation(id) => Condition::Token(tokens.organisation(*id)),
        Rows::Region { prefix } => Condition::Token(tokens.of(Kind::Region, prefix)),
        Rows::All => Condition::Always,
    }
}

fn texts(query: &SearchQuery, reader: &Reader<'_>) -> Vec<Clause> {
    let one = |field, target| Clause::text(field, Meaning::of_whole(vec![target]));
    [
        query.q.as_ref().map(|text| Clause::text("q", reader.anything(text.as_str()))),
        query.number.as_ref().map(|text| one("number", reader.number(text.as_str()))),
        query.id_number.as_ref().map(|text| one("id_number", reader.id_number(text.as_str()))),
        query.name.as_ref().map(|text| one("name", reader.name(text.as_str()))),
        query.organisation.as_ref().map(|text| one("organisation", reader.organisation(text.as_str()))),
        query.issuer.as_ref().map(|text| one("issuer", reader.issuer(text.as_str()))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn classes(query: &SearchQuery, reader: &Reader<'_>) -> Vec<Clause> {
    let tokens = reader.tokens;
    let any = |kind, codes: &[String]| Condition::any_token(codes.iter().map(|code| tokens.of(kind, code)));
    let mut clauses = Vec::new();
    if !query.types.is_empty() {
        clauses.push(Clause::exact("type", any(Kind::Type, &query.types)));
    }
    if !query.items.is_empty() {
        clauses.push(Clause::exact("item", any(Kind::Item, &query.items)));
    }
    if !query.categories.is_empty() {
        let types = reader.catalogue.types().iter().filter(|kind| query.categories.contains(&kind.category));
        let types = types.map(|kind| tokens.of(Kind::Type, &kind.code));
        clauses.push(Clause::exact("category", Condition::any_token(types)));
    }
    if let Some(region) = &query.region {
        let prefix = reader.catalogue.regions().subtree_prefix(region);
        clauses.push(Clause::exact("region", Condition::Token(tokens.of(Kind::Region, prefix))));
    }
    if let Some(industry) = &query.industry {
        // A section stands for its divisions.
        let inside = reader.catalogue.industries().iter().filter(|one| one.parent.as_ref() == Some(industry));
        let codes = inside.map(|one| &one.code).chain([industry]);
        let any = Condition::any_token(codes.map(|code| tokens.of(Kind::Industry, code)));
        clauses.push(Clause::exact("industry", any));
    }
    clauses
}

/// Dates are decided by columns. A status is too, after postings have left only the certificates
/// that have it on some day: that makes the rare ones fast.
fn dates(query: &SearchQuery, on: Date, tokens: &Tokens) -> Vec<Clause> {
    let mut clauses = Vec::new();
    if !query.statuses.is_empty() {
        let ever = query.statuses.iter().map(|status| tokens.of(Kind::EverStatus, status.code()));
        let check = Check::status(on, &query.statuses);
        clauses.push(Clause::checked("status", Condition::any_token(ever), check));
    }
    for (field, column, range) in [
        ("issued", DayColumn::IssuedOn, &query.issued),
        ("valid_until", DayColumn::ValidUntil, &query.valid_until),
        ("review_due", DayColumn::ReviewDueOn, &query.review_due),
    ] {
        if let Some(check) = Check::range(column, range) {
            clauses.push(Clause::checked(field, Condition::Always, check));
        }
    }
    clauses
}
