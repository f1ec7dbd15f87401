use super::{composed, is_blank, is_han, nfkc, unified::unify};
use unicode_normalization::UnicodeNormalization;

/// The dot between the parts of transliterated names.
const MIDDLE_DOT: char = '\u{00B7}';

/// A name in its one spelling for storing.
#[derive(Clone, PartialEq, Eq)]
pub struct NormalisedName {
    pub name: String,
    /// A character was lost on the way here: `?`, `□`, a replacement character or a glyph of a
    /// private font stands in its place. Pinyin is the fallback.
    pub damaged: bool,
}

/// The one spelling of a name: NFC, half-width Latin letters, the middle dot as U+00B7, no spaces
/// between Chinese characters, single spaces between Latin words. Characters are never replaced:
/// 張 stays 張.
pub fn normalise_name(text: &str) -> NormalisedName {
    let composed: Vec<char> = text.nfc().map(half_width).collect();
    let dotted = unify_dots(&composed);
    // A letter and its mark, once nothing stands between them.
    let name: String = drop_inner_spaces(&dotted).nfc().collect();
    NormalisedName { damaged: name.chars().any(is_damage), name }
}

/// What two spellings of one name have in common: simplified forms, no dots, no spaces, lower case.
/// For comparing and indexing, never for showing.
pub fn search_name(text: &str) -> String {
    let text = nfkc(text);
    let kept = text.chars().filter(|&c| !(is_blank(c) || is_dot(c) || matches!(c, '.' | '-' | '\'' | '’')));
    composed(kept.flat_map(char::to_lowercase).map(unify).collect())
}

/// The words of a name, each in its search form.
pub(super) fn search_words(text: &str) -> Vec<String> {
    let text = nfkc(text);
    let ends_word = |c| is_blank(c) || is_dot(c) || matches!(c, '.' | '-');
    text.split(ends_word).map(search_name).collect()
}

fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Characters that are written for the middle dot and mean nothing else in a name.
fn is_dot(c: char) -> bool {
    matches!(c, MIDDLE_DOT | '•' | '・' | '･' | '‧' | '∙' | '⋅' | '●' | '᛫' | '․' | '﹒' | '。')
}

/// A full stop is a middle dot only beside a Chinese character: `J. Smith` keeps it.
fn unify_dots(characters: &[char]) -> Vec<char> {
    let visible = |c: &&char| !is_blank(**c);
    let unified = characters.iter().enumerate().map(|(at, &c)| {
        let beside_han = || {
            let before = characters[..at].iter().rev().find(visible);
            let after = characters[at + 1..].iter().find(visible);
            before.is_some_and(|&c| is_han(c)) && after.is_some_and(|&c| is_han(c))
        };
        if is_dot(c) || (c == '.' && beside_han()) { MIDDLE_DOT } else { c }
    });
    unified.collect()
}

fn drop_inner_spaces(characters: &[char]) -> String {
    let mut name = String::with_capacity(characters.len() * 3);
    let mut space = false;
    for &c in characters {
        if c.is_whitespace() {
            space = true;
        } else if !is_blank(c) {
            let latin_before =
                name.chars().next_back().is_some_and(|last| !is_han(last) && last != MIDDLE_DOT);
            if space && latin_before && !is_han(c) && c != MIDDLE_DOT {
                name.push(' ');
            }
            space = false;
            name.push(c);
        }
    }
    name
}

fn is_damage(c: char) -> bool {
    matches!(c, '?' | '□' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_name_has_one_spelling() {
        let cases = [
            ("张  三", "张三"),
            ("张\u{3000}伟\n", "张伟"),
            ("买买提•艾力", "买买提·艾力"),
            ("买买提・艾力", "买买提·艾力"),
            ("买买提．艾力", "买买提·艾力"),
            ("买买提. 艾力", "买买提·艾力"),
            ("买买提 ‧ 艾力", "买买提·艾力"),
            ("  John   Smith ", "John Smith"),
            ("J. Smith", "J. Smith"),
            ("Ｊｏｈｎ", "John"),
            ("張偉", "張偉"),
            ("李𬭎", "李𬭎"),
        ];
        for (text, name) in cases {
            let normalised = normalise_name(text);
            assert_eq!((normalised.name.as_str(), normalised.damaged), (name, false), "{text}");
        }
    }

    #[test]
    fn lost_characters_are_flagged() {
        for text in ["王?", "王？", "王□明", "王\u{E863}", "王\u{FFFD}"] {
            assert!(normalise_name(text).damaged, "{text}");
        }
    }

    #[test]
    fn spellings_of_one_name_are_found_together() {
        let alike: [&[&str]; 4] = [
            &["张伟", "張偉", "张 伟", "張　偉"],
            &["买买提·艾力", "买买提艾力", "买买提・艾力", "買買提.艾力"],
            &["John Smith", "JOHN SMITH", "ｊｏｈｎ ｓｍｉｔｈ"],
            &["泽田樱", "沢田桜", "澤田櫻"],
        ];
        for spellings in alike {
            for spelling in spellings {
                assert_eq!(search_name(spelling), search_name(spellings[0]), "{spelling}");
            }
        }
        assert_ne!(search_name("王芸"), search_name("王艺"), "芸 is a character of its own in Chinese names");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "[张三 ·•.A-Za-z?Ａ。-]{0,12}") {
            let once = normalise_name(&text).name;
            prop_assert_eq!(normalise_name(&once).name, once.clone());
            prop_assert_eq!(search_name(&once), search_name(&text));
        }
    }
}
