//! What comes near a text that finds nothing by any of its readings: looked for only to be shown
//! beside an empty answer, over the tokens there are.

use crate::{
    condition::Condition,
    dictionary::Dictionary,
    facts::SHORTEST_PREFIX,
    reading::{Reader, Target},
    spelling,
    tokens::Kind,
};
use domain::{
    number::{certificate_number, uscc},
    text,
};

/// Names of organisations or issuers that can come near one text.
const MOST_NAMES: usize = 16;

impl Reader<'_> {
    /// Looser readings, the nearest first. There are none of what must be whole: an ID number, and a
    /// name for those who may not search for similar ones.
    pub fn looser(&self, target: &Target) -> Vec<Condition> {
        let text = target.text.as_str();
        match target.field {
            "number" => self.looser_number(text),
            "name" if !self.exact_names => self.looser_name(text),
            "organisation" if uscc::parse(text).is_err() => {
                self.alike(self.organisations, Kind::OrganisationName, text)
            }
            "issuer" => self.alike(self.issuers, Kind::Issuer, text),
            _ => Vec::new(),
        }
    }

    /// With two wrong characters, then by ever shorter beginnings. Numbers that hold an ID number have
    /// no tokens for either, and a text that may be one is not compared.
    fn looser_number(&self, text: &str) -> Vec<Condition> {
        if text::is_id_number(text) {
            return Vec::new();
        }
        let number = certificate_number::normalise(text).number;
        let forms = spelling::two_wrong(&number);
        let forms = forms.iter().map(|form| self.tokens.of(Kind::NumberBlotted, form));
        let ends: Vec<usize> = number.char_indices().map(|(end, _)| end).skip(SHORTEST_PREFIX).collect();
        let beginning = |end: &usize| Condition::Token(self.tokens.of(Kind::NumberPrefix, &number[..*end]));
        std::iter::once(Condition::any_token(forms)).chain(ends.iter().rev().map(beginning)).collect()
    }

    /// By the same sound, with two mistakes, with one letter of the sound wrong, by the same initials.
    fn looser_name(&self, text: &str) -> Vec<Condition> {
        let any = |kind, forms: &[String]| {
            Condition::any_token(forms.iter().map(|form| self.tokens.of(kind, form)))
        };
        let sounds = text::pinyin_full(text);
        let usual = sounds.first().map(|sound| spelling::one_letter_off(sound)).unwrap_or_default();
        let twice = spelling::near_twice(&text::search_name(text));
        vec![
            any(Kind::Pinyin, &sounds),
            Condition::Any(vec![any(Kind::Name, &twice.whole), any(Kind::NameBlotted, &twice.blotted)]),
            any(Kind::Pinyin, &usual),
            any(Kind::Initials, &text::pinyin_initials(text)),
        ]
    }

    fn alike(&self, names: &Dictionary, kind: Kind, text: &str) -> Vec<Condition> {
        let groups = names.near(&text::normalise_organisation(text), MOST_NAMES).into_iter();
        let any =
            |group: Vec<&str>| Condition::any_token(group.into_iter().map(|name| self.tokens.of(kind, name)));
        groups.map(any).collect()
    }
}
