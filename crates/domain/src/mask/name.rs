use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// Surnames of more than one character, in today's and in traditional writing.
static COMPOUND_SURNAMES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("compound_surnames.txt").split_whitespace().collect());

/// The surname alone: `张*`, `张**` for three characters and more, `欧阳*`; of a name of another
/// structure the first character: `阿**`, `J***`. How long the rest is stays hidden.
pub fn name(full: &str) -> String {
    let full = full.trim();
    let graphemes: Vec<&str> = full.graphemes(true).collect();
    let Some(first) = graphemes.first() else { return String::new() };
    if graphemes.len() == 1 {
        return "*".to_owned();
    }
    if !first.chars().next().is_some_and(is_han) {
        return format!("{first}***");
    }
    let surname = COMPOUND_SURNAMES.iter().find(|surname| {
        let length = surname.chars().count();
        // Two characters that look like a compound surname are a surname and a given name.
        full.starts_with(**surname) && (length + 1..=length + 2).contains(&graphemes.len())
    });
    match surname {
        Some(surname) => masked(surname, graphemes.len() - surname.chars().count()),
        None => masked(first, graphemes.len() - 1),
    }
}

fn masked(surname: &str, given: usize) -> String {
    format!("{surname}{}", super::stars(given.min(2)))
}

/// Han characters of the planes in use, radicals and compatibility forms included.
fn is_han(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2FDF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '\u{3005}' | '\u{3007}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_surname_is_left() {
        let cases = [
            ("张三", "张*"),
            ("张三丰", "张**"),
            ("欧阳修", "欧阳*"),
            ("欧阳文忠", "欧阳**"),
            ("歐陽修", "歐陽*"),
            ("欧阳", "欧*"),
            ("阿卜杜拉·买买提", "阿**"),
            ("爱新觉罗·溥仪", "爱**"),
            ("扎西顿珠", "扎**"),
            ("John Smith", "J***"),
            ("Ö", "*"),
            ("Ng", "N***"),
            ("山田太郎", "山**"),
            ("䶮三", "䶮*"),
            ("𬭎明亮", "𬭎**"),
            ("葛\u{E0100}明", "葛\u{E0100}*"),
            ("张", "*"),
            ("  李四 ", "李*"),
            ("", ""),
        ];
        for (full, expected) in cases {
            assert_eq!(name(full), expected, "{full}");
        }
    }

    proptest! {
        #[test]
        fn no_character_of_the_given_name_is_left(surname in "[\u{4E00}-\u{4FFF}]", given in "[\u{6000}-\u{7FFF}]{1,4}") {
            let shown = name(&format!("{surname}{given}"));
            prop_assert!(shown.starts_with(&surname));
            prop_assert!(!given.chars().any(|c| shown.contains(c)));
        }

        #[test]
        fn any_text_is_masked(text in "\\PC{0,20}") {
            let shown = name(&text);
            prop_assert!(text.trim().is_empty() || shown.contains('*'));
            prop_assert!(shown.graphemes(true).count() <= 6);
        }
    }
}
