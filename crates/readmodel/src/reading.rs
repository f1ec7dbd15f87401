//! How the text of a condition can be read: what it may mean, from the strictest reading to the
//! most forgiving. A weaker reading is tried only when nothing is found by the stricter ones.

use crate::{
    condition::Condition,
    dictionary::{Dictionary, pairs},
    facts::{SHORTEST_PREFIX, identity_key},
    spelling,
    tokens::{Kind, Token, Tokens},
};
use domain::{
    catalogue::{Catalogue, Names},
    number::{certificate_number, embeds_id, uscc},
    text::{self, BoxKind},
};
use std::collections::BTreeSet;

/// One field that a text may mean, with its readings.
#[derive(Clone)]
pub struct Target {
    /// Name of the field in answers.
    pub field: &'static str,
    /// What was asked for.
    pub text: String,
    /// Each weaker than the one before.
    pub readings: Vec<Condition>,
}

impl Target {
    fn new(field: &'static str, text: &str, readings: Vec<Condition>) -> Self {
        Self { field, text: text.to_owned(), readings }
    }

    /// This field by all readings up to a degree of forgiveness.
    pub fn up_to(&self, degree: usize) -> Condition {
        let mut readings: Vec<Condition> = self.readings.iter().take(degree + 1).cloned().collect();
        if readings.len() == 1 { readings.remove(0) } else { Condition::Any(readings) }
    }
}

/// What a text asks for: one of the fields it can mean as a whole, or something of each of its words.
#[derive(Clone)]
pub struct Meaning {
    whole: Vec<Target>,
    /// Empty where the text is one word.
    words: Vec<Word>,
}

/// A word with the fields it can mean.
#[derive(Clone)]
struct Word {
    text: String,
    targets: Vec<Target>,
}

impl Meaning {
    pub fn of_whole(whole: Vec<Target>) -> Self {
        Self { whole, words: Vec::new() }
    }

    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.whole.iter().chain(self.words.iter().flat_map(|word| &word.targets))
    }

    /// The words, where there are several.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// All readings up to a degree of forgiveness.
    pub fn up_to(&self, degree: usize) -> Condition {
        let any = |targets: &[Target]| targets.iter().map(|target| target.up_to(degree)).collect();
        let mut readings: Vec<Condition> = any(&self.whole);
        if !self.words.is_empty() {
            let words = self.words.iter().map(|word| Condition::Any(any(&word.targets)));
            readings.push(Condition::All(words.collect()));
        }
        Condition::Any(readings)
    }

    /// For each field it can mean, as a whole or by one of its words, the looser readings of that field;
    /// other words as ever.
    pub fn loosened(
        &self,
        degree: usize,
        looser: impl Fn(&Target) -> Vec<Condition>,
    ) -> Vec<(Option<usize>, Vec<Condition>)> {
        let whole = self.whole.iter().map(|target| (None, looser(target)));
        let mut loosened: Vec<(Option<usize>, Vec<Condition>)> = whole.collect();
        for (at, word) in self.words.iter().enumerate() {
            let others = self.without_word(at).up_to(degree);
            let beside_others = |reading| Condition::All(vec![others.clone(), reading]);
            for readings in word.targets.iter().map(&looser) {
                loosened.push((Some(at), readings.into_iter().map(beside_others).collect()));
            }
        }
        loosened
    }

    /// One of the words by itself.
    pub fn only_word(&self, word: usize) -> Self {
        Self { whole: Vec::new(), words: vec![self.words[word].clone()] }
    }

    /// The other words.
    pub fn without_word(&self, word: usize) -> Self {
        let mut words = self.words.clone();
        words.remove(word);
        Self { whole: Vec::new(), words }
    }
}

/// A part that more names hold than this is not spelled out.
const MOST_NAMES: usize = 512;

/// Texts of more words are read as a whole only: people describe a certificate in a few.
const MOST_WORDS: usize = 6;

/// Reads texts with the dictionaries as they are now.
pub struct Reader<'a> {
    /// Names are not searched with a mistake forgiven.
    pub exact_names: bool,
    pub tokens: &'a Tokens,
    pub catalogue: &'a Catalogue,
    pub organisations: &'a Dictionary,
    pub issuers: &'a Dictionary,
}

impl Reader<'_> {
    /// A certificate number: as it is; its beginning; with one mistake. The last two never find a
    /// number that holds an ID number, since such a number has no tokens for them.
    pub fn number(&self, text: &str) -> Target {
        let number = certificate_number::normalise(text).number;
        let exact = Condition::Token(self.tokens.of(Kind::Number, &number));
        if embeds_id(&number).is_some() {
            return Target::new("number", text, vec![exact]);
        }
        let mut readings = vec![exact];
        if number.chars().count() >= SHORTEST_PREFIX {
            readings.push(Condition::Token(self.tokens.of(Kind::NumberPrefix, &number)));
            readings.push(self.near_number(&number));
        }
        Target::new("number", text, readings)
    }

    /// Whole forms are compared only through blotted ones, which numbers holding an ID number lack:
    /// a text one character off an ID number must not find it.
    fn near_number(&self, number: &str) -> Condition {
        let near = spelling::near(number);
        let blotted = near.blotted.iter().map(|form| self.tokens.of(Kind::NumberBlotted, form));
        let whole = near.whole.iter().filter(|form| embeds_id(form).is_none());
        let whole = whole.map(|form| self.tokens.of(Kind::Number, form));
        Condition::any_token(blotted.chain(whole))
    }

    /// An ID number, exact only.
    pub fn id_number(&self, text: &str) -> Target {
        let key = identity_key(text, self.catalogue);
        Target::new("id_number", text, vec![Condition::Token(self.tokens.of(Kind::Identity, &key))])
    }

    /// A person's name in any script: as written, then with one mistake or the words of a Latin name
    /// in another order. In Latin letters also as pinyin or initials. Who may search for whole names
    /// only gets nothing else: by its sound a masked name could be guessed.
    pub fn name(&self, text: &str) -> Target {
        let mut exact = vec![self.tokens.of(Kind::Name, &text::search_name(text))];
        if self.exact_names {
            return Target::new("name", text, vec![Condition::any_token(exact)]);
        }
        let mut near = self.near_name(text);
        if is_latin(text) {
            let key = text::pinyin_key(text);
            exact.push(self.tokens.of(Kind::Pinyin, &key));
            exact.push(self.tokens.of(Kind::Initials, &key));
            for name in in_other_orders(text) {
                near.push(self.tokens.of(Kind::Name, &text::search_name(&name)));
                near.push(self.tokens.of(Kind::Pinyin, &text::pinyin_key(&name)));
            }
        }
        Target::new("name", text, vec![Condition::any_token(exact), Condition::any_token(near)])
    }

    fn near_name(&self, text: &str) -> Vec<Token> {
        let near = spelling::near(&text::search_name(text));
        let blotted = near.blotted.iter().map(|form| self.tokens.of(Kind::NameBlotted, form));
        blotted.chain(near.whole.iter().map(|form| self.tokens.of(Kind::Name, form))).collect()
    }

    /// Part of an organisation's name, or its credit code.
    pub fn organisation(&self, text: &str) -> Target {
        let condition = match uscc::parse(text) {
            Ok(code) => Condition::Token(self.tokens.of(Kind::CreditCode, &code)),
            Err(_) => self.organisation_part(&text::normalise_organisation(text)),
        };
        Target::new("organisation", text, vec![condition])
    }

    /// By the names that hold the part. Where they are many, by pairs of characters, of which there are
    /// always few: all pairs of the part (no name has them all but not side by side, or hardly any), or
    /// all that a single character has a place in.
    fn organisation_part(&self, part: &str) -> Condition {
        let characters = part.chars().count();
        let pair = |pair: &str| self.tokens.of(Kind::OrganisationPair, pair);
        if characters == 2 {
            return Condition::Token(pair(part));
        }
        let named = |name: &str| self.tokens.of(Kind::OrganisationName, name);
        let names: Vec<&str> = self.organisations.containing(part).take(MOST_NAMES + 1).collect();
        if names.len() <= MOST_NAMES {
            return Condition::any_token(names.into_iter().map(named));
        }
        if characters == 1 {
            let around = self.organisations.containing(part).flat_map(pairs);
            let around: BTreeSet<&str> = around.filter(|pair| pair.contains(part)).collect();
            return Condition::any_token(around.into_iter().map(pair).chain([named(part)]));
        }
        Condition::All(pairs(part).map(pair).map(Condition::Token).collect())
    }

    /// Part of an issuer's name.
    pub fn issuer(&self, text: &str) -> Target {
        let part = text::normalise_organisation(text);
        let names = self.issuers.containing(&part);
        let condition = Condition::any_token(names.map(|name| self.tokens.of(Kind::Issuer, name)));
        Target::new("issuer", text, vec![condition])
    }

    /// The one box: everything the text can mean, as a whole and word by word.
    pub fn anything(&self, text: &str) -> Meaning {
        let words = words(text).into_iter().map(|text| Word { targets: self.word(&text), text }).collect();
        Meaning { whole: self.fields(text), words }
    }

    fn fields(&self, text: &str) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        for kind in text::classify_box(text) {
            let target = match kind {
                BoxKind::IdNumber => self.id_number(text),
                BoxKind::Number => self.number(text),
                BoxKind::Name | BoxKind::PinyinLike => self.name(text),
                BoxKind::Organisation | BoxKind::Uscc => self.organisation(text),
            };
            if targets.iter().all(|known| known.field != target.field) {
                targets.push(target);
            }
        }
        targets
    }

    /// A word beside others can also say where, or what for. Alone it would find half a province.
    fn word(&self, word: &str) -> Vec<Target> {
        let mut targets = self.fields(word);
        let regions = self.catalogue.regions();
        let places = regions
            .called(word)
            .map(|region| self.tokens.of(Kind::Region, regions.subtree_prefix(&region.code)));
        let called = |names: &Names| names.zh.contains(word) || names.ja.contains(word);
        let types = self.catalogue.types().iter().filter(|kind| called(&kind.names));
        let schemes = self.catalogue.types().iter();
        let schemes = schemes.flat_map(|kind| kind.item_scheme.iter().chain(&kind.older_item_schemes));
        let schemes: BTreeSet<&String> = schemes.collect();
        let items = schemes.into_iter().flat_map(|scheme| self.catalogue.items(scheme));
        let items = items.filter(|item| called(&item.names) || called(&item.group_names));
        for (field, condition) in [
            ("region", Condition::any_token(places)),
            ("type", Condition::any_token(types.map(|kind| self.tokens.of(Kind::Type, &kind.code)))),
            ("item", Condition::any_token(items.map(|item| self.tokens.of(Kind::Item, &item.code)))),
        ] {
            if condition != Condition::NEVER {
                targets.push(Target::new(field, word, vec![condition]));
            }
        }
        targets
    }
}

/// The words of a text that is more than one. Single characters are a name written wide; Latin words
/// side by side are one name in pinyin.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(before) if is_pinyin(before) && is_pinyin(word) => {
                before.push(' ');
                before.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let several = (2..=MOST_WORDS).contains(&words.len());
    let are_words = words.iter().all(|word| word.chars().nth(1).is_some());
    if several && !is_latin(text) && are_words { words } else { Vec::new() }
}

fn is_pinyin(word: &str) -> bool {
    text::classify_box(word).first() == Some(&BoxKind::PinyinLike)
}

/// The words of a Latin name with another one in front: given names come first here and last there.
fn in_other_orders(text: &str) -> Vec<String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
    let others = if words.len() <= MOST_WORDS { 1..words.len() } else { 0..0 };
    others.map(|first| [&words[first..], &words[..first]].concat().join(" ")).collect()
}

/// Nothing but letters below those of the Chinese script, with marks or without.
fn is_latin(text: &str) -> bool {
    text.chars().all(|c| u32::from(c) < 0x2E80)
}
