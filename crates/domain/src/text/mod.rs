//! Names of people and organisations: one spelling to store, one to search by, and what a word in
//! the one search box can mean.

mod organisation;
mod person;
mod pinyin;
mod search_box;
mod unified;

pub use organisation::normalise_organisation;
pub use person::{NormalisedName, normalise_name, search_name};
pub use pinyin::{pinyin_full, pinyin_initials, pinyin_key};
pub use search_box::{BoxKind, classify_box, is_id_number};

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The text in Unicode's form NFKC. Most texts are plain letters, digits and Chinese characters, which
/// are in it already; looking each of them up takes longer than all else that is done to a number.
pub fn nfkc(text: &str) -> Cow<'_, str> {
    let is_settled = |c: char| c.is_ascii() || matches!(c, '\u{4E00}'..='\u{9FFF}');
    match text.chars().all(is_settled) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfkc().collect()),
    }
}

/// One spelling for one login: NFKC, lower case, no surrounding space.
pub fn fold_login(login: &str) -> String {
    let lower = nfkc(login).chars().flat_map(char::to_lowercase).collect();
    // Some characters become a space and a mark.
    composed(lower).trim().to_owned()
}

/// Equal for words that differ only in width, case and spaces.
pub fn comparison_key(text: &str) -> String {
    composed(nfkc(text).chars().filter(|&c| !is_blank(c)).flat_map(char::to_lowercase).collect())
}

/// A letter and a mark between which something was taken out, or of which one was written small, can
/// be one character again.
fn composed(text: String) -> String {
    nfkc(&text).into_owned()
}

/// Nothing to see: spaces, control characters, zero-width characters.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Chinese characters of all blocks, with the marks and kana that Japanese names hold.
fn is_han(c: char) -> bool {
    matches!(
        c,
        '\u{3005}' | '\u{3007}' | '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_login_is_folded_to_its_end() {
        for (login, folded) in [
            (" Ｌiu.Mei\u{3000}", "liu.mei"),
            // Becomes a space and a mark.
            ("\u{37A}liu", "\u{345}liu"),
            // A small letter and a dot, with which another mark changes places.
            ("\u{130}\u{323}", "\u{1ECB}\u{307}"),
        ] {
            assert_eq!(fold_login(login), folded);
            assert_eq!(fold_login(folded), folded);
        }
    }

    /// Nothing that cannot be seen stands between a letter and its mark in what is compared.
    #[test]
    fn what_is_compared_is_composed() {
        for fold in
            [comparison_key, search_name, normalise_organisation, |name: &str| normalise_name(name).name]
        {
            assert_eq!(fold("zhe\u{200B}\u{301}"), "zh\u{E9}");
        }
    }

    proptest! {
        #[test]
        fn a_folded_login_stays_as_it_is(login in "\\PC{0,20}") {
            let once = fold_login(&login);
            prop_assert_eq!(fold_login(&once), once);
        }
    }
}
