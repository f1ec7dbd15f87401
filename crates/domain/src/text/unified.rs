use std::{collections::HashMap, sync::LazyLock};

/// Each line holds the simplified form, then the forms that are read as it. Taken from the OpenCC
/// dictionaries, character by character, without the characters of GB 2312: those are standard
/// themselves (乾 stays 乾 in a name, though it can be the traditional form of 干).
///
/// It is a file and not a call to the library so that an update of the library cannot change what
/// is in the search index.
const TABLE: &str = include_str!("unified_forms.txt");

/// Traditional, Japanese and variant forms to the simplified form.
pub(super) fn unify(c: char) -> char {
    static FORMS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let lines = TABLE.lines().filter_map(|line| {
            let mut forms = line.chars();
            let simplified = forms.next()?;
            Some(forms.map(move |form| (form, simplified)))
        });
        lines.flatten().collect()
    });
    // Everything below CJK Extension A is its own form.
    if c < '\u{3400}' { c } else { FORMS.get(&c).copied().unwrap_or(c) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrous_opencc::{OpenCC, config::BuiltinConfig};

    #[test]
    fn a_simplified_form_is_nobodys_variant() {
        for simplified in TABLE.lines().filter_map(|line| line.chars().next()) {
            assert_eq!(unify(simplified), simplified);
        }
    }

    #[test]
    fn forms_agree_with_opencc() {
        let opencc = OpenCC::from_config(BuiltinConfig::T2s).unwrap();
        let forms = TABLE.lines().flat_map(|line| line.chars().skip(1));
        // Japanese forms are unknown to this direction of OpenCC and come back as they are.
        for form in forms {
            let converted = opencc.convert(&form.to_string());
            if converted != form.to_string() {
                assert_eq!(converted.chars().map(unify).collect::<String>(), unify(form).to_string());
            }
        }
        assert_eq!("張偉沢桜竜髙乾芸".chars().map(unify).collect::<String>(), "张伟泽樱龙高乾芸");
    }
}
