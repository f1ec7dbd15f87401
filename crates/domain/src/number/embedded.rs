use super::{
    citizen_id::{birth_date, has_right_check},
    cleaning::{is_check_letter_lookalike, is_invisible},
};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Finds an ID number inside a text, such as `T` + ID number on a special-operation certificate: the
/// byte range of the first one. Whatever holds an ID number is treated as one: never in a URL, a
/// log or a partial index.
///
/// Eighteen characters count when check character and date of birth are right, so a chance serial
/// number is taken for an ID number about once in 15,000. The fifteen digits of old have no check:
/// they count when a run of digits begins or ends with a province and a date.
pub fn embeds_id(text: &str) -> Option<Range<usize>> {
    let characters = fold(text);
    let bytes: Vec<u8> = characters.iter().map(|&(_, byte)| byte).collect();
    let found = find_eighteen(&bytes).or_else(|| find_fifteen(&bytes))?;
    let start = characters[found.start].0;
    let last = characters[found.end - 1].0;
    let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
    Some(start..end)
}

/// Byte offset and folded form of each visible character: digits of any width as ASCII digits, the
/// check letter as `X`, anything else as a separator.
fn fold(text: &str) -> Vec<(usize, u8)> {
    let visible = text.char_indices().filter(|(_, c)| !is_invisible(*c));
    visible
        .map(|(at, c)| {
            let folded = std::iter::once(c).nfkc().next().unwrap_or(c).to_ascii_uppercase();
            let byte = match folded {
                '0'..='9' | 'X' => folded as u8,
                _ if is_check_letter_lookalike(folded) => b'X',
                _ => b' ',
            };
            (at, byte)
        })
        .collect()
}

fn find_eighteen(bytes: &[u8]) -> Option<Range<usize>> {
    let starts = 0..(bytes.len() + 1).saturating_sub(18);
    starts.map(|start| start..start + 18).find(|range| {
        let window = std::str::from_utf8(&bytes[range.clone()]).expect("folded to ASCII");
        has_right_check(window) && birth_date(&window[6..14]).is_some()
    })
}

fn find_fifteen(bytes: &[u8]) -> Option<Range<usize>> {
    let mut start = 0;
    while start < bytes.len() {
        let run = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if run >= 15 {
            let ends = [start..start + 15, start + run - 15..start + run];
            if let Some(range) = ends.into_iter().find(|range| is_fifteen(&bytes[range.clone()])) {
                return Some(range);
            }
        }
        start += run.max(1);
    }
    None
}

/// Province of GB/T 2260, then `yymmdd` after six digits of region.
fn is_fifteen(window: &[u8]) -> bool {
    let text = std::str::from_utf8(window).expect("folded to ASCII");
    let province = matches!(
        &text[..2],
        "11" | "12"
            | "13"
            | "14"
            | "15"
            | "21"
            | "22"
            | "23"
            | "31"
            | "32"
            | "33"
            | "34"
            | "35"
            | "36"
            | "37"
            | "41"
            | "42"
            | "43"
            | "44"
            | "45"
            | "46"
            | "50"
            | "51"
            | "52"
            | "53"
            | "54"
            | "61"
            | "62"
            | "63"
            | "64"
            | "65"
            | "71"
            | "81"
            | "82"
    );
    province && birth_date(&format!("19{}", &text[6..12])).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_number_is_found_in_whatever_surrounds_it() {
        let id = "11010519491231002X";
        for (before, after) in
            [("", ""), ("T", ""), ("京A", "-01"), ("TS2023", "01"), ("编号：", "（复印件）")]
        {
            let text = format!("{before}{id}{after}");
            assert_eq!(embeds_id(&text), Some(before.len()..before.len() + id.len()), "{text}");
        }
        for text in ["T１１０１０５１９４９１２３１００２Ｘ", "T110105 19491231 002x", "T11010519491231002×"]
        {
            assert!(embeds_id(text).is_some(), "{text}");
        }
        assert_eq!(embeds_id("T110105491231002"), Some(1..16));
        assert_eq!(embeds_id("11010549123100201"), Some(0..15));
    }

    #[test]
    fn serial_numbers_are_no_id_numbers() {
        for text in
            ["京建安C1(2015)0000001", "晋A012008000001", "11010519491231002", "110105194912310021", "", "T"]
        {
            assert_eq!(embeds_id(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_range_lies_on_characters_of_the_text(text in "[0-9Xx ０-９张T-]{0,40}") {
            if let Some(range) = embeds_id(&text) {
                prop_assert!(text.get(range).is_some_and(|found| found.chars().count() >= 15));
            }
        }
    }
}
