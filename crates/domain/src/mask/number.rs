use super::stars;
use crate::number::embeds_id;

/// How many characters of an 18-character ID number are shown at its beginning and end.
pub(super) const SHOWN_HEAD: usize = 3;
pub(super) const SHOWN_TAIL: usize = 4;

/// A certificate number with every ID number in it masked: `T110***********002X`. A number that
/// holds none comes back as it is.
pub fn certificate_number(number: &str) -> String {
    replace_embedded(number, &|found| match found.chars().count() {
        18 => pattern(found, SHOWN_TAIL),
        // The last of the eighteen characters is computed; fifteen have none.
        15 => pattern(found, SHOWN_TAIL - 1),
        _ => stars(found.chars().count()),
    })
}

/// Free text with every ID number in it and every mobile number hidden.
pub fn text(text: &str) -> String {
    super::contact::hide_mobile_numbers(&withheld(text))
}

/// A text with every ID number in it hidden to the last character.
pub(super) fn withheld(text: &str) -> String {
    replace_embedded(text, &|found| stars(found.chars().count()))
}

/// `110***********002X`
pub(super) fn pattern(id: &str, tail: usize) -> String {
    let characters: Vec<char> = id.chars().collect();
    let hidden = characters.len().saturating_sub(SHOWN_HEAD + tail);
    let head: String = characters.iter().take(SHOWN_HEAD).collect();
    let end: String = characters.iter().skip(SHOWN_HEAD + hidden).collect();
    format!("{head}{}{end}", stars(hidden))
}

/// The ID numbers that the detector finds in a text, wherever they stand.
pub(super) fn embedded(text: &str) -> Vec<&str> {
    match embeds_id(text) {
        Some(found) => {
            let mut ids = embedded(&text[..found.start]);
            ids.push(&text[found.clone()]);
            ids.extend(embedded(&text[found.end..]));
            ids
        }
        None => Vec::new(),
    }
}

fn replace_embedded(text: &str, mask: &dyn Fn(&str) -> String) -> String {
    let Some(found) = embeds_id(text) else { return text.to_owned() };
    let run = digits_around(text, found.clone());
    // More digits around it leave open where the ID number begins, and so what the ends give away.
    let shown = if run == found { mask(&text[found]) } else { stars(text[run.clone()].chars().count()) };
    let (before, after) = (&text[..run.start], &text[run.end..]);
    format!("{}{shown}{}", replace_embedded(before, mask), replace_embedded(after, mask))
}

/// The range widened by the digits and check letters that touch it.
fn digits_around(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let part_of_number = |c: &char| c.is_numeric() || matches!(c, 'x' | 'X' | '×' | '*');
    let before: usize =
        text[..range.start].chars().rev().take_while(part_of_number).map(char::len_utf8).sum();
    let after: usize = text[range.end..].chars().take_while(part_of_number).map(char::len_utf8).sum();
    range.start - before..range.end + after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::citizen_id::check_character;
    use proptest::prelude::*;

    #[test]
    fn what_is_an_id_number_is_masked_and_nothing_else() {
        let cases = [
            ("T11010519491231002X", "T110***********002X"),
            ("11010519491231002X", "110***********002X"),
            ("T110105491231002", "T110*********002"),
            ("京建安C1(2015)0000001", "京建安C1(2015)0000001"),
            ("A11010519491231002X/B11010519491231002X", "A110***********002X/B110***********002X"),
            ("TS202311010519491231002X01", "TS************************"),
            ("", ""),
        ];
        for (number, expected) in cases {
            assert_eq!(certificate_number(number), expected);
        }
        assert_eq!(
            text("身份证11010519491231002X，电话13800138000"),
            "身份证******************，电话***********"
        );
    }

    proptest! {
        #[test]
        fn only_the_ends_of_an_id_number_survive(
            before in "[A-W京]{0,4}", region in "[1-6][0-9]{5}", year in 1940u32..2008,
            day in "(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])", order in "[0-9]{3}", after in "(|[-/（].{0,6})",
        ) {
            let seventeen = format!("{region}{year}{day}{order}");
            let id = format!("{seventeen}{}", check_character(&seventeen).unwrap());
            let shown = certificate_number(&format!("{before}{id}{after}"));
            prop_assert_eq!(shown, format!("{before}{}***********{}{after}", &id[..3], &id[14..]));
        }

        #[test]
        fn masking_leaves_nothing_to_mask(number in "[A-Z0-9X京()-]{0,45}") {
            let shown = certificate_number(&number);
            prop_assert_eq!(crate::number::embeds_id(&shown), None);
            prop_assert_eq!(certificate_number(&shown), shown);
        }
    }
}
