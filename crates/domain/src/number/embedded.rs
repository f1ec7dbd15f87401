use super::{
    citizen_id::{birth_date, has_right_check},
    cleaning::{is_check_letter_lookalike, is_invisible},
};
use smallvec::SmallVec;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Fewer digits than this are no ID number.
const FEWEST_DIGITS: usize = 15;
/// Certificate numbers are rarely longer; they are looked through without an allocation.
const USUAL_LENGTH: usize = 32;

/// Finds an ID number inside a text, such as `T` + ID number on a special-operation certificate: the
/// byte range of the first one. Whatever holds an ID number is treated as one: never in a URL, a
/// log or a partial index. Spaces and single hyphens between its digits do not hide it.
///
/// Eighteen characters count when check character and date of birth are right, so a chance serial
/// number is taken for an ID number about once in 15,000. The fifteen digits of old have no check:
/// they count when a run of digits begins or ends with a province and a date, or when hyphens stand
/// nowhere but around the date.
pub fn embeds_id(text: &str) -> Option<Range<usize>> {
    // Asked of every row that leaves: most texts are short or hold few digits, and cost no allocation.
    if text.len() < FEWEST_DIGITS {
        return None;
    }
    let digits = text.chars().filter(|c| fold(*c).is_ascii_digit());
    if digits.take(FEWEST_DIGITS).count() < FEWEST_DIGITS {
        return None;
    }
    let places = places(text);
    let bytes: SmallVec<[u8; USUAL_LENGTH]> = places.iter().map(|place| place.byte).collect();
    let found = find_eighteen(&bytes).or_else(|| find_fifteen(&places, &bytes))?;
    let last = places[found.end - 1].at;
    let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
    Some(places[found.start].at..end)
}

const SEPARATOR: u8 = b' ';
const HYPHEN: u8 = b'-';

/// Digits of any width as ASCII digits, the check letter as `X`, hyphens as one; anything else as a
/// separator.
#[inline]
fn fold(c: char) -> u8 {
    match c {
        '0'..='9' | 'X' => c as u8,
        // No Chinese character stands for a digit, and most texts are made of them.
        '\u{3400}'..='\u{9FFF}' => SEPARATOR,
        _ => fold_unusual(c),
    }
}

fn fold_unusual(c: char) -> u8 {
    let folded = match c {
        '\0'..='\x7F' => c.to_ascii_uppercase(),
        _ => std::iter::once(c).nfkc().next().unwrap_or(c).to_ascii_uppercase(),
    };
    match folded {
        '0'..='9' | 'X' => folded as u8,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => HYPHEN,
        _ if is_check_letter_lookalike(folded) => b'X',
        _ => SEPARATOR,
    }
}

/// A visible character: where it stands, its folded form, and whether a hyphen joins it to the
/// character before it.
struct Place {
    at: usize,
    byte: u8,
    joined: bool,
}

/// The visible characters of a text. A single hyphen between two digits is a property of the
/// second; any other separates.
fn places(text: &str) -> SmallVec<[Place; USUAL_LENGTH]> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        // Most numbers are nothing else.
        let place = |(at, byte): (usize, u8)| Place { at, byte: fold(char::from(byte)), joined: false };
        return text.bytes().enumerate().map(place).collect();
    }
    let mut places = SmallVec::<[Place; USUAL_LENGTH]>::new();
    let mut hyphen = None;
    for (at, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
        let byte = fold(c);
        let after_digit = places.last().is_some_and(|place| place.byte.is_ascii_digit());
        if byte == HYPHEN && hyphen.is_none() && after_digit {
            hyphen = Some(at);
            continue;
        }
        let joined = hyphen.is_some() && (byte.is_ascii_digit() || byte == b'X');
        if let Some(at) = hyphen.take().filter(|_| !joined) {
            places.push(Place { at, byte: SEPARATOR, joined: false });
        }
        let byte = if byte == HYPHEN { SEPARATOR } else { byte };
        places.push(Place { at, byte, joined });
    }
    places
}

fn find_eighteen(bytes: &[u8]) -> Option<Range<usize>> {
    let starts = 0..(bytes.len() + 1).saturating_sub(18);
    starts.map(|start| start..start + 18).find(|range| {
        let window = std::str::from_utf8(&bytes[range.clone()]).expect("folded to ASCII");
        has_right_check(window) && birth_date(&window.as_bytes()[6..14]).is_some()
    })
}

fn find_fifteen(places: &[Place], bytes: &[u8]) -> Option<Range<usize>> {
    let starts_run = |at: usize| at == 0 || places[at].joined || !bytes[at - 1].is_ascii_digit();
    let runs = (0..bytes.len()).filter(|&at| bytes[at].is_ascii_digit() && starts_run(at));
    runs.map(|start| {
        let more = places[start + 1..].iter();
        let run = 1 + more.take_while(|place| place.byte.is_ascii_digit() && !place.joined).count();
        (start, start + run)
    })
    .find_map(|(start, end)| {
        let last = end.saturating_sub(15).max(start);
        let ends = [start..start + 15, last..last + 15].into_iter().filter(|range| range.end <= end);
        let grouped = Some(start..start + 15).filter(|range| is_grouped(places, range));
        ends.chain(grouped).find(|range| is_fifteen(&bytes[range.clone()]))
    })
}

/// Fifteen digits with hyphens before or after the date of birth, and none elsewhere.
fn is_grouped(places: &[Place], range: &Range<usize>) -> bool {
    let Some(window) = places.get(range.clone()) else { return false };
    let ends_there = places.get(range.end).is_none_or(|next| next.joined || !next.byte.is_ascii_digit());
    let hyphens = window.iter().enumerate().skip(1).filter(|(_, place)| place.joined);
    ends_there
        && window.iter().all(|place| place.byte.is_ascii_digit())
        && hyphens.map(|(offset, _)| offset).all(|offset| offset == 6 || offset == 12)
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
    let mut birth = *b"19000000";
    birth[2..].copy_from_slice(&window[6..12]);
    province && birth_date(&birth).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::citizen_id::check_character;
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
    fn hyphens_and_spaces_between_the_digits_hide_nothing() {
        for text in [
            "110105-19491231-002X",
            "110105 19491231 002X",
            "1-1-0-1-0-5-1-9-4-9-1-2-3-1-0-0-2-X",
            "110105－19491231－002Ｘ",
            "案由 T110105–19491231–002X。",
            "110105-491231-002",
            "110105 491231 002",
            "案号110105491231-002",
            "１１０１０５－４９１２３１００２",
        ] {
            assert!(embeds_id(text).is_some(), "{text}");
        }
        assert_eq!(embeds_id("第110105-19491231-002X号"), Some(3..23));
        for text in ["110105--19491231--002X", "11-0105-4912-31002", "2015-0000001-2023-01-0002"] {
            assert_eq!(embeds_id(text), None, "{text}");
        }
    }

    #[test]
    fn serial_numbers_are_no_id_numbers() {
        for text in
            ["京建安C1(2015)0000001", "晋A012008000001", "11010519491231002", "110105194912310021", "", "T"]
        {
            assert_eq!(embeds_id(text), None, "{text}");
        }
    }

    /// A digit in either width, with a space, a hyphen or nothing after it.
    fn written(id: &str, wide: &[bool], separators: &[u8]) -> String {
        let digit = |(at, c): (usize, char)| {
            let wide_form = char::from_u32(u32::from(c) + 0xFEE0).filter(|_| wide[at]);
            let separator = ["", " ", "-"][usize::from(separators[at])];
            format!("{}{separator}", wide_form.unwrap_or(c))
        };
        id.chars().enumerate().map(digit).collect()
    }

    proptest! {
        #[test]
        fn no_way_of_writing_hides_an_id_number(
            seventeen in "[1-6][0-9]{5}(19[4-9][0-9])(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}",
            wide in prop::collection::vec(any::<bool>(), 18),
            separators in prop::collection::vec(0u8..3, 18),
            before in "[张案由：]{0,5}", after in "[，号（]{0,5}",
        ) {
            let id = format!("{seventeen}{}", check_character(&seventeen).unwrap());
            let text = format!("{before}{}{after}", written(&id, &wide, &separators));
            let found = embeds_id(&text);
            prop_assert_eq!(found.map(|range| range.start), Some(before.len()), "{}", text);
        }

        #[test]
        fn fewer_than_fifteen_digits_are_none(text in "([0-9０-９][ 张X-]{0,3}){0,14}") {
            prop_assert_eq!(embeds_id(&text), None);
        }

        #[test]
        fn the_range_lies_on_characters_of_the_text(text in "[0-9Xx ０-９张T-]{0,40}") {
            if let Some(range) = embeds_id(&text) {
                prop_assert!(text.get(range).is_some_and(|found| found.chars().count() >= 15));
            }
        }
    }
}
