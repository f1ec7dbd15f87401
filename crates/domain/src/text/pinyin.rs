use super::{
    is_han,
    person::{search_name, search_words},
};
use ::pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

/// No name has more readings than this in an index: each of them is a term.
const MAX_READINGS: usize = 6;

/// Compound surnames whose reading differs from that of their characters.
const COMPOUND_SURNAMES: [(&str, &[&str]); 7] = [
    ("尉迟", &["yu", "chi"]),
    ("万俟", &["mo", "qi"]),
    ("长孙", &["zhang", "sun"]),
    ("单于", &["chan", "yu"]),
    ("澹台", &["tan", "tai"]),
    ("宰父", &["zai", "fu"]),
    ("令狐", &["ling", "hu"]),
];

/// Surnames that are read otherwise than the same character elsewhere.
const SURNAMES: &[(char, &str)] = &[
    ('单', "shan"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('查', "zha"),
    ('盖', "ge"),
    ('朴', "piao"),
    ('区', "ou"),
    ('任', "ren"),
    ('华', "hua"),
    ('秘', "bi"),
    ('翟', "zhai"),
    ('覃', "qin"),
    ('缪', "miao"),
    ('召', "shao"),
    ('尉', "wei"),
    ('乐', "yue"),
    ('员', "yun"),
    ('幺', "yao"),
    ('黑', "he"),
    ('折', "she"),
    ('句', "gou"),
    ('种', "chong"),
    ('纪', "ji"),
    ('葛', "ge"),
    ('车', "che"),
    ('宁', "ning"),
    ('燕', "yan"),
    ('祭', "zhai"),
    ('曲', "qu"),
    ('粘', "nian"),
    ('藏', "zang"),
    ('谌', "chen"),
    ('隗', "kui"),
    ('洗', "xian"),
    ('冼', "xian"),
    ('繁', "po"),
    ('那', "na"),
    ('贾', "jia"),
    ('卜', "bu"),
    ('过', "guo"),
    ('都', "du"),
    ('能', "nai"),
    ('宓', "mi"),
    ('便', "pian"),
    ('角', "jue"),
    ('盛', "sheng"),
    ('石', "shi"),
    ('薄', "bo"),
    ('柏', "bai"),
    ('应', "ying"),
    ('莘', "shen"),
    ('牟', "mou"),
    ('沈', "shen"),
    ('阚', "kan"),
    ('逄', "pang"),
    ('邵', "shao"),
    ('晁', "chao"),
    ('佴', "nai"),
    ('郗', "xi"),
    ('訾', "zi"),
    ('闫', "yan"),
];

/// Characters of names with more than one reading in use, the usual one first.
const POLYPHONES: &[(char, &[&str])] = &[
    ('乐', &["le", "yue"]),
    ('行', &["xing", "hang"]),
    ('长', &["chang", "zhang"]),
    ('朝', &["chao", "zhao"]),
    ('重', &["zhong", "chong"]),
    ('盛', &["sheng", "cheng"]),
    ('曾', &["zeng", "ceng"]),
    ('晟', &["sheng", "cheng"]),
    ('茜', &["qian", "xi"]),
    ('莘', &["xin", "shen"]),
    ('柏', &["bai", "bo"]),
    ('娜', &["na", "nuo"]),
    ('盖', &["gai", "ge"]),
    ('单', &["dan", "shan"]),
    ('解', &["jie", "xie"]),
    ('仇', &["qiu", "chou"]),
    ('查', &["cha", "zha"]),
    ('朴', &["pu", "piao"]),
    ('区', &["qu", "ou"]),
    ('覃', &["qin", "tan"]),
    ('缪', &["miao", "mou"]),
    ('牟', &["mou", "mu"]),
    ('隗', &["kui", "wei"]),
    ('郗', &["xi", "chi"]),
    ('翟', &["zhai", "di"]),
    ('石', &["shi", "dan"]),
    ('参', &["can", "shen"]),
    ('车', &["che", "ju"]),
    ('宓', &["mi", "fu"]),
    ('召', &["zhao", "shao"]),
    ('番', &["fan", "pan"]),
    ('藏', &["cang", "zang"]),
    ('阿', &["a", "e"]),
    ('率', &["lv", "shuai"]),
    ('亲', &["qin", "qing"]),
    ('调', &["tiao", "diao"]),
    ('传', &["chuan", "zhuan"]),
    ('适', &["shi", "kuo"]),
    ('还', &["huan", "hai"]),
    ('颉', &["jie", "xie"]),
    ('炅', &["jiong", "gui"]),
    ('贲', &["ben", "bi"]),
    ('枞', &["cong", "zong"]),
    ('栖', &["qi", "xi"]),
    ('澄', &["cheng", "deng"]),
    ('奇', &["qi", "ji"]),
    ('强', &["qiang", "jiang"]),
    ('蕃', &["fan", "bo"]),
    ('万', &["wan", "mo"]),
    ('殷', &["yin", "yan"]),
    ('骑', &["qi", "ji"]),
    ('提', &["ti", "di"]),
    ('什', &["shi", "shen"]),
    ('蔚', &["wei", "yu"]),
    ('尉', &["wei", "yu"]),
];

/// The ways a name can be written in pinyin, without spaces and tones, in the spelling of
/// [`pinyin_key`]; the usual one first, at most six. Where one holds `ü`, the same with `u` comes
/// last: that is what many type. Latin letters stay, characters without a reading are left out.
pub fn pinyin_full(name: &str) -> Vec<String> {
    let mut spelled = distinct(name, |syllables| one_spelling(&syllables.concat()));
    let plain = distinct(name, |syllables| {
        one_spelling(&syllables.iter().map(|syllable| plain_u(syllable)).collect::<String>())
    });
    for reading in plain {
        if !spelled.contains(&reading) {
            spelled.push(reading);
        }
    }
    spelled
}

fn plain_u(syllable: &str) -> &str {
    match syllable {
        "lv" => "lu",
        "nv" => "nu",
        _ => syllable,
    }
}

/// The initials of each way of reading: `zw` for 张伟, `js` for John Smith.
pub fn pinyin_initials(name: &str) -> Vec<String> {
    let initial = |syllable: &String| syllable.chars().next();
    distinct(name, |syllables| one_spelling(&syllables.iter().filter_map(initial).collect::<String>()))
}

/// Pinyin as people type it, brought into the spelling of [`pinyin_full`]: `Lü Wei`, `lyu wei`,
/// `LV'WEI`, `lǚ wěi` and `lü3 wei3` are `lvwei`.
pub fn pinyin_key(text: &str) -> String {
    one_spelling(&search_name(text))
}

/// `ü` is typed `ü`, `v` or `yu`, and `üe` also `ue`. Nobody marks where a syllable ends, so that the
/// letters can stand across two of them (`xin yu`): what is stored and what is typed are therefore
/// both spelled anew as a whole.
fn one_spelling(letters: &str) -> String {
    let toneless: String = letters.nfd().filter(|c| !is_tone(*c)).nfc().collect();
    let letters = toneless.replace('ü', "v").replace("lyu", "lv").replace("nyu", "nv");
    letters.replace("lve", "lue").replace("nve", "nue")
}

/// The marks of the four tones, with the breve that stands in for the third, and the digits that
/// are typed for them behind a syllable; five is no tone.
fn is_tone(c: char) -> bool {
    matches!(c, '\u{0300}' | '\u{0301}' | '\u{0304}' | '\u{0306}' | '\u{030C}' | '1'..='5')
}

fn distinct(name: &str, spell: impl Fn(&[String]) -> String) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for reading in readings(name) {
        let text = spell(&reading);
        if !text.is_empty() && !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

/// The readings of a name as syllables. The usual one comes first, then those that differ from it
/// in one character: nobody types two unusual readings at once.
fn readings(name: &str) -> Vec<Vec<String>> {
    let mut syllables = syllables(name);
    syllables.retain(|options| !options.is_empty());
    let usual: Vec<String> = syllables.iter().map(|options| options[0].clone()).collect();
    let unusual = syllables.iter().enumerate().flat_map(|(at, options)| {
        let usual = &usual;
        options[1..].iter().map(move |other| {
            let mut reading = usual.clone();
            reading[at].clone_from(other);
            reading
        })
    });
    std::iter::once(usual.clone()).chain(unusual).take(MAX_READINGS).collect()
}

/// The readings of each part of a name: one of its Chinese characters or one of its Latin words.
fn syllables(name: &str) -> Vec<Vec<String>> {
    let parts = parts(name);
    let whole = parts.concat();
    let compound = COMPOUND_SURNAMES.iter().find(|(surname, _)| whole.starts_with(surname));
    let surname = compound.map_or(&[][..], |(_, reading)| reading);
    let given = parts.iter().enumerate().skip(surname.len());
    let given = given.map(|(at, part)| readings_of(part, at == 0));
    surname.iter().map(|syllable| vec![(*syllable).to_owned()]).chain(given).collect()
}

fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in search_words(name) {
        let mut after_latin = false;
        for c in word.chars() {
            match parts.last_mut() {
                Some(part) if after_latin && !is_han(c) => part.push(c),
                _ => parts.push(c.to_string()),
            }
            after_latin = !is_han(c);
        }
    }
    parts
}

fn readings_of(part: &str, is_surname: bool) -> Vec<String> {
    let Some(c) = part.chars().next().filter(|c| is_han(*c)) else {
        let word: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
        return if word.is_empty() { Vec::new() } else { vec![word] };
    };
    let as_surname =
        SURNAMES.iter().find(|(surname, _)| is_surname && *surname == c).map(|(_, reading)| *reading);
    let listed = POLYPHONES.iter().find(|(character, _)| *character == c);
    let mut options: Vec<String> = as_surname.map(str::to_owned).into_iter().collect();
    let usual: Vec<String> = match listed {
        Some((_, readings)) => readings.iter().map(|reading| (*reading).to_owned()).collect(),
        None if as_surname.is_some() => Vec::new(),
        None => c.to_pinyin().map(|reading| one_spelling(reading.plain())).into_iter().collect(),
    };
    options.extend(usual.into_iter().filter(|reading| as_surname != Some(reading.as_str())));
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn surnames_have_their_own_readings() {
        let cases = [
            ("张伟", "zhangwei"),
            ("张三丰", "zhangsanfeng"),
            ("单雄信", "shanxiongxin"),
            ("曾国强", "zengguoqiang"),
            ("仇英", "qiuying"),
            ("解缙", "xiejin"),
            ("查良镛", "zhaliangyong"),
            ("尉迟恭", "yuchigong"),
            ("万俟卨", "moqixie"),
            ("吕布", "lvbu"),
            ("呂布", "lvbu"),
            ("買買提·艾力", "maimaitiaili"),
            ("John Smith", "johnsmith"),
        ];
        for (name, pinyin) in cases {
            assert_eq!(pinyin_full(name).first().map(String::as_str), Some(pinyin), "{name}");
        }
        assert_eq!(pinyin_initials("张伟"), ["zw"]);
        assert_eq!(pinyin_initials("John  Smith"), ["js"]);
        assert_eq!(pinyin_initials("Jean-Luc O'Brien"), ["jlo"]);
        assert_eq!(pinyin_initials("买买提·艾力"), ["mmtal", "mmdal"]);
        assert_eq!(pinyin_initials("单雄信"), ["sxx", "dxx"]);
    }

    #[test]
    fn characters_with_two_readings_are_found_by_both() {
        let readings = pinyin_full("王乐");
        assert_eq!(readings, ["wangle", "wangyue"]);
        assert!(pinyin_full("乐嘉行长朝重").len() <= MAX_READINGS);
    }

    #[test]
    fn rare_characters_have_a_reading() {
        for (name, pinyin) in [("李𬭎", "lihong"), ("王㛃", "wangjie"), ("龚䶮", "gongyan")] {
            assert_eq!(pinyin_full(name), [pinyin]);
        }
    }

    #[test]
    fn a_name_without_any_reading_has_none() {
        assert_eq!(pinyin_full("□"), Vec::<String>::new());
        assert_eq!(pinyin_full(""), Vec::<String>::new());
    }

    #[test]
    fn typed_pinyin_meets_the_stored_one() {
        for typed in ["Lü Wei", "LV WEI", "lyu wei", "lv'wei", "lǚ wěi", "lv3wei3", "lü3 wei3", "LǙ WĚI"]
        {
            assert_eq!(pinyin_key(typed), "lvwei", "{typed}");
        }
        for name in ["吕伟", "女英", "略明", "绿", "吕恩"] {
            for reading in pinyin_full(name) {
                assert_eq!(pinyin_key(&reading), reading);
            }
        }
    }

    #[test]
    fn names_are_found_with_and_without_their_marks() {
        for (name, typed) in [
            ("张伟", "zhāng wěi"),
            ("张伟", "zhang1 wei3"),
            ("张伟", "zha\u{0304}ng we\u{030C}i"),
            ("吕布", "lǚ bù"),
            ("吕布", "lubu"),
            ("卢布", "lubu"),
            ("María García", "maria garcia"),
            ("Maria Garcia", "MARÍA GARCÍA"),
        ] {
            assert!(pinyin_full(name).contains(&pinyin_key(typed)), "{name} {typed}");
        }
        assert!(!pinyin_full("卢布").contains(&pinyin_key("lǚ bù")));
        assert_eq!(pinyin_full("吕布"), ["lvbu", "lubu"]);
    }

    #[test]
    fn a_syllable_that_begins_with_yu_is_found_after_one_that_ends_in_n() {
        for (name, typed) in [
            ("杨鑫宇", "yang xin yu"),
            ("林宇", "linyu"),
            ("陈玉思", "chenyusi"),
            ("孙雨", "Sun Yu"),
            ("潘玉永", "panyuyong"),
            ("陈月", "chen yue"),
            ("孙元", "sunyuan"),
            ("韩云", "hanyun"),
            ("吕恩", "lven"),
            ("吕恩", "lyu en"),
            ("吕恩", "Lü En"),
        ] {
            assert!(pinyin_full(name).contains(&pinyin_key(typed)), "{name} {typed}");
        }
    }

    /// Characters of names, with those whose syllables run into one another.
    const CHARACTERS: &str = "王李张刘陈杨吕女绿律略虐宇雨玉育月越元远圆云允恩安鑫林孙潘韩文军敏国建华\
                              乐单曾仇盖柏娜莘茜那宁燕能鲁卢努娄龙伟强磊洋艳勇娟涛超霞平刚桂英";

    /// The spellings of a syllable that people type.
    fn typed_syllable(syllable: &str, variant: usize, tone: usize) -> String {
        let umlaut = match syllable {
            "lv" | "nv" => syllable.to_owned(),
            "lue" | "nue" => syllable.replace('u', "v"),
            _ => return with_tone(syllable, tone),
        };
        let spelled = match variant {
            0 => umlaut,
            1 => umlaut.replace('v', "ü"),
            2 => umlaut.replace('v', "yu"),
            3 => umlaut.replace('v', "u"),
            _ => syllable.to_owned(),
        };
        with_tone(&spelled, tone)
    }

    /// Without a tone, with one of four marks over a vowel, or with one of five digits at the end.
    fn with_tone(syllable: &str, tone: usize) -> String {
        let vowel = syllable.find(['a', 'e', 'i', 'o', 'u', 'ü']);
        match (tone, vowel) {
            (1..=4, Some(at)) => {
                let (before, rest) = syllable.split_at(at);
                let vowel = rest.chars().next().unwrap();
                let mark = ['\u{0304}', '\u{0301}', '\u{030C}', '\u{0300}'][tone - 1];
                format!("{before}{vowel}{mark}{}", &rest[vowel.len_utf8()..]).nfc().collect()
            }
            (5..=9, _) => format!("{syllable}{}", tone - 4),
            _ => syllable.to_owned(),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_for_a_name_meets_a_stored_reading(
            picks in prop::collection::vec(0usize..1000, 2..4), variant in 0usize..5,
            tone in 0usize..10, separator in 0usize..4,
        ) {
            let characters: Vec<char> = CHARACTERS.chars().collect();
            let name: String = picks.iter().map(|pick| characters[pick % characters.len()]).collect();
            let stored = pinyin_full(&name);
            for reading in readings(&name) {
                let syllables: Vec<String> =
                    reading.iter().map(|syllable| typed_syllable(syllable, variant, tone)).collect();
                let typed = syllables.join(["", " ", "'", "-"][separator]);
                prop_assert!(stored.contains(&pinyin_key(&typed)), "{} {}", name, typed);
                prop_assert!(stored.contains(&pinyin_key(&typed.to_uppercase())), "{} {}", name, typed);
            }
        }
    }
}
