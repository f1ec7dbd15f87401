//! Certificate numbers as rosters write them, brought into one spelling.

use super::{
    citizen_id,
    cleaning::{is_check_letter_lookalike, is_invisible},
    embeds_id,
};
use crate::{catalogue::CertificateType, text::nfkc};

/// A number in its one spelling and what had to be done for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    pub number: String,
    /// Each kind at most once, in the order of the steps.
    pub repaired: Vec<Repair>,
}

/// A repair that has one meaning and is made without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repair {
    /// Spaces, line breaks, zero-width characters or a leading apostrophe taken out.
    InvisibleRemoved,
    /// Full-width characters or other brackets and dashes brought to their plain form.
    WidthUnified,
    /// Small letters written large.
    UpperCased,
    /// `×` or a look-alike at the end read as X.
    CheckLetter,
    /// `C类(` written as `C(`.
    CategoryWordRemoved,
    /// The fifteen digits of old after `T` written as the eighteen of today.
    IdConverted,
    /// The type's fixed letters were missing.
    PrefixAdded,
    /// The type's fixed letters were there more than once.
    PrefixDeduplicated,
}

/// `C类(` says no more than `C(`.
const CATEGORY_WORD: char = '类';

/// Cleans a number of any type.
pub fn normalise(text: &str) -> Normalised {
    // Most are clean already, and every look-up comes through here.
    if text.chars().all(is_plain) {
        return match upgraded(text) {
            Some(number) => Normalised { number, repaired: vec![Repair::IdConverted] },
            None => Normalised { number: text.to_owned(), repaired: Vec::new() },
        };
    }
    let mut repaired = Vec::new();
    let mut step = |repair: Repair, before: String, after: String| {
        if before != after {
            repaired.push(repair);
        }
        after
    };
    let number = text.trim().to_owned();
    let visible: String = number.chars().filter(|&c| !is_invisible(c)).collect();
    let visible = visible.trim_start_matches(['\'', '＇']).to_owned();
    let number = step(Repair::InvisibleRemoved, number, visible);
    // Some characters become a space and a mark, which then joins the letter before it.
    let spaceless: String = nfkc(&number).chars().filter(|&c| !is_invisible(c)).collect();
    let unified = nfkc(&spaceless).chars().map(plain_form).collect();
    let number = step(Repair::WidthUnified, number, unified);
    let upper = number.to_ascii_uppercase();
    let number = step(Repair::UpperCased, number, upper);
    let lettered = with_check_letter(&number);
    let number = step(Repair::CheckLetter, number, lettered);
    let plain = without_category_word(&number);
    let number = step(Repair::CategoryWordRemoved, number, plain);
    let eighteen = with_eighteen_digits(&number);
    let number = step(Repair::IdConverted, number, eighteen);
    Normalised { number, repaired }
}

/// A character that no step but the last has anything to do with.
fn is_plain(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | '(' | ')' | '-' | '\u{4E00}'..='\u{9FFF}') && c != CATEGORY_WORD
}

/// Cleans a number of a known type: also puts the type's fixed letters right.
pub fn normalise_for(kind: &CertificateType, text: &str) -> Normalised {
    let mut normalised = normalise(text);
    let Some(prefix) = kind.number_prefix.as_deref() else {
        return normalised;
    };
    let doubled = format!("{prefix}{prefix}");
    let mut number = normalised.number.as_str();
    while number.starts_with(&doubled) {
        number = &number[prefix.len()..];
    }
    let number = with_eighteen_digits(number);
    if number != normalised.number {
        normalised.repaired.push(Repair::PrefixDeduplicated);
        normalised.number = number;
    }
    let with_prefix = with_eighteen_digits(&format!("{prefix}{}", normalised.number));
    if !matches(kind, &normalised.number) && matches(kind, &with_prefix) {
        normalised.repaired.push(Repair::PrefixAdded);
        normalised.number = with_prefix;
    }
    normalised
}

/// Has the normalised number the form of the type?
pub fn matches(kind: &CertificateType, number: &str) -> bool {
    kind.number.matches(number)
}

fn plain_form(c: char) -> char {
    match c {
        '〔' | '【' | '[' | '［' | '{' => '(',
        '〕' | '】' | ']' | '］' | '}' => ')',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        _ => c,
    }
}

fn without_category_word(number: &str) -> String {
    match number.split_once('(') {
        Some((before, after)) => format!("{}({after}", before.trim_end_matches(CATEGORY_WORD)),
        None => number.to_owned(),
    }
}

fn with_eighteen_digits(number: &str) -> String {
    upgraded(number).unwrap_or_else(|| number.to_owned())
}

/// `T` and an ID number of fifteen digits is the number of whoever holds the eighteen digits made of it.
fn upgraded(number: &str) -> Option<String> {
    let fifteen = number.strip_prefix('T').filter(|id| id.len() == 15 && embeds_id(id) == Some(0..15))?;
    citizen_id::upgrade(fifteen).map(|eighteen| format!("T{eighteen}"))
}

fn with_check_letter(number: &str) -> String {
    match number.strip_suffix(is_check_letter_lookalike) {
        Some(rest) => format!("{rest}X"),
        None => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use proptest::prelude::*;

    #[test]
    fn one_number_has_one_spelling() {
        let cases: [(&str, &str, &[Repair]); 11] = [
            ("京建安C1(2015)0000001", "京建安C1(2015)0000001", &[]),
            ("京建安Ｃ１（2015）0000001", "京建安C1(2015)0000001", &[Repair::WidthUnified]),
            (
                "京建安c1 (2015) 0000001",
                "京建安C1(2015)0000001",
                &[Repair::InvisibleRemoved, Repair::UpperCased],
            ),
            ("京建安C类(2012)0000001", "京建安C(2012)0000001", &[Repair::CategoryWordRemoved]),
            ("京建安C1〔2015〕0000001", "京建安C1(2015)0000001", &[Repair::WidthUnified]),
            ("'T11010519491231002X", "T11010519491231002X", &[Repair::InvisibleRemoved]),
            ("Ｔ11010519491231002Ｘ", "T11010519491231002X", &[Repair::WidthUnified]),
            (
                "T 1101051949\n1231002×",
                "T11010519491231002X",
                &[Repair::InvisibleRemoved, Repair::CheckLetter],
            ),
            ("T110105491231002", "T11010519491231002X", &[Repair::IdConverted]),
            // No date, and no province: serial numbers.
            ("T110105499931002", "T110105499931002", &[]),
            ("T990105491231002", "T990105491231002", &[]),
        ];
        for (text, number, repaired) in cases {
            assert_eq!(
                normalise(text),
                Normalised { number: number.to_owned(), repaired: repaired.to_vec() }
            );
        }
    }

    #[test]
    fn fixed_letters_are_put_right_where_the_type_is_known() {
        let catalogue = Catalogue::work_safety();
        let kind = catalogue.type_by_code("mem_special_ops").unwrap();
        let cases: [(&str, &[Repair]); 6] = [
            ("T110105491231002", &[Repair::IdConverted]),
            ("110105491231002", &[Repair::PrefixAdded]),
            ("T11010519491231002X", &[]),
            ("11010519491231002X", &[Repair::PrefixAdded]),
            ("TT11010519491231002X", &[Repair::PrefixDeduplicated]),
            ("t11010519491231002x", &[Repair::UpperCased]),
        ];
        for (text, repaired) in cases {
            let normalised = normalise_for(kind, text);
            assert_eq!(
                (normalised.number.as_str(), normalised.repaired.as_slice()),
                ("T11010519491231002X", repaired)
            );
            assert!(matches(kind, &normalised.number));
        }
        assert_eq!(normalise_for(kind, "京建安C1(2015)0000001").number, "京建安C1(2015)0000001");
    }

    proptest! {
        #[test]
        fn a_normalised_number_stays_as_it_is(text in "\\PC{0,30}") {
            let once = normalise(&text).number;
            prop_assert_eq!(normalise(&once), Normalised { number: once, repaired: Vec::new() });
        }
    }
}
