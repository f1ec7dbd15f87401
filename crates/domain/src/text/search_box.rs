use super::{comparison_key, is_han, search_name};
use crate::number::{certificate_number, citizen_id, embeds_id, uscc};

/// What a text in the one search box can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BoxKind {
    /// An ID number as a whole, complete and well formed or one digit off.
    IdNumber,
    /// A certificate number or the beginning of one.
    Number,
    /// A credit code (GB 32100).
    Uscc,
    /// A person's name.
    Name,
    /// Pinyin or initials of a name.
    PinyinLike,
    /// Part of an organisation's name.
    Organisation,
}

/// Words that tell an organisation from a person.
const ORGANISATION_WORDS: [&str; 14] = [
    "公司",
    "集团",
    "厂",
    "企业",
    "中心",
    "医院",
    "学校",
    "学院",
    "研究所",
    "事务所",
    "工程",
    "建设",
    "局",
    "矿",
];

/// A person's name is rarely longer than this many Chinese characters, unless it has a middle dot.
const LONGEST_NAME: usize = 4;

/// `zhuang`.
const LONGEST_SYLLABLE: usize = 6;

/// Tells what a text in the one search box can mean, likeliest first. Never empty.
pub fn classify_box(text: &str) -> Vec<BoxKind> {
    let number = certificate_number::normalise(text).number;
    if has_id_form(&number) {
        // Some types use the ID number as the certificate's number.
        return vec![BoxKind::IdNumber, BoxKind::Number];
    }
    if uscc::parse(text).is_ok() {
        return vec![BoxKind::Uscc, BoxKind::Number];
    }
    let key = comparison_key(text);
    let han = key.chars().filter(|&c| is_han(c)).count();
    if is_pinyin_with_tones(text) {
        return vec![BoxKind::PinyinLike, BoxKind::Number, BoxKind::Organisation];
    }
    let names_organisation = han > 2 && ORGANISATION_WORDS.iter().any(|word| key.contains(word));
    if key.contains(|c: char| c.is_ascii_digit()) {
        return if names_organisation {
            vec![BoxKind::Organisation, BoxKind::Number]
        } else {
            vec![BoxKind::Number, BoxKind::Organisation]
        };
    }
    if han == 0 {
        return vec![BoxKind::PinyinLike, BoxKind::Name, BoxKind::Number, BoxKind::Organisation];
    }
    let dotted = key.contains(['·', '•', '・', '.']);
    let name_first = dotted || (han <= LONGEST_NAME && !names_organisation);
    if name_first {
        vec![BoxKind::Name, BoxKind::Organisation]
    } else {
        vec![BoxKind::Organisation, BoxKind::Name]
    }
}

/// Syllables with the digits of their tones behind them: `zhang1 wei3`.
fn is_pinyin_with_tones(text: &str) -> bool {
    let key = search_name(text);
    let mut syllables = key.split_inclusive(|c: char| c.is_ascii_digit());
    key.ends_with(|c: char| c.is_ascii_digit())
        && syllables.all(|syllable| {
            let letters = &syllable[..syllable.len() - 1];
            (1..=LONGEST_SYLLABLE).contains(&letters.chars().count())
                && letters.chars().all(|c| c.is_ascii_lowercase() || c == 'ü')
                && syllable.ends_with(['1', '2', '3', '4', '5'])
        })
}

/// Is this text as a whole an ID number, or meant as one? Such a text never goes into a URL.
pub fn is_id_number(text: &str) -> bool {
    let number = certificate_number::normalise(text).number;
    has_id_form(&number) || embeds_id(&number).is_some()
}

/// Eighteen characters with a wrong check character count too: they are an ID number mistyped.
fn has_id_form(number: &str) -> bool {
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    match number.len() {
        18 => digits == 18 && is_plausible(number) || digits == 17 && number.ends_with('X'),
        15 => embeds_id(number).is_some_and(|range| range.len() == 15),
        _ => false,
    }
}

fn is_plausible(number: &str) -> bool {
    citizen_id::has_right_check(number) || matches!(&number[6..8], "19" | "20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_guess_is_what_people_mean() {
        let cases = [
            ("11010519491231002X", BoxKind::IdNumber),
            ("110105194912310021", BoxKind::IdNumber),
            ("１１０１０５１９４９１２３１００２x", BoxKind::IdNumber),
            ("110105491231002", BoxKind::IdNumber),
            ("T11010519491231002X", BoxKind::Number),
            ("京建安C1(2015)0000001", BoxKind::Number),
            ("京建安C1", BoxKind::Number),
            ("晋A0120", BoxKind::Number),
            ("91110000600037341L", BoxKind::Uscc),
            ("张伟", BoxKind::Name),
            ("買買提·艾力", BoxKind::Name),
            ("欧阳娜娜", BoxKind::Name),
            ("zw", BoxKind::PinyinLike),
            ("Zhang Wei", BoxKind::PinyinLike),
            ("zhāng wěi", BoxKind::PinyinLike),
            ("zhang1 wei3", BoxKind::PinyinLike),
            ("lü3bu4", BoxKind::PinyinLike),
            ("AQ12345", BoxKind::Number),
            ("江南机械", BoxKind::Name),
            ("江南机械厂", BoxKind::Organisation),
            ("江南机械有限公司", BoxKind::Organisation),
            ("中铁十二局第3公司", BoxKind::Organisation),
        ];
        for (text, kind) in cases {
            assert_eq!(classify_box(text)[0], kind, "{text}");
        }
        assert!(classify_box("江南机械").contains(&BoxKind::Organisation));
    }

    #[test]
    fn an_id_number_is_noticed_however_it_is_written() {
        for text in ["11010519491231002X", "110105 19491231 002x", "T11010519491231002X", "110105491231002"] {
            assert!(is_id_number(text), "{text}");
        }
        for text in ["张伟", "京建安C1(2015)0000001", "zhangwei", "91110000600037341L"] {
            assert!(!is_id_number(text), "{text}");
        }
    }
}
