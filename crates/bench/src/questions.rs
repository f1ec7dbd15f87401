//! The kinds of question that are asked of us and of the peers, and the values they are asked with.

use serde::{Deserialize, Serialize};

/// In more than a tenth of the rows: what a broad search looks like.
pub const BROAD: &str = "工程";
/// The province of the questions about one.
pub const PROVINCE: &str = "320000";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    LookUp,
    Typo,
    Name,
    ShortenedName,
    Initials,
    NameInProvince,
    /// Two characters of an organisation's name.
    Part,
    /// Four of them, which an index of three neighbours can answer.
    LongPart,
    BroadPart,
    County,
    Country,
    Facets,
}

impl Kind {
    pub const ALL: [Kind; 12] = [
        Kind::LookUp,
        Kind::Typo,
        Kind::Name,
        Kind::ShortenedName,
        Kind::Initials,
        Kind::NameInProvince,
        Kind::Part,
        Kind::LongPart,
        Kind::BroadPart,
        Kind::County,
        Kind::Country,
        Kind::Facets,
    ];

    /// As tables and files call it: what is joined is joined by it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::LookUp => "look-up by number",
            Kind::Typo => "number with one typo",
            Kind::Name => "name",
            Kind::ShortenedName => "name, one character missing",
            Kind::Initials => "pinyin initials",
            Kind::NameInProvince => "name in a province",
            Kind::Part => "part of an organisation",
            Kind::LongPart => "four characters of an organisation",
            Kind::BroadPart => "broad part of an organisation",
            Kind::County => "listing of a county",
            Kind::Country => "listing of the whole country",
            Kind::Facets => "everything valid, with facets",
        }
    }
}

/// What is known of one row that values are taken from.
#[derive(Debug, Default)]
pub struct Sampled {
    pub number: Option<String>,
    pub name: Option<String>,
    pub organisation: Option<String>,
    pub region: Option<String>,
}

/// What is asked for. Every value has an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Values {
    numbers: Vec<String>,
    typos: Vec<String>,
    names: Vec<String>,
    shortened: Vec<String>,
    initials: Vec<String>,
    parts: Vec<String>,
    long_parts: Vec<String>,
    counties: Vec<String>,
}

impl Values {
    pub fn of(sample: &[Sampled]) -> Self {
        let texts = |pick: fn(&Sampled) -> Option<&String>| -> Vec<String> {
            sample.iter().filter_map(pick).cloned().collect()
        };
        let numbers = texts(|row| row.number.as_ref());
        let names = texts(|row| row.name.as_ref());
        let organisations = texts(|row| row.organisation.as_ref());
        let regions = texts(|row| row.region.as_ref());
        Self {
            typos: numbers.iter().filter_map(|number| with_typo(number)).collect(),
            numbers,
            shortened: names.iter().filter_map(|name| without_last(name)).collect(),
            names,
            initials: ["zw", "wf", "lj", "cy", "ljh", "wxm"].map(str::to_owned).to_vec(),
            parts: organisations.iter().map(|name| middle(name, 2)).collect(),
            long_parts: organisations.iter().map(|name| middle(name, 4)).collect(),
            // A province or a city is another question.
            counties: regions.into_iter().filter(|region| !region.ends_with("00")).collect(),
        }
    }

    /// Those of a kind of question; an empty one for what is asked without.
    pub fn of_kind(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::LookUp => self.numbers.clone(),
            Kind::Typo => self.typos.clone(),
            Kind::Name | Kind::NameInProvince => self.names.clone(),
            Kind::ShortenedName => self.shortened.clone(),
            Kind::Initials => self.initials.clone(),
            Kind::Part => self.parts.clone(),
            Kind::LongPart => self.long_parts.clone(),
            Kind::BroadPart => vec![BROAD.to_owned()],
            Kind::County => self.counties.clone(),
            Kind::Country | Kind::Facets => vec![String::new()],
        }
    }
}

/// The number with its last but one character replaced by another digit.
fn with_typo(number: &str) -> Option<String> {
    let mut characters: Vec<char> = number.chars().collect();
    let place = characters.len().checked_sub(2)?;
    let digit = characters[place].to_digit(10)?;
    characters[place] = char::from_digit((digit + 5) % 10, 10)?;
    Some(characters.into_iter().collect())
}

/// A name of three or four characters, one character short.
fn without_last(name: &str) -> Option<String> {
    let count = name.chars().count();
    (3..=4).contains(&count).then(|| name.chars().take(count - 1).collect())
}

/// So many characters from the middle of an organisation's name.
fn middle(name: &str, count: usize) -> String {
    let length = name.chars().count();
    name.chars().skip((length / 2).min(length.saturating_sub(count))).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_made_of_characters_not_bytes() {
        assert_eq!(without_last("欧阳明"), Some("欧阳".into()));
        assert_eq!(without_last("张明"), None);
        assert_eq!(middle("南京化工有限公司", 2), "有限");
        assert_eq!(middle("南京化工有限公司", 4), "有限公司");
        assert_eq!(middle("化工", 4), "化工");
        assert_eq!(with_typo("京A012"), Some("京A062".into()));
        assert_eq!(with_typo("X"), None);
    }

    #[test]
    fn a_province_is_not_a_county() {
        let region = |code: &str| Sampled { region: Some(code.to_owned()), ..Sampled::default() };
        let values = Values::of(&[region("320000"), region("320100"), region("320102")]);
        assert_eq!(values.of_kind(Kind::County), ["320102"]);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Kind::ALL.map(Kind::name).into();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
