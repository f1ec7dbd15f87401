//! What the index knows of a certificate: a set of keyed tokens and a few columns.

use crate::{
    condition::DayColumn,
    days,
    dictionary::pairs,
    spelling,
    tokens::{Kind, Token, Tokens},
};
use domain::{
    catalogue::Catalogue,
    certificate::Certificate,
    ids::CertificateId,
    lifecycle::{self, Status},
    number::{certificate_number, embeds_id},
    text,
};

/// Numbers are found by their beginning from this many characters on.
pub const SHORTEST_PREFIX: usize = 4;

/// The lengths at which a region code names a province, a city and a county.
const REGION_DIGITS: [usize; 3] = [2, 4, 6];

/// The columns of a certificate, wherever they are kept.
pub trait Row {
    fn day(&self, column: DayColumn) -> i32;
    /// By all that is known now.
    fn status_on(&self, day: i32) -> Option<Status>;
}

/// A certificate as it is indexed.
#[derive(Debug)]
pub struct Facts {
    pub id: CertificateId,
    pub version: u64,
    /// Sorted, each once.
    pub tokens: Vec<Token>,
    pub issued_on: i32,
    pub valid_until: i32,
    pub review_due_on: i32,
    /// The status over all time, one [`stretch`] a value, so that a search can ask for any day.
    pub timeline: Vec<u64>,
    pub type_code: String,
    pub region: String,
}

impl Facts {
    pub fn of(certificate: &Certificate, catalogue: &Catalogue, tokens: &Tokens) -> Self {
        let timeline = timeline(certificate, catalogue);
        let mut words = Words { tokens, found: Vec::with_capacity(96) };
        words.number(certificate, catalogue);
        words.holder(certificate, catalogue);
        words.organisation(certificate);
        words.classes(certificate);
        for &(_, status) in &timeline {
            words.add(Kind::EverStatus, status.code());
        }
        Self {
            id: certificate.id,
            version: certificate.version,
            tokens: words.sorted(),
            issued_on: DayColumn::IssuedOn.of(&certificate.terms),
            valid_until: DayColumn::ValidUntil.of(&certificate.terms),
            review_due_on: DayColumn::ReviewDueOn.of(&certificate.terms),
            timeline: timeline.into_iter().map(|(day, status)| stretch(day, status)).collect(),
            type_code: certificate.type_code.clone(),
            region: certificate.region.clone(),
        }
    }
}

/// The tokens that tell of these fields, which are those of [`crate::reading::Target`]: to say what of a row
/// matched, all of its tokens would be made for a few.
pub fn tokens_about(
    fields: &[&str],
    certificate: &Certificate,
    catalogue: &Catalogue,
    tokens: &Tokens,
) -> Vec<Token> {
    let about = |among: &[&str]| fields.iter().any(|field| among.contains(field));
    let mut words = Words { tokens, found: Vec::new() };
    if about(&["number", "id_number"]) {
        words.number(certificate, catalogue);
    }
    if about(&["name", "id_number"]) {
        words.holder(certificate, catalogue);
    }
    if about(&["organisation"]) {
        words.organisation(certificate);
    }
    if about(&["issuer", "region", "type", "item"]) {
        words.classes(certificate);
    }
    words.sorted()
}

impl Row for Facts {
    fn day(&self, column: DayColumn) -> i32 {
        match column {
            DayColumn::IssuedOn => self.issued_on,
            DayColumn::ValidUntil => self.valid_until,
            DayColumn::ReviewDueOn => self.review_due_on,
        }
    }

    fn status_on(&self, day: i32) -> Option<Status> {
        status_among(self.timeline.iter().copied(), day)
    }
}

/// The one spelling of an identity number: fifteen digits as eighteen, no spaces, upper case.
/// Numbers that the catalogue cannot read are at least cleaned.
pub fn identity_key(text: &str, catalogue: &Catalogue) -> String {
    match catalogue.parse_identity(text) {
        Ok(document) => document.number,
        Err(_) => certificate_number::normalise(text).number,
    }
}

struct Words<'a> {
    tokens: &'a Tokens,
    found: Vec<Token>,
}

impl Words<'_> {
    fn add(&mut self, kind: Kind, text: &str) {
        self.found.push(self.tokens.of(kind, text));
    }

    fn number(&mut self, certificate: &Certificate, catalogue: &Catalogue) {
        let number = certificate_number::normalise(&certificate.number).number;
        self.add(Kind::Number, &number);
        if let Some(range) = embeds_id(&number) {
            self.add(Kind::Identity, &identity_key(&number[range], catalogue));
            return;
        }
        for (end, _) in number.char_indices().skip(SHORTEST_PREFIX) {
            self.add(Kind::NumberPrefix, &number[..end]);
        }
        for form in spelling::blotted(&number) {
            self.add(Kind::NumberBlotted, &form);
        }
    }

    fn holder(&mut self, certificate: &Certificate, catalogue: &Catalogue) {
        let holder = &certificate.holder;
        self.found.push(self.tokens.holder(holder.id));
        if let Some(identity) = &holder.identity {
            self.add(Kind::Identity, &identity_key(&identity.number, catalogue));
        }
        let name = text::search_name(&holder.name);
        self.add(Kind::Name, &name);
        for form in spelling::blotted(&name) {
            self.add(Kind::NameBlotted, &form);
        }
        for reading in text::pinyin_full(&holder.name) {
            self.add(Kind::Pinyin, &reading);
        }
        for initials in text::pinyin_initials(&holder.name) {
            self.add(Kind::Initials, &initials);
        }
    }

    fn organisation(&mut self, certificate: &Certificate) {
        let Some(organisation) = &certificate.organisation else { return };
        self.found.push(self.tokens.organisation(organisation.id));
        let name = text::normalise_organisation(&organisation.name);
        self.add(Kind::OrganisationName, &name);
        for pair in pairs(&name) {
            self.add(Kind::OrganisationPair, pair);
        }
        if let Some(code) = &organisation.uscc {
            self.add(Kind::CreditCode, code);
        }
    }

    fn classes(&mut self, certificate: &Certificate) {
        self.add(Kind::Type, &certificate.type_code);
        self.add(Kind::Issuer, &text::normalise_organisation(&certificate.issuer));
        if let Some(item) = &certificate.item {
            self.add(Kind::Item, item);
        }
        if let Some(industry) = &certificate.industry {
            self.add(Kind::Industry, industry);
        }
        for digits in REGION_DIGITS {
            if let Some(prefix) = certificate.region.get(..digits) {
                self.add(Kind::Region, prefix);
            }
        }
    }

    fn sorted(mut self) -> Vec<Token> {
        self.found.sort_unstable();
        self.found.dedup();
        self.found
    }
}

/// The status over time in day numbers. The first stretch has no beginning; it is given the day
/// before the second, which keeps the column narrow.
fn timeline(certificate: &Certificate, catalogue: &Catalogue) -> Vec<(i32, Status)> {
    let rules = catalogue.status_rules(&certificate.type_code);
    let timeline = lifecycle::timeline(&certificate.events, certificate.under_correction, &rules);
    let mut numbered: Vec<(i32, Status)> =
        timeline.into_iter().map(|(from, status)| (days::number(from), status)).collect();
    let second = numbered.get(1).map_or(1, |(from, _)| *from);
    if let Some(first) = numbered.first_mut() {
        first.0 = second - 1;
    }
    numbered
}

const STATUS_BITS: u32 = 4;

/// From which day on which status, in one number that sorts by the day.
fn stretch(from: i32, status: Status) -> u64 {
    day_bits(from) | status as u64
}

fn day_bits(day: i32) -> u64 {
    ((i64::from(day) - i64::from(i32::MIN)) as u64) << STATUS_BITS
}

/// The status of the stretch that holds the day: the last that began by then, or the first of all.
pub fn status_among(stretches: impl Iterator<Item = u64>, day: i32) -> Option<Status> {
    let bound = day_bits(day) | ((1 << STATUS_BITS) - 1);
    let mut running = None;
    let mut first = None;
    for stretch in stretches {
        if stretch <= bound && running.is_none_or(|running| running < stretch) {
            running = Some(stretch);
        }
        if first.is_none_or(|first| stretch < first) {
            first = Some(stretch);
        }
    }
    let code = running.or(first)? & ((1 << STATUS_BITS) - 1);
    Status::ALL.get(code as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_status_is_read_back_by_its_place() {
        for status in Status::ALL {
            assert_eq!(status_among([stretch(0, status)].into_iter(), 0), Some(status));
        }
        assert_eq!(status_among([].into_iter(), 0), None);
    }

    proptest! {
        #[test]
        fn the_stretch_that_holds_the_day_is_found(
            froms in prop::collection::btree_set(-40_000i32..60_000, 1..8), day in -50_000i32..70_000,
        ) {
            let timeline: Vec<(i32, Status)> =
                froms.iter().copied().zip(Status::ALL.into_iter().cycle()).collect();
            let expected = timeline.iter().rev().find(|(from, _)| *from <= day).or(timeline.first());
            let packed = timeline.iter().rev().map(|&(from, status)| stretch(from, status));
            prop_assert_eq!(status_among(packed, day), expected.map(|(_, status)| *status));
        }
    }
}
